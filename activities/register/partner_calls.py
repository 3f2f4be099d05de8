"""Calls of insurers on our door and of ours on theirs: what came of each; one event of an insurer is taken once.

Instants are the machine's. What a call says stands in the complaint's journal, not here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from activities.register.database import Register, insert
from activities.register.tables import PartnerCallRow


class Direction(StrEnum):
    """Who called; the values stand in the register."""

    IN = "in"
    OUT = "out"


class CallResult(StrEnum):
    """What came of a call; the values stand in the register."""

    # Ours on an insurer's webhook.
    TAKEN = "taken"
    DEFERRED = "deferred"
    # Either way: by the insurer, or by the rules of the complaint.
    REFUSED = "refused"
    # An insurer's on our door.
    CLAIMED = "claimed"  # to be recorded; what became of it is not known, or not yet
    ACCEPTED = "accepted"
    REPLAYED = "replayed"  # the same event again
    CONFLICT = "conflict"  # the same id for another event
    FORGED = "forged"
    STALE = "stale"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    FOREIGN = "foreign"  # of another insurer's complaint, or of none
    UNKNOWN_INSURER = "unknown_insurer"


@dataclass(frozen=True)
class SentCall:
    """A call of ours on an insurer's webhook; `event_id` is the call's business key."""

    insurer: str
    reference: str
    type: str
    event_id: str
    result: CallResult


@dataclass(frozen=True)
class Received:
    """A call of an insurer. What is not known, or not to be trusted, is None. `digest`: SHA-256 of what was signed."""

    insurer: str | None
    reference: str | None = None
    type: str | None = None
    source: str | None = None
    event_id: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Answer:
    """What an insurer was answered once its event was settled: an HTTP status, and the body."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Earlier:
    """The same event as it was taken before; `answer` is None while it is not settled."""

    digest: str | None
    answer: Answer | None


@dataclass(frozen=True)
class KeptCall:
    """One call as the register has it."""

    id: str
    direction: Direction
    insurer: str | None
    reference: str | None
    type: str | None
    received_at: datetime
    outcome: CallResult


class PartnerCalls:
    """The calls in the register. Threads and processes may share it; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def note_sent(self, calls: Sequence[SentCall], now: datetime) -> None:
        """Note calls of ours, made just before `now`."""
        with self._register.session() as session:
            session.add_all(
                PartnerCallRow(
                    id=uuid.uuid4().hex,
                    direction=Direction.OUT,
                    insurer=call.insurer,
                    reference=call.reference,
                    type=call.type,
                    event_id=call.event_id,
                    received_at=now,
                    outcome=call.result,
                )
                for call in calls
            )

    def note(self, call: Received, result: CallResult, now: datetime) -> None:
        """Note a call that changes nothing."""
        with self._register.session() as session:
            session.add(PartnerCallRow(**_values(call), received_at=now, outcome=result))

    def earlier(self, call: Received) -> Earlier | None:
        """Find the same event (insurer, source and id) as it was taken before."""
        with self._register.reading() as session:
            row = session.scalar(select(PartnerCallRow).where(PartnerCallRow.claim == _claim(call)))
            return _earlier(row) if row else None

    def claim(self, call: Received, now: datetime) -> Earlier | None:
        """Take an event to be recorded, once: None when it is new, else how it was taken before."""
        statement: Any
        with self._register.session() as session:
            statement = insert(session, PartnerCallRow).values(
                **_values(call), received_at=now, outcome=CallResult.CLAIMED, claim=_claim(call)
            )
            statement = statement.on_conflict_do_nothing(index_elements=["claim"]).returning(PartnerCallRow.id)
            if session.scalar(statement) is not None:
                return None
        return self.earlier(call)

    def settle(self, call: Received, result: CallResult, answer: Answer) -> None:
        """Keep what a claimed event was answered: the same event is answered so again."""
        with self._register.session() as session:
            session.execute(
                update(PartnerCallRow)
                .where(PartnerCallRow.claim == _claim(call))
                .values(outcome=result, answer={"status": answer.status, "body": answer.body})
            )

    def latest(self, insurer: str, direction: Direction, limit: int = 1) -> list[KeptCall]:
        """List the last calls of an insurer on us, or ours on it, the latest first."""
        with self._register.reading() as session:
            rows = session.scalars(
                select(PartnerCallRow)
                .where(PartnerCallRow.insurer == insurer, PartnerCallRow.direction == direction)
                .order_by(PartnerCallRow.received_at.desc(), PartnerCallRow.id)
                .limit(limit)
            )
            return [_kept(row) for row in rows]


def _values(call: Received) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "direction": Direction.IN,
        "insurer": call.insurer,
        "reference": call.reference,
        "type": call.type,
        "event_id": call.event_id,
        "digest": call.digest,
    }


def _claim(call: Received) -> str:
    return f"{call.insurer}\n{call.source}\n{call.event_id}"


def _earlier(row: PartnerCallRow) -> Earlier:
    answer = Answer(row.answer["status"], row.answer["body"]) if row.answer else None
    return Earlier(row.digest, answer)


def _kept(row: PartnerCallRow) -> KeptCall:
    return KeptCall(
        id=row.id,
        direction=Direction(row.direction),
        insurer=row.insurer,
        reference=row.reference,
        type=row.type,
        received_at=row.received_at,
        outcome=CallResult(row.outcome),
    )
