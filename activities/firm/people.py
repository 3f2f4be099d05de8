"""The people of the firm's file: what each can do, when they are away, and who stands in for them meanwhile."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta

from pydantic import Field, ValidationInfo, field_validator

from activities.firm.fields import Day, Part, TimeOfDay, twice
from workflows.procedure.intake import ContactId, EmailAddress, Line
from workflows.procedure.vocabulary import Language, Level, Party

_ONE_DAY = timedelta(days=1)


class Absence(Part):
    """Days on which a person does not work, `first` to `last` inclusive (Paris civil dates).

    Without `last` it lasts until further notice: nobody knows yet when a person who fell ill will be back.
    """

    first: Day
    last: Day | None = None
    reason: Line | None = Field(default=None, repr=False)
    """For whoever edits the file: it may be about health, and goes into no letter, no log and no answer of ours."""

    @field_validator("last")
    @classmethod
    def _ends_after_it_begins(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("first")
        if last is not None and first is not None and last < first:
            raise ValueError(f"ends before it begins on {first}")
        return last

    def covers(self, day: date) -> bool:
        """Say whether `day` (a Paris civil date) is one of its days."""
        return self.first <= day and (self.last is None or day <= self.last)


class Hours(Part):
    """The hours in which people may be disturbed, on open days of the firm (Paris times)."""

    opens: TimeOfDay = Field(alias="from")
    closes: TimeOfDay = Field(alias="to")

    @field_validator("closes")
    @classmethod
    def _ends_after_it_begins(cls, closes: time, info: ValidationInfo) -> time:
        opens = info.data.get("opens")
        if opens is not None and closes <= opens:
            raise ValueError(f"expected a time after {opens:%H:%M}, the same day")
        return closes


class Person(Part):
    """A person who can be put in charge: named to the complainant as their point of contact (§ 2 and § 3)."""

    id: ContactId
    name: Line
    phone: Line
    email: EmailAddress
    party: Party = Party.BROKER
    team: Line | None = None
    """In the firm's own words; `Firm.team_of` says what stands where none is given."""
    manager: bool = False
    levels: tuple[Level, ...] = ()
    """The levels this person is able to handle."""
    languages: tuple[Language, ...] = Field(default=(Language.FR,), min_length=1)
    hours: Hours | None = None
    """Where they differ from the firm's: `Firm.hours_of`."""
    deputies: tuple[ContactId, ...] = ()
    """Who stands in while this person is away, in this order."""
    absences: tuple[Absence, ...] = ()

    def present(self, on: date) -> bool:
        """Say whether no absence covers `on` (a Paris civil date); the firm's closed days are ignored."""
        return not any(absence.covers(on) for absence in self.absences)


def misplaced_deputies(people: Sequence[Person]) -> Iterator[tuple[str, str]]:
    """Name as faults the deputies who cannot be one: unknown, not of the broker, the person, or named twice.

    Who names each other, in a ring of any length, is no fault: `on_duty` passes by each only once.
    """
    known = {person.id: person for person in people}
    for person in people:
        place = f"{person.id}.deputies"
        for deputy in person.deputies:
            if deputy == person.id:
                yield place, "nobody is their own deputy"
            elif deputy not in known:
                yield place, f"{deputy} is not among the people"
            elif known[deputy].party is not Party.BROKER:
                yield place, f"{deputy} is not of the broker"
        yield from ((place, f"{deputy}: {what}") for deputy, what in twice(person.deputies))


def on_duty(person: Person, on: date, people: Iterable[Person]) -> Person | None:
    """Say who does this person's work on `on` (a Paris civil date): themselves when present, else who stands in.

    The person's own deputies come first, in their order, then the deputies of those, and so on; each is asked once, so
    that a ring ends. When all of them are away it is a manager of the broker who is present, in the order of the file;
    None when there is none.
    """
    known = {each.id: each for each in people if each.party is Party.BROKER}
    asked, waiting = {person.id}, deque([person])
    while waiting:
        each = waiting.popleft()
        if each.present(on):
            return each
        following = [deputy for deputy in dict.fromkeys(each.deputies) if deputy in known and deputy not in asked]
        asked.update(following)
        waiting.extend(known[deputy] for deputy in following)
    return next((each for each in known.values() if each.manager and each.present(on)), None)


def next_return(person: Person, on: date) -> date | None:
    """Give the first day from `on` on that no absence of the person covers (Paris civil dates; it may be a closed day).

    `on` itself when the person is present; None when they are away until further notice.
    """
    day = on
    while absence := next((each for each in person.absences if each.covers(day)), None):
        if absence.last is None:
            return None
        day = absence.last + _ONE_DAY
    return day
