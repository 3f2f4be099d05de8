"""Counts over all complaints for whoever operates the service: no reference and no person is in them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from activities.register.database import Register
from activities.register.tables import DossierRow, LetterRow
from workflows.procedure.calendar import at_time, paris_date
from workflows.procedure.vocabulary import RequestStatus, Stage

_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Counts:
    """Where complaints stand at one moment."""

    open_by_level: dict[str, int]
    due_today: int
    """Open ones whose next deadline lies in what is left of this day in Paris."""
    overdue: int
    need_attention: int
    refused: int
    """Events that could not be accepted, over all complaints."""
    letters: dict[tuple[str, str], int]
    """By kind and status."""
    silent: dict[str, int]
    """By insurer (`none`: none is named): requests for help past their day without an answer."""


def counts(register: Register, now: datetime) -> Counts:
    """Count (`now`: aware).

    Raises:
        OperationalError: the database does not answer.

    """
    today = paris_date(now)
    is_open = DossierRow.stage != Stage.CLOSED
    tomorrow = at_time(today + timedelta(days=1), time.min)
    with register.reading() as session:
        by_level = session.execute(select(DossierRow.level, func.count()).where(is_open).group_by(DossierRow.level))
        open_by_level = {level: count for level, count in by_level}
        numbers = {
            name: session.scalar(select(func.count()).select_from(DossierRow).where(is_open, condition)) or 0
            for name, condition in (
                ("due_today", DossierRow.next_deadline.between(now, tomorrow)),
                ("overdue", DossierRow.overdue),
                ("need_attention", DossierRow.needs_attention),
            )
        }
        refused = session.scalar(select(func.coalesce(func.sum(DossierRow.refused), 0))) or 0
        by_letter = session.execute(
            select(LetterRow.kind, LetterRow.status, func.count()).group_by(LetterRow.kind, LetterRow.status)
        )
        letters = {(kind, status): count for kind, status, count in by_letter}
        helped = select(DossierRow.insurer, DossierRow.view).where(is_open, DossierRow.supporting_party.is_not(None))
        silent: Counter[str] = Counter()
        for insurer, view in session.execute(helped.execution_options(yield_per=_ROWS_AT_ONCE)):
            late = sum(_is_late(request, today) for request in view["requests"])
            if late:
                silent[insurer or "none"] += late
    return Counts(open_by_level, **numbers, refused=refused, letters=letters, silent=dict(silent))


def _is_late(request: dict[str, str], today: date) -> bool:
    return request["status"] == RequestStatus.OPEN and date.fromisoformat(request["due_on"]) < today
