"""The lines of the register, read one after the other; nothing but the register is asked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from activities.register.database import Register
from activities.register.erasing import Erasures
from activities.register.reading import each_dossier
from starter.figures.line import PERSONAL, RegisterLine
from starter.figures.lines import line_of
from workflows.procedure.calendar import at_time


def lines(register: Register, first: date | None = None, last: date | None = None) -> Iterator[RegisterLine]:
    """Give the line of each complaint received from `first` to `last` (Paris civil dates, both included; None: all).

    Those that were erased come last, without what was personal.

    Raises:
        OperationalError: the database does not answer.

    """
    before = _begins(last + timedelta(days=1)) if last else None
    yield from map(line_of, each_dossier(register, _begins(first) if first else None, before))
    for erased in map(RegisterLine.model_validate, Erasures(register).lines()):
        if (first is None or first <= erased.received_on) and (last is None or erased.received_on <= last):
            yield erased


def anonymous(line: RegisterLine) -> dict[str, Any]:
    """Give what may remain of a line once its person is erased, as JSON; `lines` gives it again."""
    kept = line.model_dump(mode="json", exclude=PERSONAL)
    handlers = [{**handler, "name": None} for handler in kept["handlers"]]
    courts = [{**case, "outcome": None} for case in kept["court_cases"]]
    nobody = dict.fromkeys(("complainant", "representative", "policy_number", "reasons"))
    return {**kept, **nobody, "summary": "", "handlers": handlers, "court_cases": courts}


def _begins(day: date) -> datetime:
    return at_time(day, time.min)
