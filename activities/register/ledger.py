"""The ledger of letters: an attempt is written down before a carrier is asked, and settled after.

So a worker killed in between leaves a trace that the next one finds, and no letter leaves twice in silence.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, null, select, update

from activities.register.database import Register, insert_on
from activities.register.tables import AttemptRow, AttemptState, Words, table_of

MAY_HAVE_LEFT = (AttemptState.OPEN, AttemptState.ACCEPTED, AttemptState.QUEUED, AttemptState.DOUBTFUL)
_UNSETTLED = (AttemptState.OPEN, AttemptState.DOUBTFUL, AttemptState.QUEUED)
_DID_NOT_LEAVE = (AttemptState.NOT_TAKEN, AttemptState.REFUSED)


@dataclass(frozen=True)
class Attempt:
    """One attempt to have a letter carried. `started_at` is the complaint's time, `asked_at` the real one (UTC)."""

    letter_id: str
    number: int
    carrier: str
    state: AttemptState
    started_at: datetime
    asked_at: datetime
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
        with self._register.look() as connection:
            return _standing(_attempts(connection, letter_id))

    def begin(
        self,
        reference: str,
        letter_id: str,
        carrier: str,
        content: bytes,
        content_type: str,
        template: str,
        at: datetime,
        *,
        lasting: bool = True,
    ) -> tuple[Attempt, bool]:
        """Write down that `carrier` is about to be asked at `at` (aware), with the bytes that are to leave.

        `lasting`: it outlives a power cut; not needed where a carrier sends the same thing only once.

        Returns the new attempt and True; or the one by which the letter left or may have left, and False: then the
        carrier must not be asked.
        """
        begun = Attempt(
            letter_id=letter_id,
            number=1,
            carrier=carrier,
            state=AttemptState.OPEN,
            started_at=at.astimezone(UTC),
            asked_at=datetime.now(UTC),
            template=template,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        values = {"reference": reference, "content_type": content_type, "content": content}
        with self._register.transaction(lasting=lasting) as connection:
            write = _begin(connection.dialect.name)
            while connection.execute(write, vars(begun) | values).first() is None:
                # Not the first attempt; or another was quicker, and its attempt can be seen now.
                before = _attempts(connection, letter_id)
                if standing := _standing(before):
                    return standing, False
                begun = replace(begun, number=max((attempt.number for attempt in before), default=0) + 1)
        return begun, True

    def settle(
        self,
        letter_id: str,
        number: int,
        state: AttemptState,
        by: str,
        *,
        provider_id: str | None = None,
        detail: str | None = None,
        lasting: bool = True,
    ) -> Attempt:
        """Write down what became of an attempt, and give it as it stands; `lasting` as for `begin`.

        What is settled stays: an event that came first is not overwritten by an answer that did not come.
        """
        this = {"of_letter": letter_id, "of_number": number}
        told = {"now": state, "by": by, "told_at": datetime.now(UTC), "told_id": provider_id, "told": detail}
        with self._register.transaction(lasting=lasting) as connection:
            # One statement: an event of the provider may be settling it at this moment.
            settled = connection.execute(_settle(left=state not in _DID_NOT_LEAVE), this | told).first()
            return _attempt(settled or connection.execute(_THIS, this).one())


# Statements are made once: each letter runs them.

_TABLE = table_of(AttemptRow)
_COLUMNS = [_TABLE.c[field.name] for field in fields(Attempt)]
_OF_LETTER = select(*_COLUMNS).where(_TABLE.c.letter_id == bindparam("of_letter"))
_THIS = _OF_LETTER.where(_TABLE.c.number == bindparam("of_number"))


@cache
def _begin(dialect: str) -> Any:
    return insert_on(dialect, _TABLE).on_conflict_do_nothing().returning(_TABLE.c.number)


@cache
def _settle(*, left: bool) -> Any:
    made = (
        update(_TABLE)
        .where(_TABLE.c.letter_id == bindparam("of_letter"), _TABLE.c.number == bindparam("of_number"))
        .where(_TABLE.c.state.in_(_UNSETTLED))
        .values(
            state=bindparam("now"),
            settled_by=bindparam("by"),
            settled_at=bindparam("told_at"),
            # What is not told leaves what is known.
            provider_id=func.coalesce(bindparam("told_id", type_=Words), _TABLE.c.provider_id),
            detail=func.coalesce(bindparam("told", type_=Words), _TABLE.c.detail),
        )
        .returning(*_COLUMNS)
    )
    return made if left else made.values(content=null())


def _attempts(connection: Connection, letter_id: str) -> list[Attempt]:
    return [_attempt(row) for row in connection.execute(_OF_LETTER, {"of_letter": letter_id})]


def _standing(attempts: Iterable[Attempt]) -> Attempt | None:
    return next((attempt for attempt in attempts if attempt.state in MAY_HAVE_LEFT), None)


def _attempt(row: Row[Any]) -> Attempt:
    known = row._asdict()
    return Attempt(**known | {"state": AttemptState(known["state"])})
