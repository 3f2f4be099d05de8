"""Calls an insurer's webhook: one signed POST, one hop, and never longer than it may take."""

import contextlib
import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from activities.escalate.cloudevent import CONTENT_TYPE
from activities.escalate.keys import PartnerKeys
from activities.escalate.signature import HEADER, sign
from activities.firm.partners import Insurer, Webhook
from activities.notify.carrier import NotTaken, RefusedByCarrier
from activities.register.partner_calls import PartnerCalls, SentCall

_log = logging.getLogger(__name__)
_RESTS_FOR_TIMEOUTS = 3
_TRY_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)

_NO_KEY = "le webhook de la compagnie n'a pas de clé utilisable : donnez son secret, puis écrivez-lui à nouveau."
_REFUSES = "le webhook de la compagnie refuse nos appels ({status}) : voyez avec elle son adresse et ses clés."
_BUSY = "le webhook de la compagnie ne prend rien pour le moment ({status})."
_SILENT = "le webhook de la compagnie est injoignable ({what})."


@dataclass(frozen=True)
class _Target:
    """Where to POST."""

    secure: bool
    host: str
    port: int | None
    path: str

    @classmethod
    def of(cls, url: str) -> "_Target":
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme == "https", parts.hostname or "", parts.port, path)


class Webhooks:
    """Calls insurers. Threads may share it.

    One that lets us wait in vain is left alone for a while, its calls deferred at once: an insurer whose webhook hangs
    must not occupy the threads that letters to customers need.
    """

    def __init__(self, keys: PartnerKeys, calls: PartnerCalls, timeout: float = 10.0) -> None:
        """Sign with `keys`, note calls in `calls`; a whole call takes at most `timeout` seconds."""
        self._keys, self._calls, self._timeout = keys, calls, timeout
        self._tls = ssl.create_default_context()
        self._rests_until: dict[str, float] = {}

    def call(self, insurer: Insurer, webhook: Webhook, body: bytes) -> None:
        """Have the insurer's webhook take these bytes (one CloudEvents message): it answers 2xx.

        Raises:
            NotTaken: it did not, and may later: 429, 5xx, no answer in time, no connection.
            RefusedByCarrier: it did not, and will not as things stand (410, 401, a redirect …).

        """
        signing = next(iter(self._keys.of(webhook).items()), None)
        if signing is None:
            raise RefusedByCarrier(_NO_KEY)
        if time.monotonic() < self._rests_until.get(insurer.id, 0):
            raise NotTaken(_SILENT.format(what="timeout"))
        headers = {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": "complaints",
            HEADER: str(sign(body, *signing, datetime.now(UTC))),
        }
        try:
            status = self._post(_Target.of(webhook.url), body, headers)
        except TimeoutError:
            self._rests_until[insurer.id] = time.monotonic() + _RESTS_FOR_TIMEOUTS * self._timeout
            raise NotTaken(_SILENT.format(what="timeout")) from None
        except (OSError, http.client.HTTPException) as error:
            raise NotTaken(_SILENT.format(what=type(error).__name__)) from None
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_LATER:
            raise NotTaken(_BUSY.format(status=status))
        raise RefusedByCarrier(_REFUSES.format(status=status))

    def note(self, made: Sequence[SentCall]) -> None:
        """Note in the register what was sent, and what became of it: a register that is away hinders nothing."""
        if not made:
            return
        try:
            self._calls.note_sent(made, datetime.now(UTC))
        except SQLAlchemyError as error:
            _log.warning("calls on insurers could not be noted in the register: %s", type(error).__name__)

    def _post(self, target: _Target, body: bytes, headers: dict[str, str]) -> int:
        """Give the status of the answer, and read no more of it. Raises TimeoutError, OSError, HTTPException."""
        if target.secure:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                target.host, target.port, timeout=self._timeout, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection(target.host, target.port, timeout=self._timeout)
        with contextlib.closing(connection):
            until = time.monotonic() + self._timeout
            connection.connect()
            with _cut_at(connection.sock, until):
                connection.request("POST", target.path, body, headers)
                return connection.getresponse().status


@contextlib.contextmanager
def _cut_at(connected: socket.socket, until: float) -> Iterator[None]:
    """Cut the connection at an instant: the system's own time-out begins anew with every byte that trickles in.

    Raises:
        TimeoutError: it was cut.

    """
    passed = threading.Event()

    def cut() -> None:
        passed.set()
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(until - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if passed.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        timer.join()
