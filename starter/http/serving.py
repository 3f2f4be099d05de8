"""Serves the HTTP door until told to stop, and lets the requests under way end."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

_BACKLOG = 128
_ENDS_WITHIN_SECONDS = 30


class CannotListen(RuntimeError):
    """Nothing can listen on `host` and `port`; `why`, as the system says it."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host, self.port, self.why = host, port, why
        super().__init__(f"cannot listen on {host}:{port}: {why}")


class _BesideOthers(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve `app` until cancelled; requests under way then have half a minute to end, streams end at once.

    Raises:
        CannotListen: the port is taken, or the address is not of this machine.

    """
    server = _BesideOthers(
        uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_ENDS_WITHIN_SECONDS,
        )
    )
    with _listening(host, port) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            app.state.end_streams()
            await serving
            raise


def _listening(host: str, port: int) -> socket.socket:
    """Listen before the server runs: where it cannot, uvicorn would end the process."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # Python adds the address to the system's words; a name that does not resolve has a number below zero.
        number = error.errno or 0
        raise CannotListen(host, port, os.strerror(number) if number > 0 else str(error.strerror)) from None
