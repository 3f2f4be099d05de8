"""The floor with letters: the same bare workflow, whose letters are the product's own, printed, delivered and recorded.

What is left between it and a complaint is the complaint itself: its rules, its journal, its record in the register.
`python -m tests.benchmarks.lettered ADDRESS QUEUE FOLDER` runs its worker, on a register and an outbox of its own.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.firm.load import FirmFile
from activities.notify.activity import Notifier
from activities.notify.deliver import Deliveries
from activities.notify.outbox import Outbox
from activities.register.ledger import Ledger
from starter.letters.samples import sample
from tests.benchmarks.floor import CACHED, Floor, look_up
from worker.hosting import open_register
from worker.settings import Settings
from workflows.messages import NotifyRequest
from workflows.procedure.vocabulary import Channel, Language, LetterKind

_THREADS = 4  # as the product's worker


class Letters:
    """Sends the sample of each kind of letter, under the workflow's own reference."""

    def __init__(self, folder: Path) -> None:
        """Wire the product's letters in `folder`."""
        settings = Settings(data_dir=folder)
        self._firm, outbox = FirmFile(settings.firm_file), Outbox(settings.outbox)
        deliveries = Deliveries(Ledger(open_register(settings)), outbox, outbox)
        self._notifier = Notifier(self._firm, deliveries, outbox, ThreadPoolExecutor(_THREADS), settings.templates)

    @activity.defn
    async def letter(self, what: str) -> str:
        """Send one."""
        info = activity.info()
        order = sample(LetterKind(what), Language.FR, Channel.EMAIL, self._firm()).order
        reference = info.workflow_id or ""
        facts = order.facts.model_copy(update={"reference": reference})
        order = order.model_copy(update={"letter_id": f"{reference}/1/{what}/{info.activity_id}", "facts": facts})
        request = NotifyRequest(reference=reference, contact=order.contact, letters=[order], notices=[])
        return (await self._notifier.notify(request)).letters[0].status


async def main(address: str, queue: str, folder: str) -> None:
    """Work until killed."""
    client = await Client.connect(address)
    await Worker(
        client,
        task_queue=queue,
        workflows=[Floor],
        activities=[look_up, Letters(Path(folder)).letter],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED,
    ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
