"""The lines of the register, read one after the other; nothing but the register is asked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from activities.register.database import Register
from activities.register.reading import each_dossier
from starter.figures.line import RegisterLine
from starter.figures.lines import line_of
from workflows.procedure.calendar import at_time


def lines(register: Register, first: date | None = None, last: date | None = None) -> Iterator[RegisterLine]:
    """Give the line of each complaint received from `first` to `last` (Paris civil dates, both included; None: all).

    Raises:
        OperationalError: the database does not answer.

    """
    before = _begins(last + timedelta(days=1)) if last else None
    return map(line_of, each_dossier(register, _begins(first) if first else None, before))


def _begins(day: date) -> datetime:
    return at_time(day, time.min)
