"""The signed Event Webhook: what the server reports of the messages it accepted."""

import base64
import http.client
import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.sendgrid_server.received import Received


@dataclass(frozen=True)
class Answered:
    """What the other side said to a call of the Event Webhook; status 0: it did not answer."""

    status: int
    body: str
    headers: dict[str, str]


class Webhook:
    """The signed Event Webhook: events of accepted messages, as SendGrid writes and signs them."""

    _FIELDS: ClassVar[dict[str, dict[str, str]]] = {
        "deferred": {"response": "451 4.3.0 try again later", "attempt": "5"},
        "delivered": {"response": "250 2.0.0 OK"},
        "bounce": {"reason": "550 5.1.1 The email account does not exist", "status": "5.1.1", "type": "bounce"},
        "blocked": {"reason": "554 5.7.1 Service refused", "status": "5.7.1", "type": "blocked"},
        "dropped": {"reason": "Bounced Address", "status": "5.0.0"},
        "open": {"useragent": "Mozilla/5.0", "ip": "255.255.255.255"},
    }

    def __init__(self, url: str | None = None) -> None:
        self.url = url
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """The key as SendGrid's settings page shows it: base64, without the lines around."""
        encoded = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(encoded).decode()

    def event(self, message: Received, kind: str, **changed: Any) -> dict[str, Any]:
        """Write one event; `blocked` is what SendGrid calls a bounce of the type blocked."""
        own = self._FIELDS.get(kind, {})
        event = {
            **message.custom_args,
            "email": message.to[0],
            "timestamp": int(time.time()),
            "smtp-id": message.headers.get("Message-ID", f"<{message.message_id}@geopod-ismtpd-1>"),
            "event": "bounce" if kind == "blocked" else kind,
            "category": message.body.get("categories", []),
            "sg_event_id": secrets.token_urlsafe(16),
            "sg_message_id": f"{message.message_id}.recvd-5d8c-1-65F0-2.0",
            **own,
            **changed,
        }
        return {name: value for name, value in event.items() if value is not None}

    def signed(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Give the headers that sign `body`."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "SendGrid Event API",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def call(self, events: Iterable[dict[str, Any]], timestamp: int | None = None) -> Answered:
        """Make one signed call."""
        body = as_sent(events)
        return self.post(body, self.signed(body, timestamp))

    def post(self, body: bytes, headers: dict[str, str]) -> Answered:
        """Make a call with these very bytes and headers."""
        assert self.url, "nobody to report to"
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        try:
            connection.request("POST", where.path, body, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode(), dict(answer.headers))
        except OSError as error:
            return Answered(0, str(error), {})
        finally:
            connection.close()


def as_sent(events: Iterable[dict[str, Any]]) -> bytes:
    """Write a batch as SendGrid does: one JSON list, and a line end that is signed too."""
    return json.dumps(list(events)).encode() + b"\r\n"
