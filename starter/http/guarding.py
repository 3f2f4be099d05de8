"""What every request and every answer passes: no body too large, headers that browsers heed."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.http.problems import Problem, answer_of

_USUALLY = 1024 * 1024
"""Bytes of a body, where a route takes no more by itself."""
_HEADERS = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"same-origin"}
_BY_TLS = {b"strict-transport-security": b"max-age=31536000"}


class Guarding:
    """Bounds bodies before anything reads them, and adds headers that an answer does not bear yet."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        """Guard `app`; `larger`: how many bytes a path may take that begins so."""
        self._app, self._larger = app, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((size for start, size in self._larger.items() if scope["path"].startswith(start)), _USUALLY)
        left, begun = most, False

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLarge
            return message

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                there = {name.lower() for name, _ in message["headers"]}
                more = _HEADERS | (_BY_TLS if scope["scheme"] == "https" else {})
                message["headers"] = [*message["headers"], *(each for each in more.items() if each[0] not in there)]
            await send(message)

        try:
            await self._app(scope, bounded, with_headers)
        except _TooLarge:
            if begun:
                raise
            problem = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {most} bytes")
            await answer_of(problem)(scope, receive, with_headers)


class _TooLarge(BaseException):
    """A body is larger than its path may take. No handler of faults within is to take it for one of its own."""
