"""Pins the procedure: what an opening complaint will carry, with the closed days of the years it may need."""

from collections.abc import Callable
from datetime import date

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.firm.closed_days import enumerate_closed_days
from activities.firm.schema import Firm
from workflows.messages import PIN_PROCEDURE, PinRequest
from workflows.procedure.pinned import Procedure

YEARS_AHEAD = 2
"""Enumerated after the year asked for: a year for the mediator, and one for a mediation to last."""


class ProcedurePinner:
    """Gives the procedure as the firm's file states it now. `firm_source` is asked at every call."""

    def __init__(self, firm_source: Callable[[], Firm]) -> None:
        self._firm_source = firm_source
        self._firm: Firm | None = None
        self._made: dict[tuple[int, int], Procedure] = {}

    @activity.defn(name=PIN_PROCEDURE)
    async def pin_procedure(self, request: PinRequest) -> Procedure:
        """Give the procedure with whole civil years of Paris: from `first`'s to two years past `last`'s.

        Raises:
            ApplicationError: no holidays are known for these years; asking again would not help.

        """
        return self.pin(request.first, request.last)

    def pin(self, first: date, last: date) -> Procedure:
        """Give the same procedure outside a workflow. Raises ApplicationError as `pin_procedure` does."""
        firm = self._firm_source()
        if firm is not self._firm:
            self._firm, self._made = firm, {}
        years = (first.year, last.year + YEARS_AHEAD)
        if years not in self._made:
            self._made[years] = self._enumerate(firm, *years)
        return self._made[years]

    def _enumerate(self, firm: Firm, first_year: int, last_year: int) -> Procedure:
        try:
            # Whole years, so that complaints of one year share one version of the procedure.
            calendar = enumerate_closed_days(firm.calendar, date(first_year, 1, 1), date(last_year, 12, 31))
        except ValueError as error:
            raise ApplicationError(str(error), type="NoCalendar", non_retryable=True) from error
        return firm.procedure(calendar)
