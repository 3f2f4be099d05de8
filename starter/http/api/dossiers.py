"""`GET /v1/complaints/{reference}`: the dossier, from the complaint itself, else as the register has it."""

import asyncio
import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import JSONResponse

from activities.register.api_keys import ApiKey, Scope
from activities.register.dossiers import Dossiers
from starter.client import Complaints, NoSuchComplaint, NotAnswering
from starter.http.api.access import Guard
from starter.http.api.answers import DossierAnswer
from starter.http.api.bounded import PATIENCE, TEMPORAL_AWAY, away, bounded, require_complaint, unknown
from starter.http.api.refusals import refusals
from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Dossier
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import Language

SOURCE = "X-Complaints-Source"


def dossier_routes(guard: Guard, complaints: Complaints, dossiers: Dossiers) -> APIRouter:
    """Give the route."""
    router, reading = APIRouter(), _Reading(complaints, dossiers)

    @router.get(
        "/v1/complaints/{reference}",
        response_model=DossierAnswer,
        responses={304: {"description": "Nothing was recorded since"}, **refusals(HTTPStatus.NOT_FOUND)},
    )
    async def dossier(
        reference: str,
        _: Annotated[ApiKey, Depends(guard.needs(Scope.READ))],
        lang: Language | None = None,
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """Answer with the whole state; `lang`: of the sentences of the moment. Its ETag changes with its journal."""
        view, as_of = await reading.dossier(reference, lang)
        tag = _tag(view, lang, as_of)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", SOURCE: "register" if as_of else "complaint"}
        if tag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return JSONResponse(view, headers=headers)

    return router


class _Reading:
    def __init__(self, complaints: Complaints, dossiers: Dossiers) -> None:
        self._complaints, self._dossiers = complaints, dossiers

    async def dossier(self, reference: str, language: Language | None) -> tuple[dict[str, Any], datetime | None]:
        """Give the dossier; out of the register, also when it was last written there."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self._complaints.dossier(reference, language), None
        except NoSuchComplaint:
            answering = True
        except (NotAnswering, *TEMPORAL_AWAY):
            answering = False
        async with bounded():
            kept = await asyncio.to_thread(self._kept, reference, language)
            if kept is not None:
                return kept
            if not answering:
                await require_complaint(self._complaints, reference)
        raise unknown() if answering else away("this complaint cannot be reached at the moment")

    def _kept(self, reference: str, language: Language | None) -> tuple[dict[str, Any], datetime] | None:
        standing, carried = self._dossiers.standing(reference), self._dossiers.carried(reference)
        if standing is None or carried is None:
            return None
        as_of = standing.written_at
        view = dossier_view(Dossier.resume(carried), language)
        return {**view, "as_of": as_of.astimezone(PARIS).isoformat(timespec="seconds")}, as_of


def _tag(view: dict[str, Any], language: Language | None, as_of: datetime | None) -> str:
    said = f"{view['reference']}\n{language or ''}\n{as_of or ''}"
    return f'"{len(view["journal"])}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"'
