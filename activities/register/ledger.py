"""The ledger of letters: an attempt is written down before a carrier is asked, and settled after.

So a worker killed in between leaves a trace that the next one finds, and no letter leaves twice in silence.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activities.register.database import Register, insert
from activities.register.tables import AttemptRow, AttemptState

MAY_HAVE_LEFT = (AttemptState.OPEN, AttemptState.ACCEPTED, AttemptState.QUEUED, AttemptState.DOUBTFUL)
_UNSETTLED = (AttemptState.OPEN, AttemptState.DOUBTFUL, AttemptState.QUEUED)
_DID_NOT_LEAVE = (AttemptState.NOT_TAKEN, AttemptState.REFUSED)


@dataclass(frozen=True)
class Attempt:
    """One attempt to have a letter carried. `started_at` is the complaint's time (UTC)."""

    letter_id: str
    number: int
    carrier: str
    state: AttemptState
    started_at: datetime
    template: str
    sha256: str
    provider_id: str | None = None
    detail: str | None = None


class Ledger:
    """Attempts to deliver letters, one database transaction each."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def standing(self, letter_id: str) -> Attempt | None:
        """Find the attempt by which the letter left, or may have left; None when none did."""
        with self._register.session() as session:
            row = _standing(session, letter_id)
            return _attempt(row) if row else None

    def begin(
        self,
        reference: str,
        letter_id: str,
        carrier: str,
        content: bytes,
        content_type: str,
        template: str,
        at: datetime,
    ) -> tuple[Attempt, bool]:
        """Write down that `carrier` is about to be asked at `at` (aware), with the bytes that are to leave.

        Returns the new attempt and True; or the one by which the letter left or may have left, and False: then the
        carrier must not be asked.
        """
        values = {
            "letter_id": letter_id,
            "reference": reference,
            "carrier": carrier,
            "state": AttemptState.OPEN,
            "started_at": at,
            "asked_at": datetime.now(UTC),
            "template": template,
            "sha256": hashlib.sha256(content).hexdigest(),
            "content_type": content_type,
            "content": content,
        }
        with self._register.session() as session:
            while True:
                standing = _standing(session, letter_id)
                if standing:
                    return _attempt(standing), False
                last = session.scalar(select(func.max(AttemptRow.number)).where(AttemptRow.letter_id == letter_id))
                row = session.scalar(
                    insert(session, AttemptRow)
                    .values(values | {"number": (last or 0) + 1})
                    .on_conflict_do_nothing()
                    .returning(AttemptRow)
                )
                if row:
                    return _attempt(row), True
                # Another was quicker, and its attempt can be seen now.

    def settle(
        self,
        letter_id: str,
        number: int,
        state: AttemptState,
        by: str,
        *,
        provider_id: str | None = None,
        detail: str | None = None,
    ) -> Attempt:
        """Write down what became of an attempt, and give it as it stands.

        What is settled stays: an event that came first is not overwritten by an answer that did not come.
        """
        with self._register.session() as session:
            # Locked: an event of the provider may be settling it at this moment.
            row = session.get_one(AttemptRow, (letter_id, number), with_for_update=True)
            if row.state in _UNSETTLED:
                row.state, row.settled_by, row.settled_at = state, by, datetime.now(UTC)
                row.provider_id = provider_id or row.provider_id
                row.detail = detail or row.detail
                if state in _DID_NOT_LEAVE:
                    row.content = None
            return _attempt(row)


def _standing(session: Session, letter_id: str) -> AttemptRow | None:
    return session.scalar(
        select(AttemptRow).where(AttemptRow.letter_id == letter_id, AttemptRow.state.in_(MAY_HAVE_LEFT))
    )


def _attempt(row: AttemptRow) -> Attempt:
    return Attempt(
        letter_id=row.letter_id,
        number=row.number,
        carrier=row.carrier,
        state=AttemptState(row.state),
        started_at=row.started_at,
        template=row.template,
        sha256=row.sha256,
        provider_id=row.provider_id,
        detail=row.detail,
    )
