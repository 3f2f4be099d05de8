"""`POST /v1/complaints/{reference}/events`: tells a complaint what happened; each event once, by its id."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from activities.access.roles import Caller
from activities.firm.schema import Firm
from activities.register.dossiers import Dossiers
from starter.client import ComplaintError, Complaints, EventRefused, NoSuchComplaint
from starter.http.api.access import Guard
from starter.http.api.answers import ReceiptView
from starter.http.api.bodies import read_object, sound_key
from starter.http.api.bounded import KnownComplaints, away, bounded, unknown
from starter.http.api.refusals import refusals
from starter.http.api.seen import require_seen
from starter.http.problems import Problem
from workflows.procedure.events import EVENTS

_log = logging.getLogger(__name__)
_ANSWER, _CLASSIFIED = "response_given", "complaint_classified"
_SCHEMA = {"$ref": "#/components/schemas/AnyEvent"}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


def event_routes(
    guard: Guard, complaints: Complaints, dossiers: Dossiers, firm_source: Callable[[], Firm]
) -> APIRouter:
    """Give the route."""
    router, known = APIRouter(), KnownComplaints(complaints)

    @router.post(
        "/v1/complaints/{reference}/events",
        status_code=HTTPStatus.ACCEPTED,
        response_model=ReceiptView,
        openapi_extra=_BODY,
        responses=refusals(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    )
    async def take(
        reference: str,
        request: Request,
        caller: Annotated[Caller, Depends(guard.needs(None))],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> JSONResponse:
        """Record one event of the contract and answer its receipt; its `id` may come as `Idempotency-Key`."""
        if not caller.events:
            raise Problem(HTTPStatus.FORBIDDEN, "this key has not the right `events`")
        kind, event = _read(await read_object(request), idempotency_key, caller)
        if not caller.may_send(kind):
            raise Problem(HTTPStatus.FORBIDDEN, f"type: this key may not send `{kind}`")
        if kind == _CLASSIFIED:
            _require_known_cause(event.get("cause"), firm_source)
        async with bounded():
            await known.require(reference)
            await require_seen(caller, reference, dossiers)
            if kind == _ANSWER and not caller.vouches:
                await _require_no_approval(reference, dossiers, firm_source())
            try:
                receipt = await complaints.submit(reference, kind, event)
            except EventRefused as refused:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(refused)) from None
            except NoSuchComplaint:
                raise unknown() from None
            except ComplaintError as not_now:
                raise away(str(not_now)) from None
        known.answered(reference)
        _log.info("event by the API: key=%s type=%s reference=%s", caller.name, kind, reference)
        return JSONResponse(receipt, HTTPStatus.ACCEPTED)

    return router


def _read(message: dict[str, Any], key: str | None, caller: Caller) -> tuple[str, dict[str, Any]]:
    """Give an event's type and its fields: with an id, and with the caller's name where it names nobody."""
    kind, identity = message.get("type"), message.get("id")
    if not isinstance(kind, str) or kind not in EVENTS:
        raise Problem(HTTPStatus.BAD_REQUEST, f"type: expected one of {', '.join(EVENTS)}")
    if identity is not None and not isinstance(identity, str):
        raise Problem(HTTPStatus.BAD_REQUEST, "id: expected a text")
    if identity is not None and key is not None and identity != key:
        raise Problem(HTTPStatus.BAD_REQUEST, "Idempotency-Key: it differs from id")
    if identity is None and key is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "id: expected one, here or as Idempotency-Key: repeated, it is done once")
    said = identity if identity is not None else str(key)
    fields = {**message, "id": sound_key(said, "id" if identity is not None else "Idempotency-Key")}
    if fields.get("by") is None or not caller.vouches:
        if fields.get("by") not in (None, caller.name):
            raise Problem(HTTPStatus.FORBIDDEN, f"by: this key acts in its own name, {caller.name}")
        fields["by"] = caller.name
    return kind, fields


async def _require_no_approval(reference: str, dossiers: Dossiers, firm: Firm) -> None:
    """Refuse a person's answer that a second person has to release: that is done on the staff pages."""
    standing = await asyncio.to_thread(dossiers.standing, reference)
    if standing is not None and standing.level in firm.answers_need_approval:
        raise Problem(HTTPStatus.FORBIDDEN, "type: this answer needs a second person's approval, on the staff pages")


def _require_known_cause(cause: Any, firm_source: Callable[[], Firm]) -> None:
    """Refuse a cause that is not in the firm's list: the complaint does not carry that list, and would take it."""
    if isinstance(cause, str) and cause not in (known := firm_source().causes):
        detail = f"cause: the firm knows no such cause; known are: {', '.join(known)}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
