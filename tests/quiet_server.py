"""What the servers that tests play have in common: quiet, joined at their end, able to cut a connection or to hang."""

import socket
import struct
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Generic, Self, TypeVar

from tests.ports import HOST, free_port

_Behaviour = TypeVar("_Behaviour")


class QuietServer(ThreadingHTTPServer):
    """Serves in threads that are all joined: a test ends with nothing left running."""

    daemon_threads = False
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away is what some tests are about."""


class QuietHandler(BaseHTTPRequestHandler):
    """Answers one request of a connection, and writes no log."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def cut(self) -> None:
        """Reset the connection, rather than end it in order, after the first bytes."""
        self.rfile.read(1)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang(self, until: threading.Event) -> None:
        """Say nothing until the client has gone, or the server is."""
        self.connection.settimeout(0.05)
        while not until.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


class Played(Generic[_Behaviour]):
    """A server on one port that does as it is told; it can be gone for a while, and what it has heard stays."""

    handler: ClassVar[type[QuietHandler]]
    """Answers the requests; it finds this object as `self.server.played`."""

    def __init__(self, port: int, always: _Behaviour) -> None:
        """Prepare; nothing listens before `start`."""
        self.port, self.always, self.asked = port, always, 0
        self.gone = threading.Event()
        self._lock = threading.Lock()
        self._script: deque[_Behaviour] = deque()
        self._http: QuietServer | None = None
        self._serving: threading.Thread | None = None

    def will(self, *behaviours: _Behaviour) -> Self:
        """Do these with the next requests, one each; after them `always`."""
        with self._lock:
            self._script.extend(behaviours)
        return self

    def next(self) -> _Behaviour:
        """Take what is to be done with a request."""
        with self._lock:
            self.asked += 1
            return self._script.popleft() if self._script else self.always

    def start(self) -> Self:
        """Listen, the first time or again."""
        self.gone.clear()
        self.port = self.port or free_port()
        self._http = QuietServer((HOST, self.port), self.handler)
        self._http.played = self  # type: ignore[attr-defined]
        self._serving = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._serving.start()
        return self

    def stop(self) -> None:
        """Be gone: the port refuses connections, what hangs is let go."""
        self.gone.set()
        if self._http and self._serving:
            self._http.shutdown()
            self._serving.join()
            self._http.server_close()
        self._http = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
