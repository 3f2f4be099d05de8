"""The API on one port: checks, takes, answers as it is told."""

import json
import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any

from tests.ports import HOST
from tests.quiet_server import Played, QuietHandler
from tests.sendgrid_server.behaviours import ACCEPT, Behaviour, Does
from tests.sendgrid_server.checks import Refusal, check
from tests.sendgrid_server.received import Received
from tests.sendgrid_server.webhook import Webhook

KEY = "SG.good-key.abcdefghijklmnopqrstuvwxyz"
KEY_WITHOUT_SCOPE = "SG.read-only.abcdefghijklmnopqrstuvwxyz"

_LARGEST = 30 * 1024 * 1024
_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"


class SendGridServer(Played[Behaviour]):
    """The API on one port, kept when it is gone for a while; what it accepted stays."""

    def __init__(self, port: int = 0, *, events_to: str | None = None, reports: Sequence[str] = ()) -> None:
        """Prepare; nothing listens before `start`. `reports`: events sent to `events_to` for all it accepts."""
        super().__init__(port, ACCEPT)
        self.received: list[Received] = []
        self.webhook = Webhook(events_to)
        self._reports = tuple(reports)
        self._reporting: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """Be gone, once what is being reported has been."""
        super().stop()
        for reporting in self._reporting:
            reporting.join()
        self._reporting.clear()

    def accept(self, body: dict[str, Any], *, sandbox: bool) -> Received:
        taken = Received(secrets.token_urlsafe(16), body, sandbox)
        with self._lock:
            self.received.append(taken)
            if self._reports and not sandbox:
                reporting = threading.Thread(target=self._report, args=(taken,))
                self._reporting.append(reporting)
                reporting.start()
        return taken

    def _report(self, taken: Received) -> None:
        events = [self.webhook.event(taken, kind) for kind in self._reports]
        while not self.gone.is_set():
            if self.webhook.call(events).status < 300:
                return
            self.gone.wait(0.2)  # SendGrid goes on for a day


class _Api(QuietHandler):
    @property
    def _sendgrid(self) -> SendGridServer:
        return self.server.played  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:  # noqa: N802 - the name the library calls
        self._answer(405 if self.path == "/v3/mail/send" else 404, _errors("not found"))

    def do_POST(self) -> None:  # noqa: N802 - the name the library calls
        self.close_connection = True
        if self.path != "/v3/mail/send":
            return self._answer(404, _errors("not found"))
        does = self._sendgrid.next()
        if does.does is Does.CUT:
            return self.cut()
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match does.does:
            case Does.BUSY | Does.FAIL | Does.GATEWAY | Does.REFUSE | Does.REDIRECT:
                asked = {} if does.seconds is None else {"Retry-After": f"{does.seconds:g}"}
                return self._answer(does.status, _errors(does.message, does.names), {**asked, **(does.headers or {})})
            case Does.HANG:
                return self.hang(self._sendgrid.gone)
            case Does.DROP:
                return None
        try:
            taken = self._taken(content)
        except Refusal as refused:
            return self._answer(refused.status, _errors(refused.message, refused.field))
        match does.does:
            case Does.ACCEPT_THEN_HANG:
                return self.hang(self._sendgrid.gone)
            case Does.ACCEPT_THEN_DROP:
                return None
            case Does.ACCEPT_THEN_GATEWAY:
                return self._answer(does.status, b"<html>Gateway Time-out</html>", {"Content-Type": "text/html"})
            case Does.SLOW:
                self._sendgrid.gone.wait(does.seconds)
        if taken.sandbox:
            return self._answer(200, b"")
        return self._answer(202, b"", {"X-Message-Id": taken.message_id})

    def _taken(self, content: bytes) -> Received:
        authorization = self.headers.get("Authorization", "")
        if authorization == f"Bearer {KEY_WITHOUT_SCOPE}":
            raise Refusal(403, "access forbidden")
        if authorization != f"Bearer {KEY}":
            raise Refusal(401, "The provided authorization grant is invalid, expired, or revoked")
        if len(content) > _LARGEST:
            raise Refusal(413, "The request body is too large")
        if self.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise Refusal(415, "Content-Type should be application/json.")
        try:
            body = json.loads(content)
        except ValueError:
            raise Refusal(400, "Bad Request") from None
        check(body)
        sandbox = bool(body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"))
        return self._sendgrid.accept(body, sandbox=sandbox)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        sent = {
            "Server": "nginx",
            "Date": self.date_time_string(),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-RateLimit-Limit": "600",
            "X-RateLimit-Remaining": "0" if status == 429 else "599",
            "X-RateLimit-Reset": str(int(time.time()) + 60),
            **(headers or {}),
        }
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _errors(message: str, field: str | None = None) -> bytes:
    return json.dumps({"errors": [{"message": message, "field": field, "help": _HELP if field else None}]}).encode()


SendGridServer.handler = _Api
