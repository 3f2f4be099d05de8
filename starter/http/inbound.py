"""`POST /v1/webhooks/inbound/{token}`: takes e-mails as SendGrid's Inbound Parse posts them."""

import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from starter.http.body import read_body
from starter.http.problems import Problem
from starter.mailbox import Post

INBOUND = "/v1/webhooks/inbound/"
LARGEST = 32 * 1024 * 1024
"""Bytes of one message with its attachments: SendGrid passes on at most 30 MB."""
_RETRY = timedelta(seconds=60)


def inbound_routes(post: Post, token: SecretStr | None) -> APIRouter:
    """Give the route; without a `token` there is none: every call is answered as if it did not exist."""
    router = APIRouter(include_in_schema=False)

    @router.post(INBOUND + "{said}")
    async def take(said: str, request: Request) -> Response:
        known = token.get_secret_value().encode() if token else b""
        if not known or not secrets.compare_digest(said.encode(), known):
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
        body = await read_body(request, LARGEST)
        try:
            await post.take(request.headers.get("content-type", ""), body, datetime.now(UTC))
        except SQLAlchemyError:
            # SendGrid tries for days.
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "the register does not answer at the moment", retry_after=_RETRY
            ) from None
        return Response(status_code=HTTPStatus.OK)

    return router
