"""The sessions of browsers that are signed in.

The cookie holds 32 random bytes, of which only the digest is kept; the session ends when it was not used for a while,
at the latest after a working day, when its person signs out, and with its account.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from activities.access.accounts import Account, account_of
from activities.access.tables import AccountRow, SessionRow
from activities.register.database import Register

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
_SEEN_AGAIN = timedelta(minutes=1)
"""How exactly the last use is known: a page of ten parts is one write."""


@dataclass(frozen=True)
class Session:
    """A browser that is signed in. `token`: what its forms bear."""

    account: Account
    token: str


class Sessions:
    """The sessions in the register; its faults are SQLAlchemy's. Instants are aware, by the machine's clock."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def open(self, account: str, now: datetime) -> str:
        """Sign an account in and give what the cookie says; sessions that have ended go."""
        said = secrets.token_urlsafe(32)
        with self._register.session() as session:
            session.execute(
                delete(SessionRow).where(or_(SessionRow.seen_at < now - IDLE, SessionRow.opened_at < now - LONGEST))
            )
            session.add(
                SessionRow(
                    digest=_digest(said), account=account, token=secrets.token_urlsafe(32), opened_at=now, seen_at=now
                )
            )
        return said

    def known(self, said: str, now: datetime, *, in_use: bool = True) -> Session | None:
        """Find the session of a cookie; None where it has ended, or its account has.

        `in_use`: its person does something; a page that merely stays open does not keep a session alive.
        """
        with self._register.reading() as session:
            found = session.execute(
                select(SessionRow, AccountRow).join(AccountRow).where(SessionRow.digest == _digest(said))
            ).one_or_none()
        if found is None:
            return None
        row, account = found
        if account.disabled_at is not None or now - row.seen_at > IDLE or now - row.opened_at > LONGEST:
            return None
        if in_use and now - row.seen_at > _SEEN_AGAIN:
            with self._register.session() as session:
                session.execute(update(SessionRow).where(SessionRow.digest == row.digest).values(seen_at=now))
        return Session(account_of(account), row.token)

    def end(self, said: str) -> None:
        """Sign a browser out."""
        with self._register.session() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == _digest(said)))


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()
