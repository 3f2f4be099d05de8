"""Answers that people compose: drafted, proposed to a second person, returned or released. Each step says who and when.

A released one is sent as the event `response_given` of an id that is the proposal's: killed between the two, the event
is sent again and counts once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from activities.register.database import Register
from activities.register.tables import ProposalRow


class ProposalState(StrEnum):
    """Where an answer stands before the customer has it."""

    DRAFT = "draft"
    PROPOSED = "proposed"  # a second person reads it
    RETURNED = "returned"  # not so, says that person
    RELEASED = "released"  # it leaves, or has left
    DROPPED = "dropped"  # it never will


_OPEN = (ProposalState.DRAFT, ProposalState.PROPOSED, ProposalState.RETURNED)


class NotSo(ValueError):
    """A step cannot be taken; `why`: `changed` meanwhile, `not_open` any more, `own` work cannot be approved."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Proposal:
    """One answer as it stands. Instants are the machine's (UTC)."""

    id: str
    reference: str
    state: ProposalState
    revision: int
    answer: dict[str, Any]
    journal_lines: int
    composed_by: str
    composed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None

    @property
    def event_id(self) -> str:
        """The id of the event that releases it."""
        return f"answer-{self.id}"


class Proposals:
    """The proposals in the register; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def open_of(self, reference: str) -> Proposal | None:
        """Give the answer that people work on for a complaint; None when there is none."""
        query = select(ProposalRow).where(ProposalRow.reference == reference, ProposalRow.state.in_(_OPEN))
        with self._register.reading() as session:
            row = session.scalar(query)
            return _proposal_of(row) if row else None

    def proposed(self) -> list[Proposal]:
        """List what waits for a second person, oldest first."""
        query = select(ProposalRow).where(ProposalRow.state == ProposalState.PROPOSED)
        with self._register.reading() as session:
            return [_proposal_of(row) for row in session.scalars(query.order_by(ProposalRow.composed_at))]

    def released_unsent(self, reference: str) -> Proposal | None:
        """Give the last released answer of a complaint, whose event may have been cut off."""
        query = select(ProposalRow).where(
            ProposalRow.reference == reference, ProposalRow.state == ProposalState.RELEASED
        )
        with self._register.reading() as session:
            row = session.scalars(query.order_by(ProposalRow.decided_at.desc())).first()
            return _proposal_of(row) if row else None

    def compose(
        self, reference: str, answer: dict[str, Any], journal_lines: int, by: str, now: datetime, seen: int | None
    ) -> Proposal:
        """Write an answer down, new or in the place of the open one; `seen`: the revision that was worked on.

        Raises:
            NotSo: `changed`, somebody else wrote meanwhile.

        """
        query = select(ProposalRow).where(ProposalRow.reference == reference, ProposalRow.state.in_(_OPEN))
        try:
            with self._register.session() as session:
                row = session.scalar(query.with_for_update())
                if (row.revision if row else None) != seen:
                    raise NotSo("changed")
                if row is None:
                    row = ProposalRow(id=secrets.token_hex(6), reference=reference, revision=0)
                    session.add(row)
                row.state, row.revision = ProposalState.DRAFT, row.revision + 1
                row.answer, row.journal_lines = answer, journal_lines
                row.composed_by, row.composed_at = by, now
                row.decided_by = row.decided_at = row.remark = None
                session.flush()
                return _proposal_of(row)
        except IntegrityError:  # somebody began one at the same instant
            raise NotSo("changed") from None

    def propose(self, reference: str, identity: str, seen: int) -> Proposal:
        """Put it before a second person. Raises NotSo: `changed`, `not_open`."""
        return self._step(
            reference, identity, seen, ProposalState.PROPOSED, (ProposalState.DRAFT, ProposalState.RETURNED)
        )

    def give_back(self, reference: str, identity: str, seen: int, by: str, remark: str, now: datetime) -> Proposal:
        """Return it with a remark. Raises NotSo: `changed`, `not_open`."""
        return self._step(reference, identity, seen, ProposalState.RETURNED, (ProposalState.PROPOSED,), by, now, remark)

    def release(self, reference: str, identity: str, seen: int, by: str, now: datetime, *, second: bool) -> Proposal:
        """Let it leave; `second`: by another person than who composed it, once it was proposed.

        Raises:
            NotSo: `own`, `changed`, `not_open`.

        """
        before = (ProposalState.PROPOSED,) if second else _OPEN
        return self._step(reference, identity, seen, ProposalState.RELEASED, before, by, now, not_by_its_author=second)

    def drop(self, reference: str, identity: str, seen: int, by: str, now: datetime) -> Proposal:
        """Give it up. Raises NotSo: `changed`, `not_open`."""
        return self._step(reference, identity, seen, ProposalState.DROPPED, _OPEN, by, now)

    def _step(
        self,
        reference: str,
        identity: str,
        seen: int,
        to: ProposalState,
        before: tuple[ProposalState, ...],
        by: str | None = None,
        now: datetime | None = None,
        remark: str | None = None,
        *,
        not_by_its_author: bool = False,
    ) -> Proposal:
        with self._register.session() as session:
            row = session.get(ProposalRow, identity, with_for_update=True)
            # Whether a second person is wanted was asked of this complaint: another's answer is not decided through it.
            if row is None or row.reference != reference or row.state not in before:
                raise NotSo("not_open")
            if row.revision != seen:
                raise NotSo("changed")
            if not_by_its_author and row.composed_by == by:
                raise NotSo("own")
            row.state, row.revision = to, row.revision + 1
            row.decided_by, row.decided_at, row.remark = by, now, remark
            session.flush()
            return _proposal_of(row)


def _proposal_of(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        reference=row.reference,
        state=ProposalState(row.state),
        revision=row.revision,
        answer=row.answer,
        journal_lines=row.journal_lines,
        composed_by=row.composed_by,
        composed_at=row.composed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remark=row.remark,
    )
