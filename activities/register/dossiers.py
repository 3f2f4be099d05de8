"""The complaints in the register: written as their workflows go on, and read without Temporal."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, defer

from activities.notify.mail import message_digest
from activities.register.database import Register
from activities.register.kept import KeptAttempt, KeptEvent, KeptLetter, Standing, attempt_of, event_of, standing_of
from activities.register.tables import (
    AttemptRow,
    DeliveryEventRow,
    DossierRow,
    ErasureRow,
    JournalRow,
    LetterRow,
    ProcedureRow,
    table_of,
)
from activities.register.writing import (
    settle_attempts,
    write_assignment,
    write_journal,
    write_letters,
    write_persons,
    write_procedures,
    write_standing,
)
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry, Letter


class Erased(Exception):
    """The complaint was erased: it is not opened again, and its reference is no other's."""


class Dossiers:
    """What is kept of complaints. Threads and processes may share the register.

    Every method raises SQLAlchemy's `OperationalError` where the database does not answer.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._versions_written = set[str]()

    def record(self, carried: Carried) -> bool:
        """Write a complaint as it stands, in one transaction; returns whether this state, or the same, now stands.

        A state with fewer lines than are written changes nothing: it was overtaken. Written again, it changes nothing
        either. What a person or a provider said of a letter settles the attempt that waited for it.
        """
        journal = [_in_utc(entry) for entry in carried.journal]
        # Working the dossier out passes through its entries' states: on copies, so that these stay as they are.
        copies = [entry.model_copy() for entry in journal]
        dossier = Dossier.resume(carried.model_copy(update={"journal": copies}))
        with self._register.transaction() as connection:
            if connection.execute(_ERASED, {"reference": carried.reference}).first() or not write_standing(
                connection, dossier
            ):
                return False
            write_persons(connection, dossier)
            write_assignment(connection, dossier)
            new = {
                version: carried.procedures[version] for version in carried.procedures.keys() - self._versions_written
            }
            write_procedures(connection, new)
            write_journal(connection, carried.reference, journal)
            write_letters(connection, carried.reference, dossier.case.letters)
            settle_attempts(connection, dossier)
        self._versions_written |= new.keys()  # once it is certain; a version is never deleted
        return True

    def references(self) -> list[str]:
        """List the references of all complaints, in their order."""
        with self._register.reading() as session:
            return list(session.scalars(select(DossierRow.reference).order_by(DossierRow.reference)))

    def standings(self) -> list[Standing]:
        """Say where each complaint stands, in the order of their references."""
        with self._register.reading() as session:
            rows = session.scalars(select(DossierRow).options(defer(DossierRow.view)).order_by(DossierRow.reference))
            return [standing_of(row) for row in rows]

    def standing(self, reference: str) -> Standing | None:
        """Say where a complaint stands; None when there is none of that reference."""
        with self._register.reading() as session:
            row = session.get(DossierRow, reference)
            return standing_of(row) if row else None

    def standings_of(self, references: Collection[str]) -> dict[str, Standing]:
        """Say where each of these complaints stands, by its reference; what is not known is not in it."""
        query = select(DossierRow).options(defer(DossierRow.view)).where(DossierRow.reference.in_(references))
        with self._register.reading() as session:
            return {row.reference: standing_of(row) for row in session.scalars(query)}

    def references_by_message(self, digests: Collection[str]) -> dict[str, str]:
        """Find complaints by what the Message-IDs of their letters begin with; what is no letter's is not in it.

        Goes through the ids of all letters: a moment for a million of them.
        """
        wanted, found = set(digests), {}
        with self._register.reading() as session:
            for letter_id, reference in session.execute(select(LetterRow.letter_id, LetterRow.reference)).yield_per(
                5000
            ):
                if (digest := message_digest(reference, letter_id)) in wanted:
                    found[digest] = reference
        return found

    def view(self, reference: str) -> dict[str, Any] | None:
        """Give what the complaint's query `dossier` answered last, without its journal; None when there is none."""
        with self._register.reading() as session:
            return session.scalar(select(DossierRow.view).where(DossierRow.reference == reference))

    def carried(self, reference: str) -> Carried | None:
        """Give all there is to a dossier, whole enough to reopen it; None when there is none of that reference."""
        with self._register.reading() as session:
            row = session.get(DossierRow, reference, options=[defer(DossierRow.view)])
            if row is None:
                return None
            lines = session.scalars(
                select(JournalRow.entry).where(JournalRow.reference == reference).order_by(JournalRow.line)
            ).all()
            procedures = _procedures(session, row.procedures)
        return Carried(
            reference=row.reference, journal=[Entry.model_validate(line) for line in lines], procedures=procedures
        )

    def remembered(self, reference: str) -> Carried | None:
        """Give a dossier to whoever would open its reference or reopen it, as `carried` does.

        Raises:
            Erased: it was erased.

        """
        with self._register.reading() as session:
            if session.get(ErasureRow, reference) is not None:
                raise Erased(reference)
        return self.carried(reference)

    def letters(self, reference: str) -> list[KeptLetter]:
        """Give a complaint's letters in the dossier's order, with every attempt and the bytes as sent."""
        with self._register.reading() as session:
            rows = session.scalars(
                select(LetterRow).where(LetterRow.reference == reference).order_by(LetterRow.position)
            ).all()
            attempts = _attempts(session, reference)
        return [KeptLetter(Letter.model_validate(row.record), attempts.get(row.letter_id, ())) for row in rows]

    def letter(self, letter_id: str) -> KeptLetter | None:
        """Give one letter as `letters` does; None when there is none of that id."""
        with self._register.reading() as session:
            row = session.get(LetterRow, letter_id)
            if row is None:
                return None
            attempts = session.scalars(
                select(AttemptRow).where(AttemptRow.letter_id == letter_id).order_by(AttemptRow.number)
            )
            return KeptLetter(Letter.model_validate(row.record), tuple(map(attempt_of, attempts)))

    def attempts(self, reference: str) -> dict[str, tuple[KeptAttempt, ...]]:
        """Give every attempt to have a complaint's letters carried, by the letter's id.

        Among them may be one of a letter that the dossier does not know yet.
        """
        with self._register.reading() as session:
            return _attempts(session, reference)

    def events(self, reference: str) -> list[KeptEvent]:
        """List what providers reported of a complaint's letters, in the order of time."""
        with self._register.reading() as session:
            rows = session.scalars(
                select(DeliveryEventRow)
                .where(DeliveryEventRow.reference == reference)
                .order_by(DeliveryEventRow.happened_at, DeliveryEventRow.event_id)
            )
            return [event_of(row) for row in rows]


_ERASED = select(table_of(ErasureRow).c.erased_at).where(table_of(ErasureRow).c.reference == bindparam("reference"))


def _in_utc(entry: Entry) -> Entry:
    """Say the same instants in UTC: a running complaint and a closed one say them differently, and both are written."""
    return entry.model_copy(update={"at": entry.at.astimezone(UTC), "recorded_at": entry.recorded_at.astimezone(UTC)})


def _attempts(session: Session, reference: str) -> dict[str, tuple[KeptAttempt, ...]]:
    found: defaultdict[str, list[KeptAttempt]] = defaultdict(list)
    for row in session.scalars(
        select(AttemptRow).where(AttemptRow.reference == reference).order_by(AttemptRow.letter_id, AttemptRow.number)
    ):
        found[row.letter_id].append(attempt_of(row))
    return {letter_id: tuple(attempts) for letter_id, attempts in found.items()}


def _procedures(session: Session, versions: list[str]) -> dict[str, Procedure]:
    rows = session.scalars(select(ProcedureRow).where(ProcedureRow.version.in_(versions)))
    contents = {row.version: row.content for row in rows}
    return {version: Procedure.model_validate(contents[version]) for version in versions}
