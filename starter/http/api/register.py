"""`GET /v1/register`: the register's lines of one year, page by page: working one out takes a moment."""

import asyncio
from datetime import date, time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from activities.access.roles import Caller, Right
from activities.register.dossiers import Dossiers
from activities.register.listing import Listing, Place, Wanted
from starter.figures.line import RegisterLine
from starter.figures.lines import line_of
from starter.http.api import cursors
from starter.http.api.access import Guard
from starter.http.api.answers import RegisterPage
from starter.http.api.bounded import bounded
from starter.http.api.lists import Cursor
from starter.http.api.refusals import refusals
from workflows.procedure.calendar import at_time
from workflows.procedure.intake import EARLIEST_YEAR, LATEST_YEAR

_USUAL, _MOST = 50, 100


def register_routes(guard: Guard, listing: Listing, dossiers: Dossiers) -> APIRouter:
    """Give the route."""
    router = APIRouter()

    def read(year: int, after: Place | None, limit: int) -> tuple[list[RegisterLine], Place | None]:
        first, next_first = (at_time(date(each, 1, 1), time.min) for each in (year, year + 1))
        found = listing.page(Wanted(received_from=first, received_before=next_first), after, limit + 1)
        carried = [dossiers.carried(each.reference) for each in found[:limit]]
        last = found[limit - 1] if len(found) > limit else None
        return [line_of(each) for each in carried if each], Place(last.received_at, last.reference) if last else None

    @router.get("/v1/register", responses=refusals(HTTPStatus.BAD_REQUEST))
    async def lines(
        _: Annotated[Caller, Depends(guard.needs(Right.REGISTER))],
        year: Annotated[int, Query(ge=EARLIEST_YEAR, le=LATEST_YEAR)],
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = _USUAL,
    ) -> RegisterPage:
        """List the lines of complaints received in a civil year (Paris), as `complaints register export` has them."""
        after = cursors.read(cursor)
        async with bounded():
            found, last = await asyncio.to_thread(read, year, after, limit)
        return RegisterPage(year=year, lines=found, next=cursors.written(last) if last else None)

    return router
