"""The keys of the encryption: the one that encrypts now, and all that still decrypt."""

import hmac
from pathlib import Path

from activities.secret_keys import SecretKeyError, SecretKeys

_AES_256_BYTES = 32


class EncryptionKeyError(SecretKeyError):
    """A key of the encryption is missing or cannot be used: going on would leave complaints unreadable."""


class KeyRing:
    """Keys by their ids. A key that was not needed before is looked for when a payload names it."""

    def __init__(self, current: str, stated: str | None = None, folder: Path | None = None) -> None:
        """Take COMPLAINTS_ENCRYPTION_KEY, COMPLAINTS_ENCRYPTION_SECRETS and COMPLAINTS_ENCRYPTION_SECRETS_DIR.

        Raises:
            EncryptionKeyError: the current key has no secret, or one that is none.

        """
        self._secrets = SecretKeys("COMPLAINTS_ENCRYPTION_SECRETS", stated, folder, EncryptionKeyError)
        self._found: dict[str, bytes] = {}
        key = self._look_for(current)
        if key is None:
            raise EncryptionKeyError(
                f"COMPLAINTS_ENCRYPTION_KEY names the key {current}, which has no secret; "
                "see COMPLAINTS_ENCRYPTION_SECRETS and COMPLAINTS_ENCRYPTION_SECRETS_DIR"
            )
        self.current = (current, key)
        """The id and the bytes of the key that encrypts."""

    def key(self, key_id: str) -> bytes | None:
        """Give the bytes of a key; None when there is no such key, or it cannot be used."""
        try:
            return self._look_for(key_id)
        except EncryptionKeyError:
            return None

    def fingerprint(self, key_id: str) -> str | None:
        """Give what tells a key from another of the same id without saying anything of it; None: there is no such key.

        Raises:
            EncryptionKeyError: its secret is none.

        """
        key = self._look_for(key_id)
        return hmac.digest(key, b"complaints: which key is this", "sha256").hex()[:16] if key else None

    def _look_for(self, key_id: str) -> bytes | None:
        if key_id not in self._found:
            secret = self._secrets.secret(key_id)
            if secret is None:
                return None
            if len(secret) != _AES_256_BYTES:
                raise EncryptionKeyError(f"the key {key_id} has {len(secret)} bytes: expected {_AES_256_BYTES}")
            self._found[key_id] = secret
        return self._found[key_id]
