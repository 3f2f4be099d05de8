"""Erasure of a closed complaint's person: letters, journal and names go, one anonymous line stays.

The reference stays taken for ever: a complaint erased is not opened again, and no other one takes its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text

from activities.mailbox.tables import AttachmentRow, MessageRow
from activities.register.database import Register, insert
from activities.register.tables import (
    AssignmentRow,
    AttemptRow,
    DeliveryEventRow,
    DossierRow,
    ErasureRow,
    HoldRow,
    JournalRow,
    LetterRow,
    PartnerCallRow,
    PersonsRow,
    ProposalRow,
)
from workflows.procedure.vocabulary import Stage

_PERSONAL = (
    AttemptRow, DeliveryEventRow, LetterRow, JournalRow, PersonsRow, ProposalRow, PartnerCallRow, MessageRow,
    AssignmentRow, DossierRow,
)  # fmt: skip
"""Every table that holds something of a complaint under its reference."""


_MAY_DELETE = text("SELECT has_table_privilege('journal', 'DELETE')")


class NotErasable(ValueError):
    """A complaint is not to be erased; `why`: `unknown`, `open`, `held`, or `not_owner` of the tables."""

    def __init__(self, why: str, detail: str = "") -> None:
        self.why, self.detail = why, detail
        super().__init__(f"{why}: {detail}" if detail else why)


@dataclass(frozen=True)
class Hold:
    """A legal hold on a complaint: since when (UTC), by whom, why."""

    reference: str
    reason: str
    set_by: str
    set_at: datetime


class Erasures:
    """Legal holds and erasures; their faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def holds(self) -> list[Hold]:
        """List the complaints that are not to be erased, in the order of their references."""
        with self._register.reading() as session:
            rows = session.scalars(select(HoldRow).order_by(HoldRow.reference))
            return [Hold(row.reference, row.reason, row.set_by, row.set_at) for row in rows]

    def hold(self, reference: str, reason: str, by: str, now: datetime) -> bool:
        """Keep a complaint from being erased; a hold that stands already stays as it is, and the answer is False.

        Raises:
            NotErasable: `unknown`, the register has no such complaint.

        """
        statement: Any
        with self._register.session() as session:
            if session.get(DossierRow, reference) is None:
                raise NotErasable("unknown")
            statement = insert(session, HoldRow).values(reference=reference, reason=reason, set_by=by, set_at=now)
            made = session.execute(statement.on_conflict_do_nothing().returning(HoldRow.reference)).first()
            return made is not None

    def lift(self, reference: str) -> bool:
        """End a hold; False when there was none."""
        with self._register.session() as session:
            ended = session.execute(delete(HoldRow).where(HoldRow.reference == reference).returning(HoldRow.reference))
            return ended.first() is not None

    def erased_at(self, reference: str) -> datetime | None:
        """Say when a complaint was erased (UTC); None: it was not."""
        with self._register.reading() as session:
            return session.scalar(select(ErasureRow.erased_at).where(ErasureRow.reference == reference))

    def begin(self, reference: str, line: dict[str, Any], by: str, now: datetime) -> None:
        """Write down that the complaint is erased, and what line of it remains: from here on no door reopens it.

        Repeated, it changes nothing.

        Raises:
            NotErasable: `unknown`, `open`, `held` with the reason, or `not_owner`: who works may delete no journal.

        """
        statement: Any
        with self._register.session() as session:
            if not self._register.is_sqlite and not session.scalar(_MAY_DELETE):
                raise NotErasable("not_owner")
            if session.get(ErasureRow, reference) is not None:
                return
            standing = session.get(DossierRow, reference)
            if standing is None:
                raise NotErasable("unknown")
            if standing.stage != Stage.CLOSED:
                raise NotErasable("open")
            held = session.get(HoldRow, reference)
            if held is not None:
                raise NotErasable("held", held.reason)
            statement = insert(session, ErasureRow).values(reference=reference, erased_at=now, erased_by=by, line=line)
            session.execute(statement)

    def finish(self, reference: str) -> int:
        """Remove all that the register holds of an erased complaint; returns how many rows went.

        Raises:
            NotErasable: `open`, its erasure was not begun.

        """
        with self._register.session() as session:
            if session.get(ErasureRow, reference) is None:
                raise NotErasable("open")
            messages = select(MessageRow.id).where(MessageRow.reference == reference)
            # By name: SQLite carries a deletion over to another table only where it is told to.
            files = delete(AttachmentRow).where(AttachmentRow.message.in_(messages)).returning(AttachmentRow.message)
            gone = len(session.execute(files).all())
            for table in _PERSONAL:
                column: Any = table.__table__.c.reference
                result = session.execute(delete(table).where(column == reference).returning(column))
                gone += len(result.all())
            return gone

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give the anonymous lines of what was erased, in the order of the references."""
        with self._register.reading() as session:
            yield from session.scalars(select(ErasureRow.line).order_by(ErasureRow.reference)).all()
