"""The account of a fault run: what every complaint must be found to be once all is quiet, whatever was broken."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from temporalio.client import WorkflowExecutionDescription

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.kept import KeptLetter
from activities.register.tables import AttemptState, JournalRow
from tests.faults.lives import Life
from tests.faults.owed import said_twice, what_is_missing
from tests.sendgrid_server import Received
from workflows.procedure import owed, ready
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import LetterStatus

_STANDS = ("accepted", "waiting", "voided")
_PROBLEMS = "TemporalReportedProblems"
_TOLD = ("id", "letter", "letter_id", "status", "sections", "causes", "clock", "problem", "decision")
_LEFT = (LetterStatus.SENT, LetterStatus.DELIVERED)


@dataclass(frozen=True)
class Found:
    """One complaint as it was found: by itself, in the register, at Temporal and at SendGrid."""

    life: Life
    now: datetime
    dossier: dict[str, Any]
    carried: Carried
    kept: Carried | None
    lines: list[int]
    letters: list[KeptLetter]
    received: list[Received]
    """What SendGrid took for the customer."""
    description: WorkflowExecutionDescription

    @property
    def problems(self) -> list[str]:
        """What is wrong with it: nothing."""
        checks = (
            _journal_has_a_gap, _events_are_lost_or_doubled, _letters_left_twice, _work_is_left, _is_stuck,
            _dossier_is_another, _second_opinion_differs,
        )  # fmt: skip
        return [f"{self.life.reference} (life {self.life.number}): {said}" for check in checks for said in check(self)]

    @property
    def cut_off(self) -> int:
        """How many attempts a worker began and did not live to settle."""
        attempts = [attempt for letter in self.letters for attempt in letter.attempts]
        return sum("the worker ended" in (attempt.detail or "") for attempt in attempts)

    @property
    def story(self) -> str:
        """What its journal tells, line by line."""
        return "\n".join(
            f"  {entry.recorded_at:%m-%d %H:%M:%S} {entry.type} {entry.id} {entry.status} at {entry.at:%m-%d %H:%M:%S} "
            + str({name: entry.data[name] for name in _TOLD if name in entry.data})
            for entry in self.carried.journal
        )


def in_register(register: Register, life: Life) -> tuple[Carried | None, list[int], list[KeptLetter]]:
    """Read what the register has of a complaint: its dossier, the numbers of its journal's lines, its letters."""
    dossiers = Dossiers(register)
    with register.reading() as session:
        lines = session.scalars(
            select(JournalRow.line).where(JournalRow.reference == life.reference).order_by(JournalRow.line)
        ).all()
    return dossiers.carried(life.reference), list(lines), dossiers.letters(life.reference)


def _journal_has_a_gap(found: Found) -> Iterator[str]:
    journal = [
        entry.model_copy(update={"at": entry.at.astimezone(UTC), "recorded_at": entry.recorded_at.astimezone(UTC)})
        for entry in found.carried.journal
    ]
    if found.lines != list(range(1, len(journal) + 1)):
        yield f"the register has lines {found.lines} of {len(journal)}"
    if found.kept is None or found.kept.journal != journal:
        yield "the register's journal is not the complaint's"
    times = [entry.recorded_at for entry in journal]
    if times != sorted(times):
        yield "the journal is not in the order of time"


def _events_are_lost_or_doubled(found: Found) -> Iterator[str]:
    stands = Counter(entry.id for entry in found.carried.journal if entry.status in _STANDS)
    told = {event["id"] for event in found.life.accepted}
    for identity in told:
        if stands[identity] != 1:
            yield f"{identity} was accepted, and stands {stands[identity]} times"
    for event in found.life.refused:
        if stands[event["id"]]:
            yield f"{event['id']} was refused, and stands there"
    for entry in found.carried.journal:
        if entry.by != "system" and entry.id not in told and entry.status in _STANDS:
            yield f"nobody was told that {entry.type} {entry.id} was accepted"


def _letters_left_twice(found: Found) -> Iterator[str]:
    received = Counter(each.custom_args["letter_id"] for each in found.received)
    by_id = {letter.record.id: letter for letter in found.letters}
    for letter_id, count in received.items():
        if count != 1:
            yield f"the customer got {letter_id} {count} times"
        if letter_id not in by_id:
            yield f"the customer got {letter_id}, of which nothing is known"
    for letter_id, letter in by_id.items():
        states = [attempt.state for attempt in letter.attempts]
        left = states.count(AttemptState.ACCEPTED)
        by_email = letter.record.channel == "email"
        if {AttemptState.OPEN, AttemptState.DOUBTFUL} & set(states):
            yield f"{letter_id}: an attempt is not settled: {states}"
        if left != (1 if letter.record.status in _LEFT else 0):
            yield f"{letter_id} is {letter.record.status}, its attempts are {states}"
        if by_email and received[letter_id] != left:
            yield f"{letter_id}: the customer got {received[letter_id]}, accepted attempts: {left}"
    yield from said_twice([letter.record for letter in found.letters])


def _work_is_left(found: Found) -> Iterator[str]:
    case, now = Dossier.resume(found.carried).case, found.now
    # Days that run out are looked up at the next step: of one that waits for a person alone, there is none till then.
    wanted = (
        any(paragraph(case, now) for paragraph in owed.PARAGRAPHS),
        ready.notices(case, now),
        ready.pin_reason(case, now) not in (None, "days"),
        ready.calls(case, now),
        ready.contact(case, now),
    )
    if any(wanted):
        yield f"something is owed, and is not done: {found.dossier['attention']}"


def _is_stuck(found: Found) -> Iterator[str]:
    raw = found.description.raw_description
    if raw.pending_activities or raw.HasField("pending_workflow_task"):
        yield "something is under way for ever"
    if _PROBLEMS in raw.workflow_execution_info.search_attributes.indexed_fields:
        yield "Temporal reports problems"


def _dossier_is_another(found: Found) -> Iterator[str]:
    again = dossier_view(Dossier.resume(found.carried))
    for part, value in again.items():
        if found.dossier.get(part) != value:
            yield f"worked out of its journal, `{part}` is another: {value}, it says {found.dossier.get(part)}"


def _second_opinion_differs(found: Found) -> Iterator[str]:
    letters = [letter.record for letter in found.letters]
    yield from what_is_missing(found.carried.journal, found.dossier, letters, found.now)
