"""The secrets insurers sign with, by the id of the key."""

from collections.abc import Iterable
from pathlib import Path

from activities.firm.partners import Webhook
from activities.firm.schema import Firm
from activities.secret_keys import SecretKeyError, SecretKeys


class PartnerKeysError(SecretKeyError):
    """A key of an insurer cannot be used."""


class PartnerKeys:
    """The secrets of all insurers."""

    def __init__(self, stated: str | None = None, folder: Path | None = None) -> None:
        """Take COMPLAINTS_PARTNER_SECRETS and COMPLAINTS_PARTNER_SECRETS_DIR, as `SecretKeys` does.

        Raises:
            PartnerKeysError: the object is none, or states a secret that cannot be one.

        """
        self._secrets = SecretKeys("COMPLAINTS_PARTNER_SECRETS", stated, folder, PartnerKeysError)

    def secret(self, key_id: str) -> bytes | None:
        """Give the secret of a key; None when there is none.

        Raises:
            PartnerKeysError: what the folder holds for it is no secret, or cannot be read.

        """
        return self._secrets.secret(key_id)

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
