"""`GET /v1/complaints/{reference}/letters` and `/v1/letters/{id}`: letters, and their bytes as sent."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from activities.register.api_keys import ApiKey, Scope
from activities.register.dossiers import Dossiers
from starter.http.api.access import Guard
from starter.http.api.answers import Letters, letter_view
from starter.http.api.bounded import bounded, unknown
from starter.http.api.refusals import refusals


def letter_routes(guard: Guard, dossiers: Dossiers) -> APIRouter:
    """Give the routes."""
    router = APIRouter()
    reader = Depends(guard.needs(Scope.LETTERS))

    @router.get("/v1/complaints/{reference}/letters", responses=refusals(HTTPStatus.NOT_FOUND))
    async def letters(reference: str, _: Annotated[ApiKey, reader]) -> Letters:
        """List a complaint's letters, as the register has them."""
        async with bounded():
            if await asyncio.to_thread(dossiers.standing, reference) is None:
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
    async def letter(letter_id: str, _: Annotated[ApiKey, reader]) -> Response:
        """Answer with one letter as it left."""
        async with bounded():
            found = await asyncio.to_thread(dossiers.letter, letter_id)
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
