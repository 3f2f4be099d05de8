"""The insurers of the firm's file: how each is written to, and called."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from activities.firm.fields import Part, SlugId, refuse, twice
from workflows.procedure.intake import EmailAddress, Line

_KEY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _is_key_id(text: str) -> str:
    # It names a file of secrets too.
    if _KEY_ID.fullmatch(text) is None:
        raise ValueError("expected an id of lower-case letters, digits, dots, hyphens, such as vallon-2026")
    return text


def _can_be_called(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        host = None
    usual = host and not (parts.username or parts.password or parts.fragment) and text.isascii() and text.isprintable()
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not usual or not safe or " " in text:
        raise ValueError("expected an address that begins with https:// (http:// on this machine alone), no password")
    return text


WebhookAddress = Annotated[Line, AfterValidator(_can_be_called)]
KeyId = Annotated[Line, AfterValidator(_is_key_id)]


class Webhook(Part):
    """Where an insurer takes our calls, and the keys both sign with. Secrets never stand in the file.

    The first key signs what we send; all of them verify what the insurer sends: that is how keys are rotated.
    """

    url: WebhookAddress
    keys: tuple[KeyId, ...] = Field(min_length=1)

    @field_validator("keys")
    @classmethod
    def _once_each(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        refuse(twice(keys))
        return keys

    @property
    def host(self) -> str:
        """Name the machine that is called."""
        return urlsplit(self.url).netloc


class Insurer(Part):
    """A "compagnie": the other Party. Its manager is written to when it lets a deadline pass.

    Without a webhook it is written to by e-mail, and its answers are recorded by staff.
    """

    id: SlugId
    name: Line
    email: EmailAddress
    manager_email: EmailAddress
    webhook: Webhook | None = None


def not_told_apart(insurers: Sequence[Insurer]) -> Iterator[tuple[str, str]]:
    """Name as faults the ids and the keys that are not one insurer's alone."""
    yield from twice(insurer.id for insurer in insurers)
    keys = [key for insurer in insurers if insurer.webhook for key in insurer.webhook.keys]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            # Whoever shares a key could speak in the other's name.
            yield key, "this key belongs to another insurer too"
