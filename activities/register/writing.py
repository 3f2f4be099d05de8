"""Writes one complaint into the register, within a transaction: only what is new or has changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from activities.register.database import insert
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
)
from workflows.procedure.acts import CONTACT_ASSIGNED
from workflows.procedure.dossier import SYSTEM, Dossier
from workflows.procedure.owed import next_deadline
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry, Letter
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import EntryStatus, LetterStatus, Stage

_REPORTED = "delivery_reported"
_OF_THE_PROVIDER = (SYSTEM, "sendgrid")
"""Who passes on what a provider reports: our doors."""


def write_standing(session: Session, dossier: Dossier) -> bool:
    """Write where the complaint stands, unless a later state is written already: then False, and nothing is to follow.

    Of several writers of one complaint the others wait here until the first one's transaction has ended.
    """
    later_only = _upsert(session.get_bind().dialect.name, DossierRow)
    return session.execute(later_only, _standing(dossier)).first() is not None


@cache
def _upsert(dialect: str, table: type[Base]) -> Any:
    """Make the statement that writes rows or replaces them; made once, since it is run before each wait."""
    key = [column.name for column in table.__table__.primary_key]
    made = (postgresql if dialect == "postgresql" else sqlite).insert(table.__table__)
    changed = {column.name: made.excluded[column.name] for column in table.__table__.columns if column.name not in key}
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


def write_persons(session: Session, dossier: Dossier) -> None:
    """Write what the complaint is found by."""
    values = {"reference": dossier.reference, "name": name_of(dossier), "words": words_of(dossier)}
    session.execute(_upsert(session.get_bind().dialect.name, PersonsRow), values)


def write_assignment(session: Session, dossier: Dossier) -> None:
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
    session.execute(_upsert(session.get_bind().dialect.name, AssignmentRow), values)


def write_procedures(session: Session, procedures: Mapping[str, Procedure]) -> None:
    """Write the versions that are not there. One version is the same procedure for every complaint."""
    known = set(session.scalars(select(ProcedureRow.version).where(ProcedureRow.version.in_(procedures))))
    for version in sorted(set(procedures) - known):  # in one order: two writers of two versions wait for each other
        content = procedures[version].model_dump(mode="json")
        session.execute(insert(session, ProcedureRow).values(version=version, content=content).on_conflict_do_nothing())


def write_journal(session: Session, reference: str, journal: list[Entry]) -> None:
    """Write the lines that are new, or whose entry was voided or taken up since."""
    known = session.execute(select(JournalRow.line, JournalRow.entry).where(JournalRow.reference == reference))
    before = {line: entry for line, entry in known}
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
        session.execute(_upsert(session.get_bind().dialect.name, JournalRow), rows)


def write_letters(session: Session, reference: str, letters: list[Letter]) -> None:
    """Write the letters that are new, or of which more is known."""
    known = session.execute(
        select(LetterRow.letter_id, LetterRow.position, LetterRow.record).where(LetterRow.reference == reference)
    )
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
        session.execute(_upsert(session.get_bind().dialect.name, LetterRow), rows)


def settle_attempts(session: Session, dossier: Dossier) -> None:
    """Settle the attempts that waited for somebody's word, as the dossier has it: the letter left, or was lost."""
    waiting = session.execute(
        select(AttemptRow.letter_id, AttemptRow.number, AttemptRow.state).where(
            AttemptRow.reference == dossier.reference,
            AttemptRow.state.in_((AttemptState.QUEUED, AttemptState.DOUBTFUL)),
        )
    ).all()
    letters = {letter.id: letter for letter in dossier.case.letters} if waiting else {}
    for letter_id, number, state in waiting:
        found = _what_became(letters.get(letter_id))
        if found:
            session.execute(
                update(AttemptRow)
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
