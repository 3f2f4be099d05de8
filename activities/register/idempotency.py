"""References reserved for intakes that bear a key of their sender's: the same intake, repeated, is one complaint.

The reference is written down before the complaint is started: whoever dies in between leaves it to the repeated call.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.register.database import Register, insert
from activities.register.tables import IdempotencyKeyRow


@dataclass(frozen=True)
class Intake:
    """A sender's key and what came with it, as digests: neither can be read back."""

    key: str
    body: str


@dataclass(frozen=True)
class Reserved:
    """The reference of an intake, and the digest of the body it was reserved for."""

    reference: str
    body: str


def intake_of(sender: str, key: str, message: Any) -> Intake:
    """Give the digests of `sender`'s `key`, and of a JSON value however it was written down."""
    body = json.dumps(message, sort_keys=True, separators=(",", ":"))
    return Intake(_digest(f"{sender}\n{key}"), _digest(body))


class IdempotencyKeys:
    """The reservations in the register; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def found(self, intake: Intake) -> Reserved | None:
        """Find what was reserved for the intake's key."""
        with self._register.reading() as session:
            row = session.get(IdempotencyKeyRow, intake.key)
            return Reserved(row.reference, row.body) if row else None

    def reserve(self, intake: Intake, reference: str, now: datetime) -> Reserved:
        """Reserve `reference` for the intake's key, unless another was: then give that one."""
        statement: Any
        with self._register.session() as session:
            statement = insert(session, IdempotencyKeyRow).values(
                digest=intake.key, body=intake.body, reference=reference, created_at=now
            )
            session.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
            row = session.get_one(IdempotencyKeyRow, intake.key)
            return Reserved(row.reference, row.body)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
