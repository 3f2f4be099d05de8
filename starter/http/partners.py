"""`POST /v1/partners/{insurer_id}/events`: an insurer's signed word on its own complaints, each event once."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.datastructures import Headers

from activities.escalate.keys import PartnerKeys
from activities.escalate.signature import FRESH_FOR, HEADER, read_signature, verified
from activities.firm.partners import Insurer
from activities.firm.schema import Firm
from activities.register.partner_calls import Answer, CallResult, Earlier, PartnerCalls, Received
from starter.http.body import read_body
from starter.http.cloudevents import NotAnEvent, read_message, signed_part
from starter.http.limits import Buckets, Rate
from starter.http.partner_complaints import Away, PartnerComplaints
from starter.http.partner_events import PartnerEvent, read_event
from starter.http.problems import Problem

_log = logging.getLogger(__name__)
_LARGEST = 256 * 1024
_RETRY = timedelta(seconds=60)
_NOT_THERE = "no complaint of this insurer has this reference"

OF_AN_INSURER = Rate(burst=60, every=timedelta(seconds=1))
OF_STRANGERS = Rate(burst=20, every=timedelta(seconds=30))
"""Calls that no key of the insurer signed: apart, so that nobody can use up what is the insurer's."""


class PartnersDoor:
    """Verifies a call, sees that the complaint is the insurer's own, has it recorded, and keeps what came of it."""

    def __init__(
        self,
        firm_source: Callable[[], Firm],
        keys: PartnerKeys,
        calls: PartnerCalls,
        complaints: PartnerComplaints,
        of_an_insurer: Rate = OF_AN_INSURER,
        of_strangers: Rate = OF_STRANGERS,
    ) -> None:
        self._firm_source = firm_source
        self._keys = keys
        self._calls = calls
        self._complaints = complaints
        self._known, self._strangers = Buckets(of_an_insurer), Buckets(of_strangers)

    def routes(self) -> APIRouter:
        """Give the routes of this door."""
        router = APIRouter()

        @router.post("/v1/partners/{insurer_id}/events", status_code=HTTPStatus.ACCEPTED)
        async def take(insurer_id: str, request: Request) -> JSONResponse:
            now, firm = datetime.now(UTC), self._firm_source()
            try:
                return await self._take(firm, firm.insurer(insurer_id), request, now)
            except OperationalError:
                raise _away("the register does not answer at the moment") from None

        return router

    async def _take(self, firm: Firm, insurer: Insurer | None, request: Request, now: datetime) -> JSONResponse:
        if insurer is None:
            raise await self._stranger(None, CallResult.UNKNOWN_INSURER, HTTPStatus.NOT_FOUND, _NOT_THERE, now)
        body = await self._body(insurer, request, now)
        signed = await self._verified(insurer, request.headers, body, now)
        wait = self._known.wait_for(insurer.id)
        if wait is not None:
            raise _too_many(insurer.id, wait)
        call = Received(insurer.id, digest=hashlib.sha256(signed).hexdigest())
        try:
            message = read_message(request.headers, body)
            event = read_event(message, firm, insurer.id)
        except NotAnEvent as error:
            raise await self._refusal(call, CallResult.MALFORMED, HTTPStatus.BAD_REQUEST, str(error), now) from None
        call = replace(
            call, reference=message.subject, type=message.type, source=message.source, event_id=message.id
        )  # fmt: skip
        return await self._record(call, event, now)

    async def _body(self, insurer: Insurer, request: Request, now: datetime) -> bytes:
        try:
            return await read_body(request, _LARGEST)
        except Problem as problem:
            if problem.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise await self._stranger(
                    insurer.id, CallResult.TOO_LARGE, problem.status, problem.detail, now
                ) from None
            raise

    async def _verified(self, insurer: Insurer, headers: Headers, body: bytes, now: datetime) -> bytes:
        """Give what was signed, by a key of the insurer's and a moment ago."""
        signature, signed = read_signature(headers.get(HEADER, "")), signed_part(headers, body)
        secrets = await asyncio.to_thread(self._keys.of, insurer.webhook) if insurer.webhook else {}
        if signature is None or not verified(signature, signed, secrets):
            detail = f"{HEADER}: not made by a key of this insurer"
            raise await self._stranger(insurer.id, CallResult.FORGED, HTTPStatus.FORBIDDEN, detail, now)
        if not signature.fresh(now):
            detail = f"{HEADER}: older than {FRESH_FOR.seconds // 60} minutes, or dated in the future"
            raise await self._stranger(insurer.id, CallResult.STALE, HTTPStatus.FORBIDDEN, detail, now)
        return signed

    async def _record(self, call: Received, event: PartnerEvent, now: datetime) -> JSONResponse:
        """Have the complaint record a new event; answer one that was taken before as it was then."""
        assert call.insurer is not None and call.reference is not None  # noqa: S101, PT018 - verified, read
        earlier = await asyncio.to_thread(self._calls.earlier, call)
        if earlier is not None and (before := await self._before(call, earlier, now)):
            return before
        try:
            if not await self._complaints.belongs(call.reference, call.insurer):
                raise await self._refusal(call, CallResult.FOREIGN, HTTPStatus.NOT_FOUND, _NOT_THERE, now)
            earlier = await asyncio.to_thread(self._calls.claim, call, now)
            if earlier is not None and (before := await self._before(call, earlier, now)):
                return before
            answer = await self._complaints.record(call.reference, event)
        except Away as why:
            _told(call, "away")
            raise _away(str(why)) from None
        result = CallResult.ACCEPTED if answer.status == HTTPStatus.ACCEPTED else CallResult.REFUSED
        await asyncio.to_thread(self._calls.settle, call, result, answer)
        _told(call, result)
        return _answered(answer)

    async def _before(self, call: Received, earlier: Earlier, now: datetime) -> JSONResponse | None:
        """Answer an event that was taken before; None when it is not settled: it is done now."""
        if earlier.digest != call.digest:
            detail = "id: another event of this source bears it"
            raise await self._refusal(call, CallResult.CONFLICT, HTTPStatus.CONFLICT, detail, now)
        if earlier.answer is None:
            return None
        await self._note(call, CallResult.REPLAYED, now)
        if earlier.answer.status == HTTPStatus.ACCEPTED:
            return JSONResponse(earlier.answer.body, HTTPStatus.OK)
        return _answered(earlier.answer)

    async def _refusal(
        self, call: Received, result: CallResult, status: HTTPStatus, detail: str, now: datetime
    ) -> Problem:
        await self._note(call, result, now)
        return Problem(status, detail)

    async def _note(self, call: Received, result: CallResult, now: datetime) -> None:
        _told(call, result)
        await asyncio.to_thread(self._calls.note, call, result, now)

    async def _stranger(
        self, insurer: str | None, result: CallResult, status: HTTPStatus, detail: str, now: datetime
    ) -> Problem:
        """Refuse a call that nobody known has signed, and note it: so many of them only, and not at any price."""
        wait = self._strangers.wait_for(insurer)
        if wait is not None:
            return _too_many(insurer, wait)
        try:
            return await self._refusal(Received(insurer), result, status, detail, now)
        except SQLAlchemyError as error:
            _log.warning("a refused call could not be noted in the register: %s", type(error).__name__)
            return Problem(status, detail)


def _told(call: Received, result: str) -> None:
    """Say in the log what came of a call: of a complaint's reference only once it is known to be one."""
    known = call.reference if result in (CallResult.ACCEPTED, CallResult.REFUSED, CallResult.REPLAYED) else None
    _log.log(
        logging.INFO if result in (CallResult.ACCEPTED, CallResult.REPLAYED) else logging.WARNING,
        "call of an insurer: insurer=%s outcome=%s type=%s reference=%s", call.insurer, result, call.type, known,
    )  # fmt: skip


def _answered(answer: Answer) -> JSONResponse:
    if answer.status == HTTPStatus.ACCEPTED:
        return JSONResponse(answer.body, answer.status)
    raise Problem(HTTPStatus(answer.status), str(answer.body["detail"]))


def _away(detail: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after=_RETRY)


def _too_many(insurer: str | None, wait: timedelta) -> Problem:
    _log.warning("call of an insurer: insurer=%s outcome=limited", insurer)
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many calls", retry_after=wait + timedelta(seconds=1))
