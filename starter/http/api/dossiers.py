"""`GET /v1/complaints/{reference}`: the dossier, from the complaint itself, else as the register has it."""

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import JSONResponse

from activities.access.roles import Caller, Right
from activities.register.dossiers import Dossiers
from starter.client import Complaints
from starter.http.api.access import Guard
from starter.http.api.answers import DossierAnswer
from starter.http.api.bounded import unknown
from starter.http.api.refusals import refusals
from starter.http.reading import Reader
from starter.http.withheld import as_seen_by
from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Dossier
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import Language

SOURCE = "X-Complaints-Source"


def dossier_routes(guard: Guard, complaints: Complaints, dossiers: Dossiers) -> APIRouter:
    """Give the route."""
    router, reader = APIRouter(), Reader(complaints, dossiers)

    @router.get(
        "/v1/complaints/{reference}",
        response_model=DossierAnswer,
        responses={304: {"description": "Nothing was recorded since"}, **refusals(HTTPStatus.NOT_FOUND)},
    )
    async def dossier(
        reference: str,
        caller: Annotated[Caller, Depends(guard.needs(Right.READ))],
        lang: Language | None = None,
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """Answer with the whole state; `lang`: of the sentences of the moment. Its ETag changes with its journal."""
        read = await reader.read(reference)
        as_of = read.as_of
        view = dossier_view(Dossier.resume(read.carried), lang)
        if not caller.sees(view["insurer"]):
            raise unknown()
        view = as_seen_by(caller, view)
        if as_of:
            view["as_of"] = as_of.astimezone(PARIS).isoformat(timespec="seconds")
        tag = _tag(view, lang, as_of, caller)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", SOURCE: "register" if as_of else "complaint"}
        if tag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return JSONResponse(view, headers=headers)

    return router


def _tag(view: dict[str, Any], language: Language | None, as_of: datetime | None, caller: Caller) -> str:
    said = f"{view['reference']}\n{language or ''}\n{as_of or ''}\n{sorted(caller.rights)}"
    return f'"{len(view["journal"])}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"'
