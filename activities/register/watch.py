"""What the morning and the agenda read of the register: last states in small batches, and what is new over all."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from activities.register.database import Register
from activities.register.tables import DossierRow, JournalRow, LetterRow
from workflows.procedure.acts import CLOCK_BREACHED
from workflows.procedure.vocabulary import DeliveryStatus, EntryStatus, LetterStatus, Stage

_REPORTED = "delivery_reported"
_CAME_BACK = (DeliveryStatus.BOUNCED, DeliveryStatus.BLOCKED, DeliveryStatus.RETURNED)
_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Happened:
    """Something that people hear of in the morning: a clock was missed (its key), or a letter came back (its id)."""

    reference: str
    breached: str | None = None
    bounced: str | None = None


@dataclass(frozen=True)
class Upcoming:
    """An open complaint that something falls due for. `view`: the answer of its query `dossier`, without journal."""

    reference: str
    written_at: datetime
    """By the machine's clock: when the register last heard of it (UTC)."""
    view: dict[str, Any]


class Watch:
    """Reads of all complaints at once, never holding more than a few hundred rows.

    Every method raises SQLAlchemy's `OperationalError` where the database does not answer.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def views(self, references: Collection[str]) -> dict[str, dict[str, Any]]:
        """Give the last state of each of these complaints by its reference; what is not known is not in it."""
        with self._register.reading() as session:
            found = session.execute(
                select(DossierRow.reference, DossierRow.view).where(DossierRow.reference.in_(references))
            )
            return {reference: view for reference, view in found}

    def happened(self, after: datetime, until: datetime, contacts: Collection[str] | None = None) -> list[Happened]:
        """List what was recorded later than `after` and not later than `until` (aware, the complaints' time).

        Of complaints in the care of `contacts`, or of all.
        """
        query = select(JournalRow.reference, JournalRow.type, JournalRow.entry["data"]).where(
            JournalRow.type.in_((CLOCK_BREACHED, _REPORTED)),
            JournalRow.recorded_at > after,
            JournalRow.recorded_at <= until,
            JournalRow.status == EntryStatus.ACCEPTED,
        )
        if contacts is not None:
            query = query.join(DossierRow, DossierRow.reference == JournalRow.reference)
        found: list[Happened] = []
        with self._register.reading() as session:
            for reference, kind, data in session.execute(_of(query, contacts)).yield_per(_ROWS_AT_ONCE):
                if kind == CLOCK_BREACHED:
                    found.append(Happened(reference, breached=data["clock"]))
                elif data["status"] in _CAME_BACK:
                    found.append(Happened(reference, bounced=data["letter_id"]))
        return found

    def to_post(self, contacts: Collection[str] | None = None) -> list[str]:
        """List the complaints with a letter that lies ready for the post; of `contacts`, or of all."""
        query = (
            select(LetterRow.reference)
            .join(DossierRow, DossierRow.reference == LetterRow.reference)
            .where(LetterRow.status == LetterStatus.QUEUED)
            .distinct()
        )
        with self._register.reading() as session:
            return list(session.scalars(_of(query, contacts)))

    def upcoming(self, until: datetime, contact: str | None = None) -> Iterator[Upcoming]:
        """Go through the open complaints that wait for an instant up to `until` (aware), in the order of references."""
        query = (
            select(DossierRow.reference, DossierRow.written_at, DossierRow.view)
            .where(DossierRow.stage != Stage.CLOSED, DossierRow.next_deadline <= until)
            .order_by(DossierRow.reference)
        )
        with self._register.reading() as session:
            rows = session.execute(_of(query, None if contact is None else [contact])).yield_per(_ROWS_AT_ONCE)
            for reference, written_at, view in rows:
                yield Upcoming(reference, written_at, view)


def _of(query: Select[Any], contacts: Collection[str] | None) -> Select[Any]:
    return query if contacts is None else query.where(DossierRow.contact.in_(contacts))
