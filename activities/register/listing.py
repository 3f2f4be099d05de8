"""Lists complaints out of the register, page by page: each complaint once, closed and forgotten ones too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import defer

from activities.register.database import Register
from activities.register.kept import Standing, standing_of
from activities.register.tables import DossierRow
from workflows.procedure.vocabulary import Level, Stage


@dataclass(frozen=True)
class Wanted:
    """Which complaints are listed: those that meet every condition given. Instants are aware."""

    level: Level | None = None
    stage: Stage | None = None
    contact: str | None = None
    overdue: bool = False
    open: bool | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended: the receipt and the reference of its last complaint."""

    received_at: datetime
    reference: str


class Listing:
    """Pages of complaints; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def page(self, wanted: Wanted, after: Place | None, limit: int) -> list[Standing]:
        """List at most `limit` complaints in the order of their receipt, those behind `after`."""
        query = _narrowed(wanted)
        if after:
            same = and_(DossierRow.received_at == after.received_at, DossierRow.reference > after.reference)
            query = query.where(or_(DossierRow.received_at > after.received_at, same))
        return self._read(query.order_by(DossierRow.received_at, DossierRow.reference).limit(limit))

    def due(self, before: datetime, contact: str | None, limit: int) -> list[Standing]:
        """List at most `limit` open complaints that are overdue or wait for an instant earlier than `before` (aware).

        Those that are overdue come first, then the next deadline decides.
        """
        query = _narrowed(Wanted(open=True, contact=contact))
        query = query.where(or_(DossierRow.overdue, DossierRow.next_deadline < before))
        order = DossierRow.overdue.desc(), DossierRow.next_deadline.nulls_last(), DossierRow.reference
        return self._read(query.order_by(*order).limit(limit))

    def _read(self, query: Select[Any]) -> list[Standing]:
        with self._register.reading() as session:
            return [standing_of(row) for row in session.scalars(query.options(defer(DossierRow.view)))]


def _narrowed(wanted: Wanted) -> Select[Any]:
    query = select(DossierRow)
    if wanted.level is not None:
        query = query.where(DossierRow.level == wanted.level)
    if wanted.stage is not None:
        query = query.where(DossierRow.stage == wanted.stage)
    if wanted.contact is not None:
        query = query.where(DossierRow.contact == wanted.contact)
    if wanted.overdue:
        query = query.where(DossierRow.overdue)
    if wanted.open is not None:
        query = query.where(DossierRow.stage != Stage.CLOSED if wanted.open else DossierRow.stage == Stage.CLOSED)
    if wanted.received_from is not None:
        query = query.where(DossierRow.received_at >= wanted.received_from)
    if wanted.received_before is not None:
        query = query.where(DossierRow.received_at < wanted.received_before)
    return query
