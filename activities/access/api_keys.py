"""Keys by which systems are known on the HTTP API: scoped, expiring, several at once for whoever replaces one.

A key is `ck_<id>_<secret>`. Of the secret only its SHA-256 is kept: it is 32 random bytes, which nobody can try out, so
that a slow hash (made for what people choose) would only slow every call down.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from activities.access.roles import Caller, Right, Role, caller_of
from activities.register.database import Register
from activities.register.tables import ApiKeyRow
from workflows.procedure.events import EVENTS

_KEY = re.compile(r"ck_([0-9a-f]{12})_([0-9a-f]{64})")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_NO_DIGEST = "0" * 64


class Scope(StrEnum):
    """What a key lets its holder do; the values stand in the register."""

    INTAKE = "intake"  # open complaints
    EVENTS = "events"  # tell complaints what happened
    READ = "read"  # lists, dossiers, agenda, dates
    LETTERS = "letters"  # letters as sent
    REGISTER = "register"  # the register's lines


_RIGHTS_OF = {
    Scope.INTAKE: frozenset({Right.INTAKE}),
    Scope.EVENTS: frozenset[Right](),
    Scope.READ: frozenset({Right.LISTS, Right.READ, Right.NOTES, Right.MEDIATION}),
    Scope.LETTERS: frozenset({Right.LETTERS}),
    Scope.REGISTER: frozenset({Right.REGISTER}),
}


class BadKeyName(ValueError):
    """The name of a key is none; the message says what would be."""


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret. Instants are the machine's (UTC).

    It has scopes, for a system that the firm trusts, or the role of a person, which it acts as; a partner's is for the
    complaints of one insurer.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    role: Role | None
    insurer: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def caller(self) -> Caller:
        """What its holder may do."""
        name = f"api:{self.name}"
        if self.role is not None:
            return caller_of(name, {self.role}, self.insurer)
        rights = frozenset[Right]().union(*(_RIGHTS_OF[scope] for scope in self.scopes))
        return Caller(name, rights, frozenset(EVENTS) if Scope.EVENTS in self.scopes else frozenset(), vouches=True)

    def valid(self, now: datetime) -> bool:
        """Say whether it opens anything at `now` (aware)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class ApiKeys:
    """The keys in the register; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        now: datetime,
        expires_at: datetime | None = None,
        *,
        role: Role | None = None,
        insurer: str | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key, with scopes or with a role, and give it with its text, which cannot be had again.

        Raises:
            BadKeyName: `name` is not made of lower-case letters, digits and hyphens.

        """
        if not _NAME.fullmatch(name):
            raise BadKeyName("a key's name has lower-case letters, digits and hyphens, at most 63, such as crm-lyon")
        identity, secret = secrets.token_hex(6), secrets.token_hex(32)
        row = ApiKeyRow(
            id=identity,
            name=name,
            digest=_digest(secret),
            scopes=sorted({scope.value for scope in scopes}),
            role=role.value if role else None,
            insurer=insurer,
            created_at=now,
            expires_at=expires_at,
            revoked_at=None,
        )
        with self._register.session() as session:
            session.add(row)
        return _key_of(row), f"ck_{identity}_{secret}"

    def known(self, said: str, now: datetime) -> ApiKey | None:
        """Find the key that somebody showed; None unless it is whole and valid at `now` (aware)."""
        read = _KEY.fullmatch(said)
        if read is None:
            return None
        with self._register.reading() as session:
            row = session.get(ApiKeyRow, read[1])
        # Compared all the same where there is no such key: the time it takes tells nothing.
        same = secrets.compare_digest(_digest(read[2]), row.digest if row else _NO_DIGEST)
        if row is None or not same:
            return None
        key = _key_of(row)
        return key if key.valid(now) else None

    def listed(self) -> list[ApiKey]:
        """List all keys, by name and age, those that are no longer valid too."""
        with self._register.reading() as session:
            rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.name, ApiKeyRow.created_at, ApiKeyRow.id))
            return [_key_of(row) for row in rows]

    def revoke(self, identity: str, now: datetime) -> bool:
        """End a key at `now`; False when there is none, or it was revoked before."""
        with self._register.session() as session:
            ended = session.scalar(
                update(ApiKeyRow)
                .where(ApiKeyRow.id == identity, ApiKeyRow.revoked_at.is_(None))
                .values(revoked_at=now)
                .returning(ApiKeyRow.id)
            )
        return ended is not None


def _digest(secret: str) -> str:
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def _key_of(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        role=Role(row.role) if row.role else None,
        insurer=row.insurer,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
