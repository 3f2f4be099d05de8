"""The secrets insurers sign with, by the id of the key: from the environment, or from a folder with one file for each.

Nothing here says more of a secret than the id of its key.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from activities.firm.partners import Webhook
from activities.firm.schema import Firm

_SHORTEST = 32
"""Bytes: as long as the digest it keys (RFC 2104, section 3)."""
_LARGEST_FILE = 4096


class PartnerKeysError(ValueError):
    """A key cannot be used: the message names its id and the setting, never a secret."""


class PartnerKeys:
    """The secrets of all insurers. A file of the folder is read when it is asked for: rotation needs no restart."""

    def __init__(self, stated: str | None = None, folder: Path | None = None) -> None:
        """Take COMPLAINTS_PARTNER_SECRETS (a JSON object, key id → secret) and COMPLAINTS_PARTNER_SECRETS_DIR.

        A secret is written in hexadecimal or in base64, of at least 32 bytes. What the object states goes first.

        Raises:
            PartnerKeysError: the object is none, or states a secret that cannot be one.

        """
        self._stated = {key_id: _secret(key_id, text) for key_id, text in _object(stated).items()}
        self._folder = folder

    def secret(self, key_id: str) -> bytes | None:
        """Give the secret of a key; None when there is none.

        Raises:
            PartnerKeysError: what the folder holds for it is no secret, or cannot be read.

        """
        if key_id in self._stated or self._folder is None:
            return self._stated.get(key_id)
        try:
            with (self._folder / key_id).open("rb") as file:
                return _secret(key_id, file.read(_LARGEST_FILE).decode("ascii", "replace"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PartnerKeysError(f"the secret of the key {key_id} cannot be read: {error.strerror}") from None

    def of(self, webhook: Webhook) -> dict[str, bytes]:
        """Give the secrets of an insurer's keys in their order; one that cannot be used is left out."""
        found = {}
        for key_id in webhook.keys:
            try:
                secret = self.secret(key_id)
            except PartnerKeysError:
                continue
            if secret is not None:
                found[key_id] = secret
        return found

    def require(self, firm: Firm) -> None:
        """Refuse to go on when a key that the firm's file names has no secret, or not one of its own.

        Raises:
            PartnerKeysError: naming the ids of the keys.

        """
        needed = [key_id for each in firm.insurers if each.webhook for key_id in each.webhook.keys]
        secrets = {key_id: self.secret(key_id) for key_id in needed}
        missing = [key_id for key_id, secret in secrets.items() if secret is None]
        if missing:
            raise PartnerKeysError(
                f"the firm's file names keys without a secret: {', '.join(missing)}; "
                "see COMPLAINTS_PARTNER_SECRETS and COMPLAINTS_PARTNER_SECRETS_DIR"
            )
        if alike := _alike(secrets.items()):
            raise PartnerKeysError(f"keys that have the same secret, which must each have its own: {', '.join(alike)}")


def _alike(secrets: Iterable[tuple[str, bytes | None]]) -> list[str]:
    by_secret: dict[bytes | None, list[str]] = {}
    for key_id, secret in secrets:
        by_secret.setdefault(secret, []).append(key_id)
    return next((ids for ids in by_secret.values() if len(ids) > 1), [])


def _object(stated: str | None) -> dict[str, Any]:
    try:
        found = json.loads(stated) if stated else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PartnerKeysError("COMPLAINTS_PARTNER_SECRETS: expected a JSON object, key id → secret") from None
    return found


def _secret(key_id: str, text: Any) -> bytes:
    said = text.strip() if isinstance(text, str) else ""
    secret = bytes.fromhex(said) if re.fullmatch(r"([0-9a-fA-F]{2})+", said) else _from_base64(said)
    if len(secret) < _SHORTEST:
        raise PartnerKeysError(
            f"the secret of the key {key_id} cannot be used: expected hexadecimal or base64 of at least "
            f"{_SHORTEST} bytes"
        )
    return secret


def _from_base64(said: str) -> bytes:
    try:
        return base64.b64decode(said.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""
