"""The accounts of people: who may sign in, as what, and with which password."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from activities.access.roles import Caller, Role, caller_of
from activities.access.tables import AccountRow, SessionRow
from activities.register.database import Register
from workflows.procedure.vocabulary import Language

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 200
_FREE_FAILURES = 5
_LONGEST_LOCK = timedelta(minutes=15)
_hasher = PasswordHasher()
_NOBODYS = _hasher.hash(secrets.token_hex(16))


class AccountRefused(ValueError):
    """An account cannot be made or changed so; `why` names what is wrong: an id for the doors to word."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Account:
    """One person's access. Instants are the machine's (UTC)."""

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    insurer: str | None
    language: Language
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None

    @property
    def caller(self) -> Caller:
        """What this person may do."""
        return caller_of(self.id, self.roles, self.insurer)


class Accounts:
    """The accounts in the register; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def create(
        self,
        login: str,
        name: str,
        roles: Collection[Role],
        now: datetime,
        *,
        contact: str | None = None,
        insurer: str | None = None,
        language: Language = Language.FR,
        password: str | None = None,
    ) -> Account:
        """Make an account; `contact`: the id of the firm's contact it belongs to.

        Raises:
            AccountRefused: `taken` (login or contact), `no_role`, `insurer_needed`, `insurer_unwanted`, `password`.

        """
        if not roles:
            raise AccountRefused("no_role")
        if (Role.PARTNER in roles) != (insurer is not None):
            raise AccountRefused("insurer_needed" if insurer is None else "insurer_unwanted")
        row = AccountRow(
            id=contact or f"u-{secrets.token_hex(4)}",
            login=login.strip().lower(),
            name=name,
            roles=sorted({role.value for role in roles}),
            insurer=insurer,
            language=language.value,
            password=_hashed(password) if password is not None else None,
            subject=None,
            created_at=now,
            disabled_at=None,
            failures=0,
            locked_until=None,
        )
        try:
            with self._register.session() as session:
                session.add(row)
        except IntegrityError:
            raise AccountRefused("taken") from None
        return account_of(row)

    def known(self, login: str, password: str, now: datetime) -> Account | None:
        """Find who signs in so; None where login and password are not a pair, or the account is locked or disabled.

        After five wrong passwords in a row each further one locks the account, for twice as long as the one before.
        """
        with self._register.reading() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.login == login.strip().lower()))
        # Hashed all the same where there is no such account: the time it takes tells nothing.
        right = _matches(row.password if row and row.password else _NOBODYS, password)
        if row is None or row.password is None or row.disabled_at is not None:
            return None
        if row.locked_until is not None and now < row.locked_until:
            return None
        with self._register.session() as session:
            kept = session.get_one(AccountRow, row.id)
            if right:
                kept.failures, kept.locked_until = 0, None
                if _hasher.check_needs_rehash(row.password):
                    kept.password = _hashed(password)
                return account_of(kept)
            kept.failures += 1
            if kept.failures >= _FREE_FAILURES:
                kept.locked_until = now + min(timedelta(seconds=2 ** (kept.failures - _FREE_FAILURES)), _LONGEST_LOCK)
        return None

    def of_person(self, subject: str, email: str | None) -> Account | None:
        """Find the account of a person the firm's provider knows as `subject`.

        The first time it is that of the verified address `email`, which is theirs from then on; an account that is
        another subject's already stays that one's.
        """
        with self._register.session() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.subject == subject))
            if row is None and email is not None:
                unbound = AccountRow.login == email.strip().lower(), AccountRow.subject.is_(None)
                row = session.scalar(select(AccountRow).where(*unbound))
                if row is not None:
                    row.subject = subject
            return account_of(row) if row else None

    def listed(self) -> list[Account]:
        """List all accounts by name, disabled ones too."""
        with self._register.reading() as session:
            return [
                account_of(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name, AccountRow.id))
            ]

    def set_password(self, identity: str, password: str) -> bool:
        """Give an account another password and end its sessions; False when there is no such account.

        Raises:
            AccountRefused: `password`, it is too short or too long.

        """
        hashed = _hashed(password)
        with self._register.session() as session:
            row = session.get(AccountRow, identity)
            if row is None:
                return False
            row.password, row.failures, row.locked_until = hashed, 0, None
            session.execute(delete(SessionRow).where(SessionRow.account == identity))
        return True

    def disable(self, identity: str, now: datetime) -> bool:
        """End an account at once, its sessions too; False when there is none, or it was ended before."""
        with self._register.session() as session:
            row = session.get(AccountRow, identity)
            if row is None or row.disabled_at is not None:
                return False
            row.disabled_at = now
            session.execute(delete(SessionRow).where(SessionRow.account == identity))
        return True


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise AccountRefused("password")
    return _hasher.hash(password)


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[:_LONGEST_PASSWORD])
    except VerificationError:
        return False


def account_of(row: AccountRow) -> Account:
    """Read an account off its row."""
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=frozenset(map(Role, row.roles)),
        insurer=row.insurer,
        language=Language(row.language),
        has_password=row.password is not None,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
