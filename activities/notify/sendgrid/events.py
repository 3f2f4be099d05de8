"""Reads the calls of SendGrid's Event Webhook: whether SendGrid made them, and what they report of our letters."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

from activities.notify.carrier import CarrierMisconfigured
from activities.notify.clean import one_line
from activities.notify.sendgrid.message import Argument
from activities.register.events import Reported, What

SIGNATURE = str(EventWebhookHeader.SIGNATURE)
TIMESTAMP = str(EventWebhookHeader.TIMESTAMP)

_log = logging.getLogger(__name__)
_LONGEST_READ, _LONGEST_DETAIL = 2_000, 300
_WHAT = {what.value: what for what in (What.PROCESSED, What.DELIVERED, What.DEFERRED, What.BOUNCE, What.DROPPED)}
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']*(?:@|%40)[^\s<>()\[\],;\"']*", re.IGNORECASE)
# An automatic reply sent to the envelope's address comes back as if the letter had bounced.
_ABSENCE = re.compile(
    r"out[ -]of[ -](?:the[ -])?office|\bvacation\b|\bon (?:annual |sick |parental |maternity )?leave\b"
    r"|\bauto(?:matic)?[ -]?(?:reply|response|responder)\b|r[ée]ponse automatique|absen(?:ce|te?) du bureau"
    r"|message d['’]absence|en mon absence|je suis (?:actuellement )?absente?\b|\bcong[ée]s\b|\babsence\b(?! of\b)",
    re.IGNORECASE,
)
_BAD_ADDRESS = re.compile(r"5\.1\.\d+")
"""Enhanced status codes (RFC 3463) of an address that is none: whatever the reason says, that is a bounce."""


class NotACall(ValueError):
    """The body is no batch of events."""


class Verifier:
    """Knows a call that SendGrid has signed."""

    def __init__(self, public_key: str) -> None:
        """Use the key of the Signed Event Webhook, as SendGrid's settings page shows it, or as PEM.

        Raises:
            CarrierMisconfigured: it is no such key.

        """
        bare = "".join(re.sub(r"-----(BEGIN|END) PUBLIC KEY-----", "", public_key).split())
        try:
            self._webhook = EventWebhook(bare)
        except Exception:  # whatever the cryptography library raises of a text that is no key
            self._webhook = None
        if self._webhook is None or not isinstance(self._webhook.public_key, ec.EllipticCurvePublicKey):
            raise CarrierMisconfigured(
                "COMPLAINTS_SENDGRID_EVENT_KEY is no verification key as SendGrid's Signed Event Webhook page shows it"
            )

    def signed(self, body: bytes, signature: str, timestamp: str) -> bool:
        """Say whether SendGrid signed this very body at this time (seconds since 1970, as text)."""
        try:
            return bool(self._webhook.verify_signature(body.decode(), signature, timestamp))
        except ValueError:  # no UTF-8, no base64
            return False


class _Event(BaseModel):
    """One event as SendGrid writes it: what we use of it."""

    model_config = ConfigDict(extra="ignore", str_max_length=10_000)

    event: str
    sg_event_id: str = Field(min_length=1)
    timestamp: int = Field(ge=0, le=4_102_444_800)
    reference: str = Field(min_length=1)
    letter_id: str = Field(min_length=1)
    letter_attempt: int | None = Field(default=None, ge=1)
    sg_message_id: str = ""
    type: str = ""
    status: str = ""
    reason: str = ""
    response: str = ""
    email: str = ""


_OURS = (Argument.REFERENCE, Argument.LETTER_ID)
_LIST = TypeAdapter(list[dict[str, Any]])


def read_call(body: bytes) -> list[Reported]:
    """Read what a call reports of our letters; other mail of the same account is passed over.

    Raises:
        NotACall: it is no JSON list of objects.

    """
    try:
        listed = _LIST.validate_json(body)
    except ValidationError:
        raise NotACall("expected a JSON list of events") from None
    return list(_ours(listed))


def _ours(listed: list[dict[str, Any]]) -> Iterator[Reported]:
    for each in listed:
        if not all(each.get(argument) for argument in _OURS):
            continue
        try:
            yield _reported(_Event.model_validate({name: value for name, value in each.items() if value is not None}))
        except ValidationError as error:
            # One odd event must not have the whole batch refused, and repeated, for a day.
            fields = sorted({str(part) for problem in error.errors() for part in problem["loc"][:1]})
            _log.warning("an event of SendGrid cannot be read: %s", ", ".join(fields))


def _reported(event: _Event) -> Reported:
    return Reported(
        event_id=event.sg_event_id,
        reference=event.reference,
        letter_id=event.letter_id,
        attempt=event.letter_attempt,
        what=_what(event),
        happened_at=datetime.fromtimestamp(event.timestamp, UTC),
        # The id that the answer to the request bore, before what SendGrid's servers add to it.
        provider_id=event.sg_message_id.partition(".")[0] or None,
        detail=_without_addresses(event.reason or event.response, event.email) or None,
    )


def _what(event: _Event) -> What:
    what = _WHAT.get(event.event, What.OTHER)
    if what is not What.BOUNCE:
        return what
    if _ABSENCE.search(event.reason) and not _BAD_ADDRESS.search(f"{event.status} {event.reason}"):
        return What.ABSENCE
    return What.BLOCKED if event.type == "blocked" else What.BOUNCE


def _without_addresses(said: str, address: str) -> str:
    """Give a server's words without e-mail addresses, and without any part of this customer's own."""
    line = _ADDRESS.sub("…", one_line(said, _LONGEST_READ))
    local, _, domain = address.partition("@")
    for part in (domain, *re.split(r"[._+-]", local)):
        if len(part) >= 3:
            line = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", line, flags=re.IGNORECASE)
    return one_line(line, _LONGEST_DETAIL)
