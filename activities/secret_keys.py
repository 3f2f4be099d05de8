"""Secrets by the id of their key: from the environment, or from a folder with one file for each.

Nothing here says more of a secret than the id of its key.
"""

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any

_SHORTEST = 32
"""Bytes: as long as a SHA-256 digest it keys (RFC 2104, section 3), and as an AES-256 key."""
_LARGEST_FILE = 4096
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class SecretKeyError(ValueError):
    """A key cannot be used: the message names its id and the setting, never a secret."""


class SecretKeys:
    """The secrets of one purpose. A file of the folder is read when it is asked for: a new key needs no restart."""

    def __init__(
        self,
        setting: str,
        stated: str | None = None,
        folder: Path | None = None,
        error: type[SecretKeyError] = SecretKeyError,
    ) -> None:
        """Take what `setting` states (a JSON object, key id → secret), and a folder with files named by key ids.

        A secret is written in hexadecimal or in base64, of at least 32 bytes. What the object states goes first.

        Raises:
            SecretKeyError: as `error`; the object is none, or states a secret that cannot be one.

        """
        self._setting, self._folder, self._error = setting, folder, error
        self._stated = {key_id: self._secret(key_id, text) for key_id, text in self._object(stated).items()}

    def secret(self, key_id: str) -> bytes | None:
        """Give the secret of a key; None when there is none.

        Raises:
            SecretKeyError: as `error`; what the folder holds for it is no secret, or cannot be read.

        """
        if key_id in self._stated or self._folder is None or not _KEY_ID.fullmatch(key_id):
            return self._stated.get(key_id)
        try:
            with (self._folder / key_id).open("rb") as file:
                return self._secret(key_id, file.read(_LARGEST_FILE).decode("ascii", "replace"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(f"the secret of the key {key_id} cannot be read: {error.strerror}") from None

    def _object(self, stated: str | None) -> dict[str, Any]:
        try:
            found = json.loads(stated) if stated else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._error(f"{self._setting}: expected a JSON object, key id → secret") from None
        return found

    def _secret(self, key_id: str, text: Any) -> bytes:
        said = text.strip() if isinstance(text, str) else ""
        secret = bytes.fromhex(said) if re.fullmatch(r"([0-9a-fA-F]{2})+", said) else _from_base64(said)
        if len(secret) < _SHORTEST:
            raise self._error(
                f"the secret of the key {key_id} cannot be used: expected hexadecimal or base64 of at least "
                f"{_SHORTEST} bytes"
            )
        return secret


def _from_base64(said: str) -> bytes:
    try:
        return base64.b64decode(said.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""
