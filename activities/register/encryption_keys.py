"""Which keys payloads in Temporal were encrypted with: none of them may be missing while a history needs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from activities.register.database import Register, insert
from activities.register.tables import EncryptionKeyRow
from activities.secret_keys import SecretKeyError


class KeyInUseError(SecretKeyError):
    """A key that complaints need is missing, or another has its id: a process that went on could not read them."""


class Ring(Protocol):
    """The keys a process has."""

    @property
    def current(self) -> tuple[str, bytes]:
        """The id and the bytes of the key that encrypts."""
        ...

    def fingerprint(self, key_id: str) -> str | None:
        """Tell a key from another of the same id; None: there is no such key."""
        ...


@dataclass(frozen=True)
class KnownKey:
    """A key that was used. Instants are the machine's (UTC)."""

    id: str
    fingerprint: str
    first_used_at: datetime
    retired_at: datetime | None


class EncryptionKeys:
    """The keys in use; faults of the register are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def known(self) -> list[KnownKey]:
        """List all keys that were ever used, in the order of their first use."""
        with self._register.reading() as session:
            rows = session.scalars(select(EncryptionKeyRow).order_by(EncryptionKeyRow.first_used_at))
            return [KnownKey(row.id, row.fingerprint, row.first_used_at, row.retired_at) for row in rows]

    def take_up(self, ring: Ring | None, now: datetime) -> None:
        """Check that a process has every key that histories may need, and note the one it encrypts with.

        Raises:
            KeyInUseError: a key is missing, is not the one it was, or is retired and would encrypt again.

        """
        if ring is not None:
            self._note(ring, now)
        for key in self.known():
            if key.retired_at is None:
                _require(ring, key)

    def retire(self, key_id: str, now: datetime) -> None:
        """Note that no history needs a key any more: from here on processes start without it."""
        with self._register.session() as session:
            session.get_one(EncryptionKeyRow, key_id).retired_at = now

    def _note(self, ring: Ring, now: datetime) -> None:
        key_id, _ = ring.current
        statement: Any
        with self._register.session() as session:
            statement = insert(session, EncryptionKeyRow).values(
                id=key_id, fingerprint=ring.fingerprint(key_id), first_used_at=now, retired_at=None
            )
            session.execute(statement.on_conflict_do_nothing())
            if session.get_one(EncryptionKeyRow, key_id).retired_at is not None:
                raise KeyInUseError(f"the key {key_id} is retired: make a new one, with an id of its own")


def _require(ring: Ring | None, key: KnownKey) -> None:
    found = ring.fingerprint(key.id) if ring else None
    if found is None:
        raise KeyInUseError(
            f"complaints were encrypted with the key {key.id}, missing here: see COMPLAINTS_ENCRYPTION_SECRETS "
            "and COMPLAINTS_ENCRYPTION_SECRETS_DIR (`complaints encryption retire` ends a key that none needs)"
        )
    if found != key.fingerprint:
        raise KeyInUseError(
            f"the key {key.id} is not the one that complaints were encrypted with: ids are never reused"
        )
