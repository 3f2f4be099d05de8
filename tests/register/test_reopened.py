"""What Temporal has forgotten is reopened from the register, on a real server that forgets at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.client import AlreadyOpen, ComplaintError, Complaints, NoSuchComplaint, new_reference
from starter.figures.lines import line_of
from starter.register.temporal import last_state
from tests.register import lives
from worker.conversion import data_converter
from worker.embedded import temporal_binary
from worker.hosting import build_worker
from worker.settings import Settings
from workflows import search_attributes
from workflows.procedure.dossier import Carried

QUEUE = "reopened"
AT_ONCE = (
    # As shipped, the server makes sure for half a minute that everything else of a complaint is done.
    "history.transferProcessorEnsureCloseBeforeDelete=false",
    "history.visibilityProcessorEnsureCloseBeforeDelete=false",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("firm"), task_queue=QUEUE, durable=False)
    async with (
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=temporal_binary(),
            dev_server_log_level="error",
            search_attributes=list(search_attributes.ALL),
            data_converter=data_converter,
            dev_server_extra_args=[word for value in AT_ONCE for word in ("--dynamic-config-value", value)],
        ) as environment,
        build_worker(environment.client, settings),
    ):
        yield environment.client


def complaint() -> dict[str, Any]:
    return {
        "received_at": datetime.now(UTC).isoformat(),
        "channel": "email",
        "received_by": "broker",
        "insurer": "assureur-exemple",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
        "summary": "Indemnité vol refusée",
    }


@dataclass
class Forgotten:
    """A complaint that was withdrawn, and that Temporal has forgotten since; the register has not."""

    reference: str
    entries: list[str]
    complaints: Complaints


@pytest_asyncio.fixture(loop_scope="session")
async def forgotten(client: Client, dossiers: Dossiers) -> Forgotten:
    complaints = Complaints(client, QUEUE, memory=dossiers.carried)
    reference = await complaints.open(complaint())
    await complaints.submit(reference, "withdrawn", {})
    await complaints.handle(reference).result()
    carried = await last_state(client, reference)
    assert carried is not None
    dossiers.record(carried)
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=reference)
        )
    )
    for _ in range(600):
        try:
            await complaints.handle(reference).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Forgotten(reference, [entry.id for entry in carried.journal], complaints)
            raise
        await asyncio.sleep(0.05)
    raise AssertionError("the server keeps it")


async def test_an_event_reopens_it_where_it_stood(forgotten: Forgotten) -> None:
    receipt = await forgotten.complaints.submit(forgotten.reference, "summons_served", {"addressed_to": "broker"})
    assert (receipt["level"], receipt["stage"]) == ("4", "litigation")
    journal = (await forgotten.complaints.dossier(forgotten.reference))["journal"]
    assert [entry["id"] for entry in journal[: len(forgotten.entries)]] == forgotten.entries
    assert await forgotten.complaints.submit(forgotten.reference, "note_added", {"text": "Dossier rouvert"})


async def test_what_it_came_from_is_said_years_later_and_leaves_it_closed(forgotten: Forgotten) -> None:
    said = {"cause": "delay", "root_cause": "Un seul gestionnaire"}
    receipt = await forgotten.complaints.submit(forgotten.reference, "complaint_classified", said)
    assert receipt["stage"] == "closed"
    closed = await forgotten.complaints.handle(forgotten.reference).result()
    assert (closed["stage"], closed["closed_by"], closed["classification"]["cause"]) == ("closed", "withdrawn", "delay")
    carried = Carried.model_validate(
        {"reference": forgotten.reference, "journal": closed["journal"], "procedures": closed["procedures"]}
    )
    assert (line_of(carried).cause, line_of(carried).root_cause) == ("delay", "Un seul gestionnaire")


async def test_of_two_events_that_find_it_forgotten_neither_is_lost(
    client: Client, forgotten: Forgotten, dossiers: Dossiers
) -> None:
    """A note does not keep it open: it is closed again when the second event, with the same memory, comes to it."""
    loop = asyncio.get_running_loop()

    def remembers_while_another_is_quicker(reference: str) -> Carried | None:
        carried = dossiers.carried(reference)
        first = forgotten.complaints.submit(reference, "note_added", {"id": "first", "text": "Un appel"})
        asyncio.run_coroutine_threadsafe(first, loop).result()
        asyncio.run_coroutine_threadsafe(forgotten.complaints.handle(reference).result(), loop).result()
        return carried

    complaints = Complaints(client, QUEUE, memory=remembers_while_another_is_quicker)
    await complaints.submit(forgotten.reference, "summons_served", {"id": "second", "addressed_to": "broker"})
    journal = (await complaints.dossier(forgotten.reference))["journal"]
    assert [entry["id"] for entry in journal][: len(forgotten.entries)] == forgotten.entries
    assert [entry["id"] for entry in journal if entry["id"] in ("first", "second")] == ["first", "second"]


async def test_its_reference_is_not_given_away(forgotten: Forgotten) -> None:
    with pytest.raises(AlreadyOpen, match="exists already"):
        await forgotten.complaints.open(complaint(), forgotten.reference)


async def test_a_new_reference_is_none_that_only_the_register_remembers(
    forgotten: Forgotten, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = new_reference(date(2026, 11, 26))
    made = iter([forgotten.reference, free])
    monkeypatch.setattr("starter.client.new_reference", lambda _: next(made))
    assert await forgotten.complaints.open(complaint()) == free


async def test_a_register_that_is_away_holds_up_no_opening_under_a_new_reference(client: Client) -> None:
    def away(reference: str) -> Carried | None:
        raise OperationalError("SELECT", None, Exception("away"))

    complaints = Complaints(client, QUEUE, memory=away)
    reference = await complaints.open(complaint())
    assert await complaints.submit(reference, "note_added", {"text": "n"})
    with pytest.raises(OperationalError):
        await complaints.open(complaint(), "REC-CHOSEN")


async def test_without_the_register_it_is_unknown(client: Client, forgotten: Forgotten) -> None:
    with pytest.raises(NoSuchComplaint):
        await Complaints(client, QUEUE).submit(forgotten.reference, "summons_served", {"addressed_to": "broker"})


async def test_what_the_register_holds_as_open_is_not_started_a_second_time(client: Client, register: Register) -> None:
    dossiers, opened = Dossiers(register), lives.renamed(lives.ordinary()[0], "REC-ELSEWHERE")
    dossiers.record(opened)
    complaints = Complaints(client, QUEUE, memory=dossiers.carried)
    with pytest.raises(ComplaintError, match="is this the right namespace"):
        await complaints.submit(opened.reference, "note_added", {"text": "n"})
    with pytest.raises(NoSuchComplaint):
        await complaints.submit("REC-NOWHERE", "note_added", {"text": "n"})
