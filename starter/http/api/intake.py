"""`POST /v1/complaints`: opens a complaint, once however often the call is repeated with its key."""

import asyncio
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response

from activities.access.roles import Caller, Right
from activities.register.idempotency import IdempotencyKeys, Intake, intake_of
from starter.client import AlreadyOpen, Complaints
from starter.http.api.access import Guard
from starter.http.api.answers import Opened
from starter.http.api.bodies import read_object, sound_key
from starter.http.api.bounded import bounded
from starter.http.api.refusals import refusals
from starter.http.problems import Problem
from workflows.procedure.intake import InvalidComplaint, read_complaint

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""It stands in addresses."""
_SCHEMA = {"$ref": "#/components/schemas/Complaint"}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


def intake_routes(guard: Guard, complaints: Complaints, keys: IdempotencyKeys) -> APIRouter:
    """Give the route."""
    router, door = APIRouter(), _Intake(complaints, keys)

    @router.post(
        "/v1/complaints",
        status_code=HTTPStatus.CREATED,
        openapi_extra=_BODY,
        responses={
            200: {"model": Opened, "description": "Opened before, by the same call"},
            **refusals(HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        },
    )
    async def open_complaint(
        request: Request,
        response: Response,
        caller: Annotated[Caller, Depends(guard.needs(Right.INTAKE))],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Opened:
        """Open a complaint; with `Idempotency-Key`, the same call repeated has the same reference."""
        message = await read_object(request)
        intake = None
        if idempotency_key is not None:
            intake = intake_of(caller.name.removeprefix("api:"), sound_key(idempotency_key, "Idempotency-Key"), message)
        async with bounded():
            reference, new = await door.opened(message, intake)
        if not new:
            response.status_code = HTTPStatus.OK
        response.headers["Location"] = f"/v1/complaints/{quote(reference, safe='')}"
        return Opened(reference=reference)

    return router


class _Intake:
    def __init__(self, complaints: Complaints, keys: IdempotencyKeys) -> None:
        self._complaints, self._keys = complaints, keys

    async def opened(self, message: dict[str, Any], intake: Intake | None) -> tuple[str, bool]:
        """Give the complaint's reference, and whether it was opened now."""
        now = datetime.now(UTC)
        chosen = _chosen(message)
        try:
            read_complaint([message], chosen or "", now)
        except InvalidComplaint as error:
            raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
        reference = (
            await self._reserved(intake, chosen, now)
            if intake
            else chosen or await self._complaints.unused_reference(now)
        )
        try:
            return await self._complaints.open(message, reference, now), True
        except AlreadyOpen:
            if intake is None:
                raise _taken() from None
            return reference, False

    async def _reserved(self, intake: Intake, chosen: str | None, now: datetime) -> str:
        """Give the reference that is the intake's, written down before anything is started."""
        found = await asyncio.to_thread(self._keys.found, intake)
        if found is None and chosen and await self._complaints.exists(chosen):
            # Unless the same call was quicker: then it is this intake's own.
            found = await asyncio.to_thread(self._keys.found, intake)
            if found is None:
                raise _taken()
        if found is None:
            wanted = chosen or await self._complaints.unused_reference(now)
            found = await asyncio.to_thread(self._keys.reserve, intake, wanted, now)
        if found.body != intake.body:
            raise Problem(HTTPStatus.CONFLICT, "Idempotency-Key: it came before with another body")
        return found.reference


def _chosen(message: dict[str, Any]) -> str | None:
    given = message.get("reference")
    if not isinstance(given, str) or not given:
        return None
    if not _REFERENCE.fullmatch(given):
        detail = "reference: expected at most 100 letters, digits, hyphens, dots and underscores"
        raise Problem(HTTPStatus.BAD_REQUEST, detail)
    return given


def _taken() -> Problem:
    return Problem(HTTPStatus.CONFLICT, "reference: a complaint with this reference exists already")
