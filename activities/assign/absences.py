"""Absences leave no gap: whose complaints another person takes over, and who stands in for whom meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from activities.firm.closed_days import CalendarConfig, enumerate_closed_days
from activities.firm.people import Absence, Person, on_duty
from activities.firm.schema import Firm
from workflows.procedure.calendar import Calendar
from workflows.procedure.vocabulary import Party

REASON = "absence"
"""What the journal says of such a reassignment; why somebody is absent is nobody's business there."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Away:
    """A time a person is away, its absences taken together when no open day of the firm lies between them.

    Paris civil dates: `last` is the last day of it, None until further notice.
    """

    person: Person
    first: date
    last: date | None
    long: bool
    """Whether it lasts at least `Firm.reassign_after` open days: then complaints are reassigned, else deputised."""
    deputy: Person | None
    """Who is on duty instead, on the day that was asked about; None when nobody is."""


@dataclass(frozen=True)
class Reassignment:
    """An open complaint that another person is to take over: the event to send it, the same however often asked."""

    reference: str
    contact: str
    """The id of the person who is away."""
    event_id: str

    @property
    def event(self) -> dict[str, str]:
        """What to submit; the directory chooses who takes it over."""
        return {"type": "contact_reassigned", "id": self.event_id, "reason": REASON}


def away(firm: Firm, on: date) -> dict[str, Away]:
    """Say who of the broker is away on `on` (a Paris civil date), by id, for how long and who is on duty instead."""
    days = _OpenDays(firm.calendar)
    found: dict[str, Away] = {}
    for person in firm.people:
        if person.party is not Party.BROKER:
            continue
        for first, last in _together(person.absences, days):
            if first <= on and (last is None or on <= last):
                long = last is None or _at_least(firm.reassign_after, days.between(first, last))
                found[person.id] = Away(person, first, last, long, on_duty(person, on, firm.people))
    return found


def reassignments(firm: Firm, on: date, open_of: Mapping[str, Sequence[str]]) -> list[Reassignment]:
    """List the complaints that are to be reassigned, since their contacts are away on `on` for long (a Paris date).

    `open_of`: the references of each person's open complaints (`Assignments.open_of`). In the order of the people in
    the file. The complaints of who is away for a short time stay with them: `away` names the deputies.
    """
    return [
        Reassignment(reference, contact, f"absence-{contact}-{gap.first}-{reference}")
        for contact, gap in away(firm, on).items()
        if gap.long
        for reference in open_of.get(contact, ())
    ]


class _OpenDays:
    """The firm's open days, enumerated by the year as they are asked for: an absence may reach far ahead."""

    def __init__(self, config: CalendarConfig) -> None:
        self._config = config
        self._years: dict[int, Calendar] = {}

    def between(self, first: date, last: date) -> Iterator[date]:
        """Go through the open days from `first` to `last`, both included."""
        day = first
        while day <= last:
            if self._calendar(day.year).is_open(day):
                yield day
            day += _ONE_DAY

    def _calendar(self, year: int) -> Calendar:
        if year not in self._years:
            self._years[year] = enumerate_closed_days(self._config, date(year, 1, 1), date(year, 12, 31))
        return self._years[year]


def _together(absences: Sequence[Absence], days: _OpenDays) -> list[tuple[date, date | None]]:
    """Take absences together that overlap, or between which the firm does not open: a weekend is no return."""
    joined: list[tuple[date, date | None]] = []
    for absence in sorted(absences, key=lambda each: each.first):
        if not joined or _opens_between(joined[-1][1], absence.first, days):
            joined.append((absence.first, absence.last))
            continue
        first, last = joined[-1]
        joined[-1] = (first, None if last is None or absence.last is None else max(last, absence.last))
    return joined


def _opens_between(last: date | None, first: date, days: _OpenDays) -> bool:
    return last is not None and _at_least(1, days.between(last + _ONE_DAY, first - _ONE_DAY))


def _at_least(count: int, days: Iterator[date]) -> bool:
    return len(list(islice(days, count))) == count
