"""`POST /v1/webhooks/sendgrid`: takes the calls of SendGrid's signed Event Webhook, each once."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import OperationalError

from activities.notify.sendgrid.events import SIGNATURE, TIMESTAMP, NotACall, Verifier, read_call
from activities.register.events import STALE_AFTER, DeliveryEvents, Reported
from starter.http.body import read_body
from starter.http.problems import Problem
from starter.http.telling import Teller

_LARGEST = 1024 * 1024
"""Bytes of one call: SendGrid batches at most 1,000 events, or 768 kilobytes."""
_RETRY = timedelta(seconds=60)
_SECONDS = re.compile(r"[0-9]{1,11}")


class EventsDoor:
    """Verifies a call, keeps what it reports, and has complaints told."""

    def __init__(self, verifier: Verifier | None, events: DeliveryEvents, teller: Teller) -> None:
        """Without a verifier no call can be taken, and each is told so."""
        self._verifier = verifier
        self._events = events
        self._teller = teller

    def routes(self) -> APIRouter:
        """Give the routes of this door."""
        router = APIRouter()

        @router.post("/v1/webhooks/sendgrid", status_code=HTTPStatus.NO_CONTENT)
        async def take(request: Request) -> Response:
            body = await read_body(request, _LARGEST)
            stamp = request.headers.get(TIMESTAMP, "")
            await self._take(body, request.headers.get(SIGNATURE, ""), stamp, datetime.now(UTC))
            return Response(status_code=HTTPStatus.NO_CONTENT)

        return router

    async def _take(self, body: bytes, signature: str, stamp: str, now: datetime) -> None:
        if self._verifier is None:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "COMPLAINTS_SENDGRID_EVENT_KEY is not set: no call can be verified",
                retry_after=_RETRY,
            )
        if not _SECONDS.fullmatch(stamp) or not self._verifier.signed(body, signature, stamp):
            raise Problem(HTTPStatus.FORBIDDEN, "the signature is not SendGrid's")
        if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > STALE_AFTER:
            raise Problem(HTTPStatus.FORBIDDEN, "the call is too old, or dated in the future")
        # Of what is signed, not of the signature: another one can be made of a valid one without the key.
        digest = hashlib.sha256(stamp.encode() + body).hexdigest()
        try:
            if await asyncio.to_thread(self._events.was_taken, digest):
                raise Problem(HTTPStatus.CONFLICT, "this call was taken before")
            tellings = await asyncio.to_thread(self._events.keep, _read(body), now)
            if not await self._teller.tell(tellings):
                # Kept, but not done: not written down as taken, so that the repeated call is let in.
                raise Problem(
                    HTTPStatus.SERVICE_UNAVAILABLE, "complaints cannot be told at the moment", retry_after=_RETRY
                )
            if not await asyncio.to_thread(self._events.take_call, digest, now):
                raise Problem(HTTPStatus.CONFLICT, "this call was taken before")
        except OperationalError:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "the register does not answer at the moment", retry_after=_RETRY
            ) from None


def _read(body: bytes) -> list[Reported]:
    try:
        return read_call(body)
    except NotACall as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
