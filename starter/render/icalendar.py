"""The agenda as an iCalendar (RFC 5545): for each complaint an all-day event on the day its next deadline falls due.

Nothing personal stands in it: calendars are shared, and their feeds are kept by others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from activities.morning.seen import Complaint, keyed
from activities.notify.clean import one_line
from activities.register.watch import Upcoming, Watch
from starter.render.words import Words
from workflows.procedure.calendar import end_of_day
from workflows.procedure.vocabulary import ClockName, ClockState, Language

_LINE_END = "\r\n"
_LONGEST_LINE = 75
"""Octets, without the line's end."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_PARIS = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE""".splitlines()
"""No event needs it, but a calendar must have a component even when nothing falls due."""


@dataclass(frozen=True)
class Event:
    """One deadline. `key` names it for ever, also when its date is worked out again; `known_at` is aware."""

    key: str
    reference: str
    level: str
    clock: ClockName
    due_on: date
    known_at: datetime


def agenda_feed(watch: Watch, today: date, days: int, language: Language, contact: str | None = None) -> bytes:
    """Write the calendar of what comes due within so many days of `today` (Paris civil dates); of one person, or all.

    The same as long as the register is. Raises OperationalError where the register does not answer.
    """
    last = today + timedelta(days=days)
    return calendar(events(watch.upcoming(end_of_day(last), contact), last), language)


def events(complaints: Iterable[Upcoming], last: date) -> Iterator[Event]:
    """Choose of each complaint the clock that it waits for first, if that is due by `last`."""
    for each in complaints:
        complaint = Complaint.model_validate(each.view)
        waited_for = [
            (clock.next_at, clock.due_on, key, clock.clock)
            for clock, key in keyed(complaint.clocks)
            if clock.state is ClockState.RUNNING and clock.next_at and clock.clock is not ClockName.MEDIATION_WINDOW
        ]
        if waited_for:
            _, due_on, key, clock = min(waited_for)
            if due_on <= last:
                key = f"{complaint.reference}/{key}"
                yield Event(key, complaint.reference, complaint.level, clock, due_on, each.written_at)


def calendar(listed: Iterable[Event], language: Language) -> bytes:
    """Write a calendar of these events, in UTF-8 with the line ends and the folding of RFC 5545."""
    words = Words(language)
    content = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//complaints//agenda//{language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(words.choose('Échéances des réclamations', 'Deadlines of complaints'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *_PARIS,
        *(line for event in listed for line in _event(event, words)),
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) for line in content).encode()


def _event(event: Event, words: Words) -> list[str]:
    level = words.choose("niveau {}", "level {}").format(event.level)
    summary = " · ".join([event.reference, words("clock", event.clock), level])
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(event.key)}@complaints",
        f"DTSTAMP:{event.known_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.due_on:%Y%m%d}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(f'complaints show {event.reference}')}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(value: str) -> str:
    """Write a value of type TEXT; a reference may come from outside."""
    return one_line(value).translate(_ESCAPED)


def _folded(line: str) -> str:
    """Fold a line at 75 octets, never within a character."""
    parts, room = [""], _LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append("")
            room = _LONGEST_LINE - 1  # the space that a continuation begins with
        parts[-1] += character
        room -= size
    return f"{_LINE_END} ".join(parts) + _LINE_END
