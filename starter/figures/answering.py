"""When a complaint was acknowledged, when its customer was told to wait, and when it was answered: days in Paris."""

from datetime import date, datetime, timedelta

from starter.figures.line import Extension
from workflows.procedure.calendar import CalendarExhausted, paris_date
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.dossier import SYSTEM
from workflows.procedure.records import Answer, Entry, Letter
from workflows.procedure.vocabulary import ANNOUNCES_A_DATE, Channel, ClockName, LetterKind, LetterStatus

_CAME_BACK = (LetterStatus.BOUNCED, LetterStatus.BLOCKED, LetterStatus.RETURNED, LetterStatus.LOST)


def clock_of(case: Case, name: ClockName) -> Clock | None:
    """Give the clock of that name that counts: the last one started."""
    return next((clock for clock in reversed(case.clocks) if clock.clock is name), None)


def settled_on(clock: Clock | None) -> date | None:
    """Give the day on which a clock's act was done, in time or late."""
    return paris_date(clock.settled_at) if clock and clock.settled_at else None


def reached(letter: Letter) -> bool:
    """Whether a letter left, and nothing came back."""
    return letter.sent_at is not None and letter.status not in _CAME_BACK


def extensions(case: Case) -> list[Extension]:
    """List the letters that told the customer to wait."""
    return [
        Extension(kind=letter.kind, sent_on=paris_date(letter.sent_at), announces=letter.announces)
        for letter in case.letters
        if letter.sent_at and reached(letter) and ANNOUNCES_A_DATE & {letter.kind, *letter.sections}
    ]


def answered_on(case: Case, journal: list[Entry]) -> date | None:
    """Give the day of the first written answer; of a complaint never put in writing, of the first answer.

    What keeps `final_answer` is that answer. A court drops the clock, and a closing too: then the writings are looked
    at one by one.
    """
    by_the_clock = settled_on(clock_of(case, ClockName.FINAL_ANSWER))
    if by_the_clock:
        return by_the_clock
    left = [written_at(answer, case, journal) for answer in case.answers]
    if case.written_on is None:
        left += [answer.at for answer in case.answers]
    return min((paris_date(at) for at in left if at), default=None)


def written_at(answer: Answer, case: Case, journal: list[Entry]) -> datetime | None:
    """Give the instant an answer left in writing; None: it was given by word of mouth, or has not left."""
    if answer.sent_by != SYSTEM:
        entry = next(entry for entry in journal if entry.id == answer.event_id)
        channel = entry.data.get("channel")
        return answer.at if channel is None or Channel(channel).written else None
    left = [
        letter.sent_at
        for letter in case.letters
        if answer.event_id in letter.causes and letter.sent_at and reached(letter)
        if LetterKind.RESOLUTION in (letter.kind, *letter.sections)
    ]
    if not left and case.recipient is None:
        return answer.at  # anonymous: filed on the platform it came from
    return min(left, default=None)


def open_days(case: Case, until: date) -> int | None:
    """Count the jours ouvrés from receipt to `until`, the day of receipt left out; None past the pinned calendar."""
    days = (case.received_on + timedelta(days=n) for n in range(1, (until - case.received_on).days + 1))
    try:
        return sum(map(case.procedure.calendar.is_open, days))
    except CalendarExhausted:
        return None
