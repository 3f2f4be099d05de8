"""Gives the attempts to deliver letters back to a register that has lost them, from the complaint's own journal.

The journal says of each attempt when it was made, by what carrier, of which words, and the digest of its bytes. The
bytes themselves are written anew from the letter's order: they are the ones that left when their digest says so.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activities.register.database import Register, insert
from activities.register.tables import AttemptRow, AttemptState, SettledBy
from workflows.procedure import acts
from workflows.procedure.dossier import SYSTEM, Carried
from workflows.procedure.orders import LetterOrder
from workflows.procedure.records import Entry, Letter
from workflows.procedure.vocabulary import Channel, EntryStatus

Recompose = Callable[[LetterOrder, datetime], tuple[bytes, str]]
"""Writes a letter again as it was to leave at an instant (aware): its bytes, and their content type."""

_STATES = {
    acts.LETTER_SENT: AttemptState.ACCEPTED,
    acts.LETTER_QUEUED: AttemptState.QUEUED,
    acts.LETTER_DEFERRED: AttemptState.NOT_TAKEN,
    acts.LETTER_DOUBTFUL: AttemptState.DOUBTFUL,
    acts.LETTER_FAILED: AttemptState.REFUSED,
}
_LEFT = (AttemptState.ACCEPTED, AttemptState.QUEUED, AttemptState.DOUBTFUL)


class Gap(StrEnum):
    """Why the bytes of a letter could not be restored."""

    WORDS_CHANGED = "words_changed"  # written anew, they differ: the templates or the firm's file have changed
    ORDER_FORGOTTEN = "order_forgotten"  # Temporal no longer has the run in which it was ordered


@dataclass(frozen=True)
class Restored:
    """What was given back of one complaint: attempts that were missing, and those that stay without their bytes."""

    attempts: int
    contents: int
    gaps: Mapping[str, Gap]
    """By letter id."""


@dataclass(frozen=True)
class _Told:
    """One attempt as the journal tells it."""

    letter: Letter
    state: AttemptState


def attempts_missing(register: Register, carried: Carried) -> bool:
    """Whether the register lacks an attempt the journal tells of, or the bytes of one that left."""
    told = _told(carried.journal)
    if not told:
        return False
    with register.reading() as session:
        known = _known(session, carried.reference)
    return any(not known.get(_key(each), False) and (each.state in _LEFT or _key(each) not in known) for each in told)


def restore_attempts(
    register: Register, carried: Carried, orders: Mapping[str, Sequence[LetterOrder]], recompose: Recompose
) -> Restored:
    """Write the attempts that are missing, as they stood when they were made; what is there stays as it is.

    `orders`: what was ordered of each letter, by its id, in the order of time. What became of an attempt later is for
    `Dossiers.record` to settle, from the same journal.
    """
    with register.reading() as session:
        known = _known(session, carried.reference)
    attempts = contents = 0
    gaps: dict[str, Gap] = {}
    for told in _told(carried.journal):
        complete = known.get(_key(told))
        if complete or (complete is not None and told.state not in _LEFT):
            continue
        content, content_type, gap = _written_anew(told.letter, orders.get(told.letter.id, ()), recompose)
        kept = content if told.state in _LEFT else None
        if told.state in _LEFT and gap:
            gaps[told.letter.id] = gap
        with register.session() as session:
            if complete is None:
                attempts += _add(session, carried.reference, told, kept, content_type)
            elif kept is not None:
                contents += _fill(session, told, kept, content_type)
    return Restored(attempts, contents, gaps)


def _told(journal: Iterable[Entry]) -> list[_Told]:
    """Read the attempts from the journal: the complaint's own acts, for which a carrier was asked."""
    found = (
        _Told(Letter.model_validate(entry.data), _STATES[entry.type])
        for entry in journal
        if entry.type in _STATES and entry.status is EntryStatus.ACCEPTED and entry.by == SYSTEM
    )
    return [told for told in found if told.letter.attempt > 0]


def _key(told: _Told) -> tuple[str, int]:
    return told.letter.id, told.letter.attempt


def _known(session: Session, reference: str) -> dict[tuple[str, int], bool]:
    """Say which attempts are there, and whether with their bytes."""
    rows = session.execute(
        select(AttemptRow.letter_id, AttemptRow.number, AttemptRow.content.is_not(None)).where(
            AttemptRow.reference == reference
        )
    )
    return {(letter_id, number): complete for letter_id, number, complete in rows}


def _written_anew(
    letter: Letter, orders: Sequence[LetterOrder], recompose: Recompose
) -> tuple[bytes | None, str, Gap | None]:
    """Write the letter again from each of its orders, until the bytes are those that left."""
    content_type = "application/pdf" if letter.channel is Channel.POST else "message/rfc822"
    if not orders:
        return None, content_type, Gap.ORDER_FORGOTTEN
    for order in reversed(orders):
        if order.channel is not letter.channel:
            continue
        content, content_type = _attempted(order, letter.prepared_at, recompose) or (b"", content_type)
        if hashlib.sha256(content).hexdigest() == letter.sha256:
            return content, content_type, None
    return None, content_type, Gap.WORDS_CHANGED


def _attempted(order: LetterOrder, at: datetime, recompose: Recompose) -> tuple[bytes, str] | None:
    try:
        return recompose(order, at)
    except Exception:  # whatever a template or a firm's file raises that no longer fits the order
        return None


def _add(session: Session, reference: str, told: _Told, content: bytes | None, content_type: str) -> int:
    letter, now = told.letter, datetime.now(UTC)
    added = session.execute(
        insert(session, AttemptRow)
        .values(
            letter_id=letter.id,
            number=letter.attempt,
            reference=reference,
            carrier=letter.carrier,
            state=told.state,
            started_at=letter.prepared_at,
            asked_at=now,
            settled_at=now,
            settled_by=SettledBy.ANSWER,
            provider_id=letter.proof,
            detail=letter.problem,
            template=letter.template,
            sha256=letter.sha256,
            content_type=content_type,
            content=content,
        )
        # Nor when another attempt of this letter stands: a worker has just made one.
        .on_conflict_do_nothing()
        .returning(AttemptRow.number)
    )
    return len(added.all())


def _fill(session: Session, told: _Told, content: bytes, content_type: str) -> int:
    filled = session.execute(
        update(AttemptRow)
        .where(
            AttemptRow.letter_id == told.letter.id,
            AttemptRow.number == told.letter.attempt,
            AttemptRow.sha256 == told.letter.sha256,
            AttemptRow.state.in_(_LEFT),
            AttemptRow.content.is_(None),
        )
        .values(content=content, content_type=content_type)
        .returning(AttemptRow.number)
    )
    return len(filled.all())
