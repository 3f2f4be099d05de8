"""Reads whole dossiers out of the register, one after the other: all of them never stand in memory together."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from activities.register.database import Register
from activities.register.tables import DossierRow, JournalRow, ProcedureRow
from workflows.procedure.dossier import Carried
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry

AT_ONCE = 200
"""Dossiers read by one question to the database."""
_PROCEDURES_KEPT = 50
"""Thousands of complaints share a version; an old register knows many."""


def each_dossier(
    register: Register,
    received_from: datetime | None = None,
    received_before: datetime | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Carried]:
    """Give the dossiers received in that time (aware instants, the second excluded), in the order of their receipt.

    All are of one moment: what is recorded meanwhile is not seen. Read it to its end, or close it.

    Raises:
        OperationalError: the database does not answer.

    """
    known: dict[str, Procedure] = {}
    bounds: list[ColumnElement[bool]] = []
    if received_from:
        bounds.append(DossierRow.received_at >= received_from)
    if received_before:
        bounds.append(DossierRow.received_at < received_before)
    with register.reading() as session:
        after: tuple[datetime, str] | None = None
        while rows := _next(session, bounds, after, at_once):
            journals = _journals(session, [row.reference for row in rows])
            for row in rows:
                yield Carried(
                    reference=row.reference,
                    journal=journals[row.reference],
                    procedures={version: _procedure(session, version, known) for version in row.procedures},
                )
            after = rows[-1].received_at, rows[-1].reference


def _next(
    session: Session, bounds: list[ColumnElement[bool]], after: tuple[datetime, str] | None, count: int
) -> list[Any]:
    order = DossierRow.received_at, DossierRow.reference
    # Columns rather than rows of the table: the session would remember those.
    wanted = select(DossierRow.reference, DossierRow.received_at, DossierRow.procedures).where(*bounds)
    if after:
        received_at, reference = after
        same = and_(DossierRow.received_at == received_at, DossierRow.reference > reference)
        wanted = wanted.where(or_(DossierRow.received_at > received_at, same))
    return list(session.execute(wanted.order_by(*order).limit(count)))


def _journals(session: Session, references: list[str]) -> defaultdict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    lines = session.execute(
        select(JournalRow.reference, JournalRow.entry)
        .where(JournalRow.reference.in_(references))
        .order_by(JournalRow.reference, JournalRow.line)
    )
    for reference, entry in lines:
        found[reference].append(Entry.model_validate(entry))
    return found


def _procedure(session: Session, version: str, known: dict[str, Procedure]) -> Procedure:
    found = known.pop(version, None)
    if found is None:
        content = session.scalars(select(ProcedureRow.content).where(ProcedureRow.version == version)).one()
        found = Procedure.model_validate(content)
    known[version] = found  # last, as the one that was needed last
    if len(known) > _PROCEDURES_KEPT:
        del known[next(iter(known))]
    return found
