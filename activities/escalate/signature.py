"""How a message between us and an insurer is signed: HMAC-SHA256 over its instant and its bytes, by a named key."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HEADER = "X-Complaints-Signature"
FRESH_FOR = timedelta(minutes=10)
"""A message whose instant lies further from now, either way, is refused: whoever recorded one cannot keep it."""

_FORM = re.compile(r"t=(?P<t>[0-9]{1,11}),kid=(?P<kid>[a-z0-9][a-z0-9._-]{0,63}),v1=(?P<v1>[0-9a-f]{64})")


@dataclass(frozen=True)
class Signature:
    """One signature. `signed_at` is the sender's machine time, in whole seconds of Unix time."""

    signed_at: int
    key_id: str
    digest: str

    def __str__(self) -> str:
        """Write it as the header bears it."""
        return f"t={self.signed_at},kid={self.key_id},v1={self.digest}"

    def fresh(self, now: datetime) -> bool:
        """Say whether it was made within ten minutes of `now` (aware, the machine's)."""
        return abs(now - datetime.fromtimestamp(self.signed_at, UTC)) <= FRESH_FOR


def sign(signed: bytes, key_id: str, secret: bytes, now: datetime) -> Signature:
    """Sign what `signed_part` gave with one key, at `now` (aware, the machine's)."""
    signed_at = int(now.timestamp())
    return Signature(signed_at, key_id, _digest(signed, signed_at, secret))


def read_signature(header: str) -> Signature | None:
    """Read the header; None when it is not of its form."""
    found = _FORM.fullmatch(header.strip())
    return Signature(int(found["t"]), found["kid"], found["v1"]) if found else None


def verified(signature: Signature, signed: bytes, secrets: Mapping[str, bytes]) -> bool:
    """Say whether the key it names is among `secrets` (by id) and made it, over these bytes."""
    secret = secrets.get(signature.key_id)
    return secret is not None and hmac.compare_digest(_digest(signed, signature.signed_at, secret), signature.digest)


def _digest(signed: bytes, signed_at: int, secret: bytes) -> str:
    return hmac.new(secret, str(signed_at).encode() + b"." + signed, hashlib.sha256).hexdigest()
