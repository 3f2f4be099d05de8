"""Every clock's dates of a complaint that nobody has made: what a deadline would be, and why."""

from datetime import date
from typing import Any

from workflows.procedure.clocks import Timing, schedule
from workflows.procedure.pinned import Procedure
from workflows.procedure.view import clock_view
from workflows.procedure.vocabulary import ClockName

_FIELDS = ("clock", "kind", "starts_on", "due_on", "act_on", "act_at", "skipped", "opens_on", "moved")


def dates(procedure: Procedure, received_on: date, sent_on: date, results_on: date | None) -> list[dict[str, Any]]:
    """Give the clocks of a complaint in writing as the contract shows them (`due --json`), without the spread.

    Raises:
        CalendarExhausted: a date lies past the procedure's closed days.

    """
    starts = {
        ClockName.ACKNOWLEDGEMENT: sent_on,
        ClockName.HOLDING_LETTER: received_on,
        ClockName.STATUS_LETTER: received_on,
        ClockName.RESOLUTION_LETTER: results_on,
        ClockName.FINAL_ANSWER: sent_on,
        ClockName.MEDIATION_WINDOW: sent_on,
    }
    timing = Timing(procedure=procedure, reference=None)
    views = [clock_view(schedule(name, on, timing)) for name, on in starts.items() if on]
    return [{field: view[field] for field in _FIELDS if field in view} for view in views]
