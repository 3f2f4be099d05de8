"""Reads the body of a request, and no more of it than there may be."""

from http import HTTPStatus

from fastapi import Request
from starlette.requests import ClientDisconnect

from starter.http.problems import Problem


async def read_body(request: Request, largest: int) -> bytes:
    """Read the body, of at most `largest` bytes.

    Raises:
        Problem: 413, it is larger; 400, it did not come to its end.

    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {largest} bytes")
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body did not come to its end") from None
    return bytes(body)
