"""`GET /v1/complaints/{reference}/letters` and `/v1/letters/{id}`: letters, and their bytes as sent."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from activities.access.roles import Caller, Right
from activities.register.dossiers import Dossiers
from starter.client import Complaints
from starter.http.api.access import Guard
from starter.http.api.answers import Letters, letter_view
from starter.http.api.bounded import bounded, require_complaint, unknown
from starter.http.api.refusals import refusals
from starter.http.api.seen import require_seen


def letter_routes(guard: Guard, complaints: Complaints, dossiers: Dossiers) -> APIRouter:
    """Give the routes."""
    router = APIRouter()
    reader = Depends(guard.needs(Right.LETTERS))

    @router.get("/v1/complaints/{reference}/letters", responses=refusals(HTTPStatus.NOT_FOUND))
    async def letters(reference: str, caller: Annotated[Caller, reader]) -> Letters:
        """List a complaint's letters, as the register has them."""
        async with bounded():
            await require_seen(caller, reference, dossiers)
            # The register follows by moments: what it has not heard of yet may be open all the same.
            if await asyncio.to_thread(dossiers.standing, reference) is None:
                await require_complaint(complaints, reference)
                if not await complaints.exists(reference):
                    raise unknown()
            found = await asyncio.to_thread(dossiers.letters, reference)
        return Letters(letters=[letter_view(each, f"/v1/letters/{quote(each.record.id)}") for each in found])

    @router.get(
        "/v1/letters/{letter_id:path}",
        response_class=Response,
        responses={
            200: {"description": "The bytes as sent", "content": {"message/rfc822": {}, "application/pdf": {}}},
            **refusals(HTTPStatus.NOT_FOUND),
        },
    )
    async def letter(letter_id: str, caller: Annotated[Caller, reader]) -> Response:
        """Answer with one letter as it left."""
        async with bounded():
            found = await asyncio.to_thread(dossiers.letter, letter_id)
            if found:
                await require_seen(caller, letter_id.partition("/")[0], dossiers)
        sent = found.as_sent if found else None
        if sent is None or sent.content is None:
            raise unknown("no letter of this id has left, or its bytes are not kept")
        return Response(
            sent.content,
            headers={
                "Content-Type": sent.content_type,
                "Content-Disposition": "attachment",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "ETag": f'"{sent.sha256}"',
            },
        )

    return router
