"""Days, and how a deadline is counted in them, with its explanation.

Everything here is a pure function of enumerated days: no present instant, no library of holidays. A running
complaint carries its `Calendar` in its history, so the same dates come out at every replay.
"""

import datetime as dt
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

PARIS = ZoneInfo("Europe/Paris")

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_MONTHS_IN_YEAR = 12


def paris_date(instant: datetime) -> date:
    """Give the civil date in Paris of an aware instant: the date that decides every clock.

    Raises ValueError for an instant without a time zone, because its date in Paris cannot be known.
    """
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone before its date in Paris can be known.")
    return instant.astimezone(PARIS).date()


def at_time(day: date, clock_time: time) -> datetime:
    """Give the instant at which Paris clocks show `clock_time` on `day`, as an aware Paris datetime.

    Of an hour that comes twice in autumn, the first; an hour skipped in spring is read as the one after it.
    Raises ValueError for a time that carries a time zone of its own.
    """
    if clock_time.tzinfo is not None:
        raise ValueError("A time of day is read in Paris and must not carry a time zone of its own.")
    wall = datetime.combine(day, clock_time, tzinfo=PARIS)
    # Through UTC, so that 02:30 on the spring change becomes the 03:30 that clocks really show.
    return wall.astimezone(dt.UTC).astimezone(PARIS)


def end_of_day(day: date) -> datetime:
    """Give 24:00 in Paris on `day`: the first instant of the next day, an exclusive bound (CPC 642).

    Never computed as hours x 24: a day of the clock change has 23 or 25 of them.
    """
    return at_time(day + _ONE_DAY, time.min)


class Unit(StrEnum):
    """What a deadline is counted in."""

    JOURS_OUVRES = "jours_ouvres"
    """Days the firm works: Monday to Friday, less holidays, less the firm's closures."""
    JOURS_OUVRABLES = "jours_ouvrables"
    """Monday to Saturday, less legal holidays; the firm's closures do not stop them (ACPR 2024-R-02)."""
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Deadline(BaseModel):
    """How long after an event something is due."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1)
    unit: Unit


class CalendarExhausted(ValueError):
    """A day was asked for that the calendar does not enumerate; whether it is open is not known."""

    def __init__(self, day: date, *, first: date, last: date) -> None:
        self.date = day
        self.last = last
        super().__init__(
            f"{day} is outside the calendar, which runs from {first} to {last}: whether that day is open is not known."
        )


class Calendar(BaseModel):
    """The closed days of one firm, enumerated from `first` to `last` inclusive (Paris civil dates).

    `worked_holidays` are the holidays on which the firm works (the journée de solidarité of L. 3133-7 Code du
    travail): open for jours ouvrés, still legal holidays for jours ouvrables.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    first: date
    last: date
    holidays: dict[date, str]
    closures: dict[date, str]
    worked_holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _enumerates_its_range_only(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"The calendar ends on {self.last}, before it begins on {self.first}.")
        for day in (*self.holidays, *self.closures):
            if not self.first <= day <= self.last:
                raise ValueError(f"{day} is listed as closed, but the calendar runs from {self.first} to {self.last}.")
        for day in self.worked_holidays:
            if day not in self.holidays:
                raise ValueError(f"{day} is listed as a worked holiday, but is not among the holidays.")
        return self

    def why_closed(self, day: date, unit: Unit) -> str | None:
        """Say why `day` does not count in `unit`, or None when it does; calendar units count every day.

        The weekend is named in English, a holiday and a closure by their own names. Raises CalendarExhausted.
        """
        if not self.first <= day <= self.last:
            raise CalendarExhausted(day, first=self.first, last=self.last)
        match unit:
            case Unit.JOURS_OUVRES:
                if day.weekday() == _SATURDAY:
                    return "Saturday"
                if day.weekday() == _SUNDAY:
                    return "Sunday"
                if day in self.holidays and day not in self.worked_holidays:
                    return self.holidays[day]
                return self.closures.get(day)
            case Unit.JOURS_OUVRABLES:
                return "Sunday" if day.weekday() == _SUNDAY else self.holidays.get(day)
            case _:
                return None

    def is_open(self, day: date) -> bool:
        """Whether the firm works on `day` (a jour ouvré). Raises CalendarExhausted."""
        return self.why_closed(day, Unit.JOURS_OUVRES) is None

    def last_open_day(self, day: date) -> date:
        """Give the last day the firm works, on or before `day`. Raises CalendarExhausted."""
        while not self.is_open(day):
            day -= _ONE_DAY
        return day

    def next_open_day(self, day: date) -> date:
        """Give the first day the firm works, on or after `day`. Raises CalendarExhausted."""
        while not self.is_open(day):
            day += _ONE_DAY
        return day


