"""Writes one complaint into the register, within a transaction: only what is new or has changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, update

from activities.register.database import insert_on
from activities.register.persons import name_of, words_of
from activities.register.tables import (
    AssignmentRow,
    AttemptRow,
    AttemptState,
    Base,
    DossierRow,
    JournalRow,
    LetterRow,
    PersonsRow,
    ProcedureRow,
    SettledBy,
    table_of,
)
from workflows.procedure.acts import CONTACT_ASSIGNED
from workflows.procedure.dossier import SYSTEM, Dossier
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry, Letter
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import EntryStatus, LetterStatus, Stage
from workflows.procedure.waking import next_deadline

_REPORTED = "delivery_reported"
_OF_THE_PROVIDER = (SYSTEM, "sendgrid")
"""Who passes on what a provider reports: our doors."""


def _of(reference: Any) -> Any:
    return reference == bindparam("of")


# Made once, since they are run before each wait. Of the tables, not of their classes: nothing is made of the rows.
_VERSION = table_of(ProcedureRow).c.version
_JOURNAL, _LETTER, _ATTEMPT = table_of(JournalRow).c, table_of(LetterRow).c, table_of(AttemptRow).c
_LINES = select(_JOURNAL.line, _JOURNAL.entry).where(_of(_JOURNAL.reference))
_LETTERS = select(_LETTER.letter_id, _LETTER.position, _LETTER.record).where(_of(_LETTER.reference))
_WAITING = select(_ATTEMPT.letter_id, _ATTEMPT.number, _ATTEMPT.state).where(
    _of(_ATTEMPT.reference), _ATTEMPT.state.in_((AttemptState.QUEUED, AttemptState.DOUBTFUL))
)


def write_standing(connection: Connection, dossier: Dossier) -> bool:
    """Write where the complaint stands, unless a later state is written already: then False, and nothing is to follow.

    Of several writers of one complaint the others wait here until the first one's transaction has ended.
    """
    later_only = _upsert(connection.dialect.name, DossierRow)
    return connection.execute(later_only, _standing(dossier)).first() is not None


@cache
def _upsert(dialect: str, table: type[Base]) -> Any:
    """Make the statement that writes rows or replaces them; made once, since it is run before each wait."""
    key = [column.name for column in table_of(table).primary_key]
    made = insert_on(dialect, table_of(table))
    changed: dict[str, Any] = {
        column.name: made.excluded[column.name] for column in table_of(table).columns if column.name not in key
    }
    if table is AssignmentRow:
        stands, comes = AssignmentRow, made.excluded
        # Who was asked for and what was answered stays known only while that is who it is.
        changed["question"] = case((stands.contact == comes.contact, stands.question))
        new = or_(stands.contact != comes.contact, stands.open != comes.open, stands.assigned_at != comes.assigned_at)
        return made.on_conflict_do_update(index_elements=key, set_=changed, where=new)
    if table is DossierRow:
        later = DossierRow.revision <= made.excluded.revision
        return made.on_conflict_do_update(index_elements=key, set_=changed, where=later).returning(DossierRow.reference)
    return made.on_conflict_do_update(index_elements=key, set_=changed)


def _standing(dossier: Dossier) -> dict[str, Any]:
    case, view = dossier.case, dossier_view(dossier)
    del view["journal"]
    return {
        "reference": dossier.reference,
        "revision": len(dossier.journal),
        **{name: view[name] for name in ("level", "stage", "round", "handling_party", "supporting_party")},
        **{name: view[name] for name in ("insurer", "overdue", "needs_attention", "refused", "closed_by")},
        "contact": case.contact.id if case.contact else None,
        "received_at": case.complaint.received_at,
        "next_deadline": next_deadline(case),
        "view": view,
        "procedures": list(dossier.procedures),
        "written_at": datetime.now(UTC),
    }


def write_persons(connection: Connection, dossier: Dossier) -> None:
    """Write what the complaint is found by."""
    values = {"reference": dossier.reference, "name": name_of(dossier), "words": words_of(dossier)}
    connection.execute(_upsert(connection.dialect.name, PersonsRow), values)


def write_assignment(connection: Connection, dossier: Dossier) -> None:
    """Write who is in charge, and whether the complaint still counts among what that person has to see to."""
    contact = dossier.case.contact
    if contact is None:
        return
    named = next(entry for entry in reversed(dossier.journal) if entry.type == CONTACT_ASSIGNED)
    values = {
        "reference": dossier.reference,
        "contact": contact.id,
        "assigned_at": named.at,
        "open": dossier.case.stage is not Stage.CLOSED,
        "question": None,
    }
    connection.execute(_upsert(connection.dialect.name, AssignmentRow), values)


def write_procedures(connection: Connection, procedures: Mapping[str, Procedure]) -> None:
    """Write the versions that are not there. One version is the same procedure for every complaint."""
    if not procedures:
        return
    known = set(connection.scalars(select(_VERSION).where(_VERSION.in_(procedures))))
    write = insert_on(connection.dialect.name, table_of(ProcedureRow)).on_conflict_do_nothing()
    for version in sorted(set(procedures) - known):  # in one order: two writers of two versions wait for each other
        connection.execute(write, {"version": version, "content": procedures[version].model_dump(mode="json")})


def write_journal(connection: Connection, reference: str, journal: list[Entry]) -> None:
    """Write the lines that are new, or whose entry was voided or taken up since."""
    before = {line: entry for line, entry in connection.execute(_LINES, {"of": reference})}
    rows = [
        {
            "reference": reference,
            "line": line,
            "at": entry.at,
            "recorded_at": entry.recorded_at,
            "type": entry.type,
            "status": entry.status,
            "entry": whole,
        }
        for line, entry in enumerate(journal, 1)
        if (whole := entry.model_dump(mode="json")) != before.get(line)
    ]
    if rows:
        connection.execute(_upsert(connection.dialect.name, JournalRow), rows)


def write_letters(connection: Connection, reference: str, letters: list[Letter]) -> None:
    """Write the letters that are new, or of which more is known."""
    known = connection.execute(_LETTERS, {"of": reference})
    before = {letter_id: (position, record) for letter_id, position, record in known}
    rows = [
        {
            "letter_id": letter.id,
            "reference": reference,
            "position": position,
            **{name: getattr(letter, name) for name in ("kind", "language", "channel", "status")},
            **{name: getattr(letter, name) for name in ("due_on", "prepared_at", "sent_at")},
            "record": record,
        }
        for position, letter in enumerate(letters, 1)
        if (position, (record := letter.model_dump(mode="json"))) != before.get(letter.id)
    ]
    if rows:
        connection.execute(_upsert(connection.dialect.name, LetterRow), rows)


def settle_attempts(connection: Connection, dossier: Dossier) -> None:
    """Settle the attempts that waited for somebody's word, as the dossier has it: the letter left, or was lost."""
    waiting = connection.execute(_WAITING, {"of": dossier.reference}).all()
    letters = {letter.id: letter for letter in dossier.case.letters} if waiting else {}
    for letter_id, number, state in waiting:
        found = _what_became(letters.get(letter_id))
        if found:
            connection.execute(
                update(table_of(AttemptRow))
                .where(AttemptRow.letter_id == letter_id, AttemptRow.number == number, AttemptRow.state == state)
                .values(state=found, settled_by=_who_told(dossier.journal, letter_id), settled_at=datetime.now(UTC))
            )


def _what_became(letter: Letter | None) -> AttemptState | None:
    if letter is None:
        return None
    if letter.status is LetterStatus.LOST:
        return AttemptState.LOST
    return AttemptState.ACCEPTED if letter.sent_at else None


def _who_told(journal: list[Entry], letter_id: str) -> SettledBy:
    """Say whether the first word on a letter was the provider's, passed on by our door, or a person's."""
    words = (
        entry.by
        for entry in journal
        if entry.type == _REPORTED and entry.status is EntryStatus.ACCEPTED and entry.data.get("letter_id") == letter_id
    )
    return SettledBy.EVENT if next(words, None) in _OF_THE_PROVIDER else SettledBy.PERSON
