"""The firm's working day: whether it is open, until when, and which days are open around it."""

from collections.abc import Callable
from datetime import date, timedelta

from activities.firm.closed_days import enumerate_closed_days
from activities.firm.schema import Firm
from workflows.morning_messages import OfficeDay
from workflows.procedure.calendar import Calendar, at_time

_ONE_DAY = timedelta(days=1)


class Office:
    """The firm's calendar and hours as its file states them now. `firm_source` is asked at every call."""

    def __init__(self, firm_source: Callable[[], Firm]) -> None:
        self._firm_source = firm_source
        self._firm: Firm | None = None
        self._made: dict[int, Calendar] = {}

    def calendar(self, on: date) -> Calendar:
        """Give the closed days of the year of `on`, of the one before and of the one after."""
        firm = self._firm_source()
        if firm is not self._firm:
            self._firm, self._made = firm, {}
        if on.year not in self._made:
            first, last = date(on.year - 1, 1, 1), date(on.year + 1, 12, 31)
            self._made[on.year] = enumerate_closed_days(firm.calendar, first, last)
        return self._made[on.year]

    def day(self, on: date) -> OfficeDay:
        """Say whether the firm works on `on` (a Paris civil date), and its hours."""
        firm, calendar = self._firm_source(), self.calendar(on)
        return OfficeDay(
            open=calendar.is_open(on),
            opens_at=at_time(on, firm.office_hours.opens),
            closes_at=at_time(on, firm.office_hours.closes),
            morning_before=at_time(calendar.last_open_day(on - _ONE_DAY), firm.office_hours.opens),
        )
