"""What there is to say about a complaint on a morning: pure rules over its last state and what has happened since.

A clock is announced three business days before its last day, one before, on that day, and when it was missed: each
once. What was missed then stands among what is overdue until somebody has acted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from activities.morning.seen import Complaint, SeenClock, keyed
from workflows.procedure.calendar import Calendar
from workflows.procedure.vocabulary import ClockName, ClockState, Language, LetterStatus
from workflows.procedure.wording import clock_in_words, letter_in_words, say

WARN_BEFORE = (3, 1, 0)
"""Business days before the last day on which the firm can act (CONTRACT, "Clocks")."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """What happened to a complaint since its reader was last told: keys of clocks missed, ids of letters come back."""

    breached: frozenset[str] = frozenset()
    bounced: frozenset[str] = frozenset()


class Section(StrEnum):
    """The parts of a digest, most pressing first."""

    BREACHED = "breached"
    TODAY = "today"
    NEXT_DAY = "next_day"
    SOON = "soon"
    BOUNCED = "bounced"
    TO_POST = "to_post"
    SILENT = "silent"
    NOBODY = "nobody"
    ATTENTION = "attention"
    OVERDUE = "overdue"


TOLD_TO_MANAGERS = frozenset({Section.BREACHED, Section.SILENT, Section.BOUNCED, Section.NOBODY, Section.OVERDUE})
"""What managers hear of the complaints of others. What is still overdue too: so no breach is lost on them, when the
register heard of one only after the morning for which it was news."""


@dataclass(frozen=True, order=True)
class Line:
    """One matter of one complaint. No name and nothing of the complainant stands in it."""

    due_on: date
    """The day it was or is due; the day of the digest for what has none. Lines are sorted by it."""
    reference: str
    level: str
    about: str
    todo: str | None = field(default=None, compare=False)
    contact: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Day:
    """The morning it is told on. `since`: the day (Paris) of the last digest that its reader got."""

    on: date
    since: date
    calendar: Calendar
    language: Language


def days_left(due_on: date, day: Day) -> int | None:
    """Say how many business days are left when a warning falls on this morning, or fell since the last; else None.

    Counted to the last day the firm works on or before `due_on`.
    """
    if not day.on <= due_on <= day.calendar.last:
        return None
    last = day.calendar.last_open_day(due_on)
    warned_on = [_business_days_before(last, count, day.calendar) for count in WARN_BEFORE]
    if not any(day.since < each <= day.on for each in warned_on):
        return None
    return _business_days_between(day.on, last, day.calendar)


def horizon(day: Day) -> date:
    """Give the first day so far away that nothing due on it is announced on this morning, nor was since the last."""
    found = day.on
    for _ in range(max(WARN_BEFORE) + 1):
        found = day.calendar.next_open_day(found + _ONE_DAY)
    return found


def lines_of(complaint: Complaint, news: News, day: Day) -> Iterator[tuple[Section, Line]]:
    """List what there is to say of a complaint on this morning, each matter in one section."""
    for clock, key in keyed(complaint.clocks):
        section = _section(clock, key, news, day)
        if section:
            about = clock_in_words(day.language, clock.clock)
            if clock.clock is ClockName.PARTNER_HELP and complaint.insurer:
                about = f"{about} ({complaint.insurer})"
            yield section, _line(complaint, clock.due_on, about, _step(complaint, clock, day.language))
    for letter in complaint.letters:
        if letter.id in news.bounced:
            said = say(day.language, "do_letter_undelivered")
            yield Section.BOUNCED, _line(complaint, day.on, letter_in_words(day.language, letter.kind), said)
        elif letter.status is LetterStatus.QUEUED:
            said = say(day.language, "do_post", letter=letter.id)
            yield Section.TO_POST, _line(complaint, day.on, letter_in_words(day.language, letter.kind), said)
    for reason in complaint.attention:
        if reason == "letter_undelivered" and news.bounced:
            continue
        section = Section.NOBODY if reason == "no_contact" else Section.ATTENTION
        yield section, _line(complaint, day.on, say(day.language, f"do_{reason}"))


def _section(clock: SeenClock, key: str, news: News, day: Day) -> Section | None:
    if clock.clock is ClockName.MEDIATION_WINDOW:
        return None  # the customer's right, no duty of ours
    if clock.state is ClockState.BREACHED and key in news.breached:
        return Section.BREACHED
    if clock.overdue:
        return Section.SILENT if clock.clock is ClockName.PARTNER_HELP else Section.OVERDUE
    left = days_left(clock.due_on, day) if clock.state is ClockState.RUNNING else None
    if left is None:
        return None
    return Section.TODAY if left == 0 else Section.NEXT_DAY if left == 1 else Section.SOON


def _line(complaint: Complaint, due_on: date, about: str, todo: str | None = None) -> Line:
    contact = complaint.contact.id if complaint.contact else None
    return Line(due_on, complaint.reference, complaint.level.value, about, todo, contact)


def _step(complaint: Complaint, clock: SeenClock, language: Language) -> str | None:
    """Choose, of the steps the rules advise, the one for this clock: the one that names its day, else the first.

    Steps that only repeat what stands elsewhere in the digest are passed over.
    """
    said_elsewhere = {say(language, f"do_{reason}") for reason in complaint.attention}
    said_elsewhere |= {
        say(language, "tell_breach", clock=clock_in_words(language, each.clock), day=each.due_on)
        for each in complaint.clocks
    }
    steps = [step for step in complaint.next_steps if step not in said_elsewhere]
    return next((step for step in steps if clock.due_on.isoformat() in step), next(iter(steps), None))


def _business_days_before(day: date, count: int, calendar: Calendar) -> date:
    for _ in range(count):
        day = calendar.last_open_day(day - _ONE_DAY)
    return day


def _business_days_between(first: date, last: date, calendar: Calendar) -> int:
    return sum(calendar.is_open(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
