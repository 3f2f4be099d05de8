"""An insurer: a real HTTP server that takes our signed calls, misbehaves as it is told, and sends signed events back.

Its signatures are its own work, from docs/partners.md, not the product's code.
"""

import hashlib
import hmac
import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.ports import HOST
from tests.quiet_server import Played, QuietHandler
from tests.sendgrid_server import ACCEPT, Answered
from tests.sendgrid_server.behaviours import Behaviour, Does

PATH = "/hooks/complaints"
DRIP = Behaviour(Does.SLOW, seconds=-1)
"""Answers one byte at a time, for ever."""


@dataclass(frozen=True)
class Heard:
    """One call that was taken: its event, and the key that signed it."""

    event: dict[str, Any]
    key_id: str

    @property
    def kind(self) -> str:
        return str(self.event["type"]).removeprefix("fr.123-courtage.complaint.").removesuffix(".v1")


@dataclass
class Keys:
    """The insurer's keys: `signs` names the one it signs with, all verify."""

    secrets: dict[str, bytes]
    signs: str = ""

    def __post_init__(self) -> None:
        self.signs = self.signs or next(iter(self.secrets))

    def digest(self, key_id: str, stamp: int, signed: bytes) -> str:
        return hmac.new(self.secrets[key_id], f"{stamp}.".encode() + signed, hashlib.sha256).hexdigest()

    def header(self, signed: bytes, stamp: int | None = None) -> str:
        stamp = int(time.time()) if stamp is None else stamp
        return f"t={stamp},kid={self.signs},v1={self.digest(self.signs, stamp, signed)}"

    def verify(self, header: str, body: bytes) -> str | None:
        parts = dict(part.split("=", 1) for part in header.split(","))
        if parts["kid"] not in self.secrets or abs(time.time() - int(parts["t"])) > 600:
            return None
        good = hmac.compare_digest(self.digest(parts["kid"], int(parts["t"]), body), parts["v1"])
        return parts["kid"] if good else None


@dataclass
class PartnerServer(Played[Behaviour]):
    """The insurer's machine on one port, kept when it is gone for a while."""

    keys: Keys
    port: int = 0
    door: str = ""
    """Where our door listens: host and port."""
    insurer: str = "assureur-exemple"
    heard: list[Heard] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.port, ACCEPT)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}{PATH}"

    @property
    def kinds(self) -> list[str]:
        """What it heard, each event once however often it was sent."""
        return [heard.kind for heard in {heard.event["id"]: heard for heard in self.heard}.values()]

    # What it sends back

    def event(self, name: str, subject: str, data: dict[str, Any], /, **changed: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": "https://insurer.example/claims",
            "type": f"fr.123-courtage.complaint.{name}.v1",
            "subject": subject,
            "datacontenttype": "application/json",
            "data": data,
            **changed,
        }

    def says(self, name: str, subject: str, data: dict[str, Any], /, **changed: Any) -> Answered:
        return self.sends(json.dumps(self.event(name, subject, data, **changed)).encode())

    def sends(self, body: bytes, *, stamp: int | None = None, to: str | None = None, **headers: str) -> Answered:
        """Send one structured message, signed; `headers` replace the usual ones (`_` for `-`)."""
        usual = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "X-Complaints-Signature": self.keys.header(body, stamp),
        }
        return self.posts(body, usual | {name.replace("_", "-"): value for name, value in headers.items()}, to=to)

    def sends_binary(self, event: dict[str, Any], **forged: str) -> Answered:
        """Send one message in the binary mode; `forged` headers come after the signing."""
        body = json.dumps(event["data"]).encode()
        envelope = {f"ce-{k}": str(v) for k, v in event.items() if k not in ("data", "datacontenttype")}
        lines = "".join(f"{name}:{value}\n" for name, value in sorted(envelope.items())).encode()
        signature = {"X-Complaints-Signature": self.keys.header(lines + body), "Content-Type": "application/json"}
        return self.posts(body, envelope | signature | {k.replace("_", "-"): v for k, v in forged.items()})

    def posts(self, body: bytes, headers: dict[str, str], to: str | None = None) -> Answered:
        connection = http.client.HTTPConnection(self.door, timeout=60)
        try:
            connection.request("POST", f"/v1/partners/{to or self.insurer}/events", body, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode(), dict(answer.headers))
        finally:
            connection.close()


class _Hook(QuietHandler):
    @property
    def _partner(self) -> PartnerServer:
        return self.server.played  # type: ignore[attr-defined, no-any-return]

    def do_POST(self) -> None:  # noqa: N802 - the name the library calls
        self.close_connection = True
        partner, does = self._partner, self._partner.next()
        if does.does is Does.CUT:
            return self.cut()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if does is DRIP:
            return self._drip()
        match does.does:
            case Does.HANG:
                return self.hang(self._partner.gone)
            case Does.DROP:
                return None
            case Does.ACCEPT:
                pass
            case _:
                return self._answer(does.status, does.headers)
        key_id = partner.keys.verify(self.headers["X-Complaints-Signature"], body)
        event = json.loads(body)
        if key_id is None or self.path != PATH or event["specversion"] != "1.0":
            partner.refused += 1
            return self._answer(401)
        assert self.headers["Content-Type"] == "application/cloudevents+json"
        partner.heard.append(Heard(event, key_id))
        return self._answer(does.status)

    def _drip(self) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
                self.connection.sendall(bytes([byte]))
                if self._partner.gone.wait(0.05):
                    return
        except OSError:
            return

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": "0", "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()


PartnerServer.handler = _Hook