class SkippedDay(BaseModel):
    """A day that did not count, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: dt.date
    why: str


class Due(BaseModel):
    """When something is due, explained (Paris civil dates).

    `due_on` is the last day on which the duty is kept; `act_on` the last day the firm works on or before it.
    When the firm is closed all the while, `act_on` falls on the start or before it: it stays there, and the
    act is owed at once. `skipped` are the days passed over in counting jours ouvrés or ouvrables; `moved` the
    closed days that set `act_on` before `due_on`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_on: date
    due_on: date
    act_on: date
    skipped: list[SkippedDay]
    moved: list[SkippedDay]


def due(deadline: Deadline, start: date, calendar: Calendar) -> Due:
    """Count `deadline` from the Paris civil date of its event, which itself never counts (CPC 641).

    A date that falls on a closed day stays there: the roll to the next working day (CPC 642) favours whoever
    owes the act, and a firm does not grant it to itself. `start` may lie before the calendar. Raises
    CalendarExhausted when a day that must be looked up is not enumerated.
    """
    if deadline.unit in (Unit.JOURS_OUVRES, Unit.JOURS_OUVRABLES):
        due_on, skipped = _count(deadline, start, calendar)
    else:
        due_on, skipped = _shift(deadline, start, calendar), []
    act_on = calendar.last_open_day(due_on)
    moved = _closed_days(act_on, due_on, calendar)
    return Due(starts_on=start, due_on=due_on, act_on=act_on, skipped=skipped, moved=moved)


def _count(deadline: Deadline, start: date, calendar: Calendar) -> tuple[date, list[SkippedDay]]:
    day, left = start, deadline.amount
    skipped = []
    while left:
        day += _ONE_DAY
        why = calendar.why_closed(day, deadline.unit)
        if why is None:
            left -= 1
        else:
            skipped.append(SkippedDay(date=day, why=why))
    return day, skipped


def _shift(deadline: Deadline, start: date, calendar: Calendar) -> date:
    try:
        match deadline.unit:
            case Unit.MONTHS:
                return months_after(start, deadline.amount)
            case Unit.YEARS:
                return months_after(start, deadline.amount * _MONTHS_IN_YEAR)
            case Unit.WEEKS:
                return start + timedelta(weeks=deadline.amount)
            case _:
                return start + timedelta(days=deadline.amount)
    except (OverflowError, ValueError):
        # Past the year 9999 there is no date to name, and no calendar that reaches it.
        raise CalendarExhausted(date.max, first=calendar.first, last=calendar.last) from None


def months_after(start: date, months: int) -> date:
    """Give the same day so many months later, else that month's last day (CPC 641): 31 December + 2 = 28 February.

    Raises ValueError past the year 9999.
    """
    year, month = divmod(start.year * _MONTHS_IN_YEAR + start.month - 1 + months, _MONTHS_IN_YEAR)
    month += 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _closed_days(after: date, until: date, calendar: Calendar) -> list[SkippedDay]:
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    reasons = ((day, calendar.why_closed(day, Unit.JOURS_OUVRES)) for day in days)
    return [SkippedDay(date=day, why=why) for day, why in reasons if why is not None]
