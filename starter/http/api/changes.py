"""`GET /v1/complaints/{reference}/changes`: a dossier's changes, as they are recorded (server-sent events)."""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse

from activities.access.roles import Caller, Right
from activities.register.dossiers import Dossiers
from starter.http.api.access import Guard, Shown
from starter.http.api.bounded import bounded, unknown
from starter.http.api.refusals import refusals
from starter.http.changes import MEDIA_TYPE, Changes


def change_routes(guard: Guard, changes: Changes, dossiers: Dossiers) -> APIRouter:
    """Give the route."""
    router = APIRouter()

    @router.get(
        "/v1/complaints/{reference}/changes",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "An event `changed` for each change: its `id` is the revision, its data where it stands",
                "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
            },
            **refusals(HTTPStatus.NOT_FOUND),
        },
    )
    async def follow(
        reference: str,
        caller: Annotated[Caller, Depends(guard.needs(Right.READ))],
        shown: Shown,
        last_event_id: Annotated[str, Header()] = "",
    ) -> StreamingResponse:
        """Follow a complaint: the first event says where it stands; with `Last-Event-ID`, only what came after."""
        async with bounded():
            standing = await asyncio.to_thread(dossiers.standing, reference)
        if standing is None or not caller.sees(standing.insurer):
            raise unknown()
        after = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
        may_still = partial(guard.may_still, shown, Right.READ, standing.insurer)
        stream = changes.stream(caller.name, may_still, reference, min(after, standing.revision))
        return StreamingResponse(stream, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    return router
