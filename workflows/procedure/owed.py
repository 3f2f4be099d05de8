"""What is owed to the customer now, paragraph by paragraph of the procedure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workflows.procedure.acts import writes_itself
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.records import LetterCall
from workflows.procedure.vocabulary import LETTER_OF_CLOCK, ClockName, LetterKind


@dataclass(frozen=True)
class Owed:
    """One letter owed: because a clock's day has come, or because something called for it."""

    kind: LetterKind
    clock: Clock | None = None
    call: LetterCall | None = None


def acknowledgement(case: Case, now: datetime) -> list[Owed]:
    """§ 1 and the law: "dès qu'une réclamation est reçue", it is acknowledged (after a call: invited in writing)."""
    kinds = (LetterKind.ACKNOWLEDGEMENT, LetterKind.WRITTEN_INVITATION)
    return _called(case, now, *kinds) + _come_due(case, now, ClockName.ACKNOWLEDGEMENT)


def word_within_ten_days(case: Case, now: datetime) -> list[Owed]:
    """§ 2: not resolved within ten business days: the time it will take, and the name of the person in charge."""
    return _called(case, now, LetterKind.HOLDING) + _come_due(case, now, ClockName.HOLDING_LETTER)


def name_of_the_contact(case: Case, now: datetime) -> list[Owed]:
    """§ 3: "cette personne sera votre point de contact": a change is announced."""
    return _called(case, now, LetterKind.CONTACT_CHANGE)


def word_after_forty_days(case: Case, now: datetime) -> list[Owed]:
    """§ 4: no solution after forty business days: the situation, and when results are expected."""
    return _called(case, now, LetterKind.STATUS) + _come_due(case, now, ClockName.STATUS_LETTER)


def word_on_the_promised_date(case: Case, now: datetime) -> list[Owed]:
    """§ 4: "vous serez tenu informé tout au long": a date that was announced came without results."""
    return _called(case, now, LetterKind.PROGRESS) + _come_due(case, now, ClockName.PROMISED_DATE)


def word_at_two_months(case: Case, now: datetime) -> list[Owed]:
    """The law: no written answer after two months: why, until when, and that the mediator is open (ACPR 2024-R-02)."""
    return _called(case, now, LetterKind.TWO_MONTHS) + _come_due(case, now, ClockName.FINAL_ANSWER)


def letter_of_resolution(case: Case, now: datetime) -> list[Owed]:
    """§ 5: the results in detail, the reasons, the terms of the offer; released by a person, never by a clock."""
    return _called(case, now, LetterKind.RESOLUTION)


def way_to_the_mediator(case: Case, now: datetime) -> list[Owed]:
    """The end of the procedure: no further internal level, "La Médiation de l'Assurance"."""
    return _called(case, now, LetterKind.EXHAUSTED)


def who_handles_it(case: Case, now: datetime) -> list[Owed]:
    """The table of levels: the other Party handles the complaint now; or a withdrawal is confirmed."""
    return _called(case, now, LetterKind.TRANSFER, LetterKind.WITHDRAWAL)


Paragraph = Callable[[Case, datetime], list[Owed]]
"""A paragraph of the procedure, asked what it owes at an instant."""

PARAGRAPHS: tuple[Paragraph, ...] = (
    acknowledgement,
    who_handles_it,
    word_within_ten_days,
    name_of_the_contact,
    word_after_forty_days,
    word_on_the_promised_date,
    word_at_two_months,
    letter_of_resolution,
    way_to_the_mediator,
)


def _called(case: Case, now: datetime, *kinds: LetterKind) -> list[Owed]:
    return [
        Owed(call.kind, call=call)
        for call in case.letter_calls
        if call.kind in kinds and not call.blocked and may_be_tried(call.again_at, now)
    ]


def may_be_tried(again_at: datetime | None, now: datetime) -> bool:
    """Whether what was tried before may be tried again by now (aware)."""
    return again_at is None or again_at <= now


def _come_due(case: Case, now: datetime, name: ClockName) -> list[Owed]:
    return [
        Owed(LETTER_OF_CLOCK[name], clock=clock)
        for clock in case.clocks
        if clock.clock is name and to_write(case, clock, now) and clock.act_at <= now
    ]


def to_write(case: Case, clock: Clock, now: datetime) -> bool:
    """Whether a clock's letter is still to be written, today or later, and nothing hinders it."""
    ready = not clock.acted and not clock.blocked and may_be_tried(clock.again_at, now)
    return clock.owes and ready and writes_itself(case, clock)
