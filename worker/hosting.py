"""The worker: hosts the workflow and its activities, wired to the firm's file and the outbox."""

import asyncio
import signal
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.assign.absences import reassignments
from activities.assign.activity import Assigner
from activities.assign.workload import Workload
from activities.escalate.activity import Escalator
from activities.escalate.keys import PartnerKeys
from activities.escalate.webhook import Webhooks
from activities.firm.load import FirmFile
from activities.firm.people import Person, on_duty
from activities.firm.schema import Firm
from activities.morning.activity import Mornings
from activities.morning.reading import Reading
from activities.morning.reassigning import Reassigner
from activities.notify.activity import Notifier
from activities.notify.carrier import Carrier
from activities.notify.deliver import Deliveries
from activities.notify.outbox import Outbox
from activities.notify.sendgrid import SendGrid
from activities.pin import ProcedurePinner
from activities.register.activity import Recorder
from activities.register.assignments import Assignments
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.encryption_keys import EncryptionKeys
from activities.register.ledger import Ledger
from activities.register.partner_calls import PartnerCalls
from activities.register.watch import Watch
from worker.conversion import key_ring
from worker.namespace import require_attributes
from worker.releases import deployment_config, patches_awake
from worker.settings import Settings
from workflows.complaint import Complaint
from workflows.morning import Morning
from workflows.procedure.vocabulary import Language

_AT_ONCE = 32
"""Letters of which a provider may be asked at the same time."""
_AT_A_DESK = 4
"""Threads that write letters into a folder: more of them only get in each other's way (docs/performance.md)."""
_RECORDED_AT_ONCE, _INTO_A_FILE = 8, 2


class HostedWorker(Worker):
    """A worker that gives back what it was wired with once it has stopped: connections of the register, threads."""

    def __init__(self, register: Register, threads: Sequence[Executor], client: Client, **wiring: Any) -> None:
        """Wire it as `temporalio.worker.Worker` is; `register` and `threads` are its own."""
        super().__init__(client, **wiring)
        self._register, self._threads = register, threads

    async def run(self) -> None:
        """Work until it is shut down."""
        try:
            await super().run()
        finally:
            for executor in self._threads:
                executor.shutdown(wait=False)
            self._register.close()


def build_worker(client: Client, settings: Settings, task_queue: str | None = None) -> Worker:
    """Wire a worker.

    Raises:
        FirmFileError: the firm's file is broken; the message names the place.
        RegisterNotReady: the register's address is none, or its tables are not those of this release.
        PartnerKeysError: a key that the firm's file names has no secret; the message names its id.
        KeyInUseError: a key that complaints were encrypted with is missing, or is another.

    """
    firm = FirmFile(settings.firm_file)
    register = open_register(settings)
    try:
        register.require_current()
        EncryptionKeys(register).take_up(key_ring(settings), datetime.now(UTC))
        webhooks = _webhooks(settings, register, firm())
    except BaseException:
        register.close()
        raise
    outbox = Outbox(settings.outbox, durable=settings.durable)
    carrier = _carrier(settings, outbox, firm().staff_language)
    deliveries = Deliveries(Ledger(register), carrier, outbox)
    # Apart: carriers that hang must not hold up the register.
    carrying = ThreadPoolExecutor(_AT_A_DESK if carrier is outbox else _AT_ONCE, thread_name_prefix="carrying")
    recorded_at_once = _INTO_A_FILE if register.is_sqlite else _RECORDED_AT_ONCE
    recording = ThreadPoolExecutor(recorded_at_once, thread_name_prefix="recording")
    assigning = ThreadPoolExecutor(1, thread_name_prefix="assigning")
    assignments = Assignments(register)
    mornings = Mornings(
        firm, Reading(client, Watch(register), recording), deliveries, carrying, on_duty=_on_duty, team_of=Firm.team_of
    )
    return HostedWorker(
        register,
        (carrying, recording, assigning),
        client,
        task_queue=task_queue or settings.task_queue,
        workflows=[Complaint, Morning],
        activities=[
            ProcedurePinner(firm).pin_procedure,
            Assigner(firm, assignments, Workload(client), assigning).assign_contact,
            Notifier(firm, deliveries, carrier, carrying, settings.templates).notify,
            Escalator(firm, carrier, carrying, webhooks, Dossiers(register).letters).escalate,
            Recorder(Dossiers(register), recording).record,
            Reassigner(client, firm, reassignments, assignments.open_of, recording).reassign_for_absences,
            mornings.office_day,
            mornings.who_reads,
            mornings.send_digest,
        ],
        deployment_config=deployment_config(settings),
        patch_activation_callback=patches_awake(settings.patches_asleep),
        workflow_runner=SandboxedWorkflowRunner() if settings.sandbox else UnsandboxedWorkflowRunner(),
        max_cached_workflows=settings.cached_workflows,
        max_concurrent_activities=_AT_ONCE,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_seconds),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_shutdown_seconds),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )


def _on_duty(firm: Firm, person: Person, on: date) -> Person | None:
    return on_duty(person, on, firm.people)


def open_register(settings: Settings) -> Register:
    """Reach the register; its file, when it is one of this machine, is brought up to date on the way.

    Raises:
        RegisterNotReady: its address is none.

    """
    register = Register(settings.register_address, durable=settings.durable)
    if register.is_sqlite:
        register.migrate()
    return register


def partner_keys(settings: Settings) -> PartnerKeys:
    """Take the secrets insurers sign with from the settings.

    Raises:
        PartnerKeysError: they cannot be read; the message names the setting or the key's id.

    """
    stated = settings.partner_secrets.get_secret_value() if settings.partner_secrets else None
    return PartnerKeys(stated, settings.partner_secrets_dir)


def _webhooks(settings: Settings, register: Register, firm: Firm) -> Webhooks | None:
    if not settings.partner_webhooks:
        return None
    keys = partner_keys(settings)
    keys.require(firm)
    return Webhooks(keys, PartnerCalls(register), settings.partner_timeout_seconds)


def _carrier(settings: Settings, outbox: Outbox, language: Language) -> Carrier:
    if settings.carrier == "outbox" or settings.sendgrid_api_key is None:
        return outbox
    return SendGrid(
        settings.sendgrid_api_key.get_secret_value(),
        host=settings.sendgrid_host,
        timeout=settings.sendgrid_timeout_seconds,
        sandbox=settings.sendgrid_sandbox,
        language=language,
    )


async def work_until_stopped(client: Client, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then let letters under way leave.

    Raises:
        NamespaceNotReady: a search attribute is missing.
        FirmFileError: the firm's file is broken.
        RegisterNotReady: the register's tables are not those of this release.
        PartnerKeysError: a key that the firm's file names has no secret.

    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    await require_attributes(client)
    worker = build_worker(client, settings)
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    # A fatal error of the worker ends it before anybody stops it, and must be seen.
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await worker.shutdown()
    stopping.cancel()
    await running
