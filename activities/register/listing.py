"""Lists complaints out of the register, page by page: each complaint once, closed and forgotten ones too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import defer

from activities.register.database import Register
from activities.register.kept import Standing, standing_of
from activities.register.persons import folded
from activities.register.tables import DossierRow, Instant, PersonsRow
from workflows.procedure.vocabulary import Level, Stage

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


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
    insurer: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended: the receipt and the reference of its last complaint."""

    received_at: datetime
    reference: str


@dataclass(frozen=True)
class DueAt:
    """Where a page by deadline ended: the whole of what orders it. `deadline`: aware, None where nothing is due."""

    overdue: bool
    deadline: datetime | None
    reference: str

    @staticmethod
    def of(standing: Standing) -> "DueAt":
        """Give the place of a complaint."""
        return DueAt(standing.overdue, standing.next_deadline, standing.reference)


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

    def due(self, before: datetime, contact: str | None, limit: int, insurer: str | None = None) -> list[Standing]:
        """List at most `limit` open complaints that are overdue or wait for an instant earlier than `before` (aware).

        Those that are overdue come first, then the next deadline decides.
        """
        query = _narrowed(Wanted(open=True, contact=contact, insurer=insurer))
        query = query.where(or_(DossierRow.overdue, DossierRow.next_deadline < before))
        order = DossierRow.overdue.desc(), DossierRow.next_deadline.nulls_last(), DossierRow.reference
        return self._read(query.order_by(*order).limit(limit))

    def by_deadline(self, wanted: Wanted, after: DueAt | None, limit: int) -> list[Standing]:
        """List at most `limit` complaints behind `after`: overdue ones first, then by the next deadline, if any."""
        in_time = case((DossierRow.overdue, 0), else_=1)
        deadline = func.coalesce(DossierRow.next_deadline, literal(_NEVER, Instant))
        query = _narrowed(wanted)
        if after:
            place = (
                literal(0 if after.overdue else 1),
                literal(after.deadline or _NEVER, Instant),
                literal(after.reference),
            )
            query = query.where(tuple_(in_time, deadline, DossierRow.reference) > tuple_(*place))
        return self._read(query.order_by(in_time, deadline, DossierRow.reference).limit(limit))

    def search(self, said: str, insurer: str | None, limit: int) -> list[Standing]:
        """List at most `limit` complaints that have every word of `said` in what they are found by, latest first."""
        query = _narrowed(Wanted(insurer=insurer)).join(PersonsRow, PersonsRow.reference == DossierRow.reference)
        for word in folded(said).split():
            query = query.where(PersonsRow.words.contains(word, autoescape=True))
        return self._read(query.order_by(DossierRow.received_at.desc(), DossierRow.reference).limit(limit))

    def complainants(self, references: Collection[str]) -> dict[str, str]:
        """Say who complains, by reference; who is not named is not in it."""
        query = select(PersonsRow.reference, PersonsRow.name).where(PersonsRow.reference.in_(references))
        with self._register.reading() as session:
            return {reference: name for reference, name in session.execute(query) if name}

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
    if wanted.insurer is not None:
        query = query.where(DossierRow.insurer == wanted.insurer)
    if wanted.received_from is not None:
        query = query.where(DossierRow.received_at >= wanted.received_from)
    if wanted.received_before is not None:
        query = query.where(DossierRow.received_at < wanted.received_before)
    return query
