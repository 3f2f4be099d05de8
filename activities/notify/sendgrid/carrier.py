"""The carrier SendGrid: asks its v3 API to take one message, and tells apart what can come of it."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

import python_http_client
from sendgrid import SendGridAPIClient

from activities.notify.carrier import Acceptance, CarrierMisconfigured, InDoubt, NotTaken
from activities.notify.mail import Outgoing
from activities.notify.sendgrid.answers import not_accepted, say
from activities.notify.sendgrid.message import message
from workflows.procedure.vocabulary import Language

_READ_AT_MOST = 100_000
_IN_SANDBOX = "sandbox"

# The library's debug lines hold the key and whole letters.
logging.getLogger("python_http_client.client").setLevel(logging.WARNING)


class SendGrid:
    """Sends by SendGrid. It knows no key that would make a second request harmless: some outcomes stay in doubt."""

    name = "sendgrid"
    repeats_safely = False

    def __init__(self, key: str, host: str, *, timeout: float, sandbox: bool, language: Language) -> None:
        """Ask `host` (a URL) with `key`, waiting `timeout` seconds for each answer; nothing is asked yet.

        `sandbox`: SendGrid checks each message and delivers none. `language`: that of the sentences for staff.

        Raises:
            CarrierMisconfigured: the key or the host can be none.

        """
        # A line end copied with the key would be refused later, by an error that shows the key.
        if not re.fullmatch(r"[\x21-\x7e]+", key.strip()):
            raise CarrierMisconfigured("COMPLAINTS_SENDGRID_API_KEY is no API key: it holds spaces or other signs")
        if not _is_a_host(host):
            raise CarrierMisconfigured("COMPLAINTS_SENDGRID_HOST is no address such as https://api.sendgrid.com")
        self._sandbox = sandbox
        self._language = language
        self._asks = SendGridAPIClient(key.strip(), host=host.rstrip("/"))
        self._asks.client = _OneHop(
            host=host.rstrip("/"), request_headers=self._asks.client.request_headers, version=3, timeout=timeout
        )

    def send(self, outgoing: Outgoing, at: datetime, attempt: int) -> Acceptance:
        """Have SendGrid take `outgoing`; `at` is the instant of acceptance, `attempt` comes back with its events.

        Raises: as `activities.notify.carrier.Carrier.send`.
        """
        written = message(outgoing, attempt, sandbox=self._sandbox)
        try:
            answer = self._asks.send(written)
        except URLError as error:
            # Connecting, TLS, or the sending itself failed: SendGrid cannot have the whole message.
            raise NotTaken(say(self._language, "unreachable", what=_what(error.reason))) from None
        except (OSError, HTTPException) as error:
            raise InDoubt(say(self._language, "no_answer", what=_what(error))) from None
        if answer.status_code == HTTPStatus.ACCEPTED:
            return Acceptance(at, answer.headers.get("X-Message-Id") or outgoing.message_id)
        if answer.status_code == HTTPStatus.OK and self._sandbox:
            return Acceptance(at, answer.headers.get("X-Message-Id") or _IN_SANDBOX)
        raise not_accepted(answer.status_code, answer.headers, answer.body, self._language)


@dataclass(frozen=True)
class _Answer:
    """One answer, in the shape the library reads it by."""

    status: int
    headers: Message
    body: bytes

    def getcode(self) -> int:
        return self.status

    def info(self) -> Message:
        return self.headers

    def read(self) -> bytes:
        return self.body


class _OneHop(python_http_client.Client):  # type: ignore[misc]
    """The library's client, except that it follows no redirect (the key would go along) and gives every answer."""

    def __init__(self, *, opener: OpenerDirector | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.opener = opener or build_opener(_NoRedirect)

    def _build_client(self, name: str | None = None) -> "_OneHop":
        return _OneHop(
            opener=self.opener,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(self, _: OpenerDirector, request: Request, timeout: float | None = None) -> _Answer:
        try:
            response = self.opener.open(request, timeout=timeout or self.timeout)
        except HTTPError as error:
            response = error
        with response:
            return _Answer(response.status, response.headers, _rest(response))


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Give nowhere to go on to: the redirect itself is the answer."""


def _rest(response: IO[bytes]) -> bytes:
    try:
        return response.read(_READ_AT_MOST)
    except (OSError, HTTPException):
        return b""  # the status has come, and decides


def _is_a_host(host: str) -> bool:
    try:
        parts = urlsplit(host)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return False
    usual = parts.scheme in ("https", "http") and parts.hostname and not (parts.query or parts.fragment)
    return bool(usual) and parts.username is None and re.fullmatch(r"[\x21-\x7e]+", host) is not None


def _what(reason: object) -> str:
    """Name what happened to a connection, without addresses: the system's words, or the kind of error."""
    if isinstance(reason, TimeoutError):
        return "timeout"
    said = reason.strerror if isinstance(reason, OSError) else None
    return said if isinstance(said, str) and said else type(reason).__name__
