"""A morning with two thousand complaints in one person's care: read page by page, told in one short message."""

import asyncio
import time as machine
import uuid
from collections.abc import Collection
from datetime import UTC, date, time
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.firm.load import load_firm
from activities.morning.activity import Mornings
from activities.morning.digest import MOST_LINES
from activities.morning.reading import Reading
from activities.notify.deliver import Deliveries
from activities.notify.outbox import Outbox
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from activities.register.watch import Watch
from tests.register.lives import renamed, state
from tests.rehearsal import CONTACTS, MONDAY, Rehearsal
from worker.settings import Settings
from workflows import search_attributes
from workflows.morning_messages import DigestRequest, DigestSent, Reader
from workflows.procedure.calendar import at_time
from workflows.procedure.waking import next_deadline

MANY = 2_000
_AT_ONCE, _PATIENCE = 50, 600.0
FIRM = load_firm(Settings().firm_file)

pytestmark = pytest.mark.slow


class Watched(Watch):
    """The register, with a note of how many states were asked for at once."""

    most_at_once = 0

    def views(self, references: Collection[str]) -> dict[str, dict[str, Any]]:
        self.most_at_once = max(self.most_at_once, len(references))
        return super().views(references)


async def test_two_thousand_are_read_page_by_page_and_told_in_one_short_message(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    contact = f"c-{uuid.uuid4().int % 10**9}"
    story = Rehearsal()
    carried = state(story).model_dump_json().replace(CONTACTS[0]["id"], contact)
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    dossiers, series = Dossiers(register), uuid.uuid4().hex[:6].upper()
    references = [f"REC-{series}-{number:04}" for number in range(MANY)]
    like = type(state(story)).model_validate_json(carried)
    for reference in references:
        dossiers.record(renamed(like, reference))
    deadline = next_deadline(story.case)
    assert deadline is not None
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(search_attributes.CONTACT, contact),
        SearchAttributePair(search_attributes.NEXT_DEADLINE, deadline.astimezone(UTC)),
    ]
    slots, client = asyncio.Semaphore(_AT_ONCE), environment.client

    async def started(reference: str) -> None:
        async with slots:  # nobody works on this queue: what is looked at here are lists, not lives
            await client.start_workflow(
                "Complaint", id=reference, task_queue=f"nobody-{series}",
                search_attributes=TypedSearchAttributes(pairs),
            )  # fmt: skip

    async def ended(reference: str) -> None:
        async with slots:
            await client.get_workflow_handle(reference).terminate()

    await asyncio.gather(*map(started, references))
    give_up_at = machine.monotonic() + _PATIENCE
    while (await client.count_workflows(f"ComplaintContact = '{contact}'")).count < MANY:
        assert machine.monotonic() < give_up_at, "visibility never showed them all"
        await asyncio.sleep(0.2)

    outbox, watch = Outbox(tmp_path / "outbox", durable=False), Watched(register)
    person = FIRM.people[1].model_copy(update={"id": contact})
    firm = FIRM.model_copy(update={"people": (*FIRM.people, person)})
    mornings = Mornings(lambda: firm, Reading(client, watch), Deliveries(Ledger(register), outbox, outbox))
    tenth = date(2026, 12, 7)
    request = DigestRequest(
        reader=Reader(id=contact, covers=(contact,)),
        on=tenth,
        since=at_time(MONDAY, time(9)),
        at=at_time(tenth, time(9)),
    )
    try:
        sent: DigestSent = await ActivityEnvironment().run(mornings.send_digest, request)
        assert (sent.left, sent.matters) == (True, MANY)
        assert watch.most_at_once <= 200
        [file] = (tmp_path / "outbox").rglob("*.eml")
        text = message_from_bytes(file.read_bytes()).get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
        assert text.count(f"- REC-{series}") == MOST_LINES
        assert f"et {MANY - MOST_LINES} autres : complaints list --contact {contact}" in text
        again: DigestSent = await ActivityEnvironment().run(mornings.send_digest, request)
        assert not again.left
    finally:
        register.close()
        await asyncio.gather(*map(ended, references))
