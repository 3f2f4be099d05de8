"""`GET /v1/complaints`, `/v1/agenda` and `/v1/due`: which complaints there are, what comes due, what would.

The lists are read from the register: there each complaint stands once, those too that Temporal has forgotten.
"""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from activities.access.roles import Caller, Right
from activities.pin import ProcedurePinner
from activities.register.listing import Listing, Place, Wanted
from starter.due import dates
from starter.http.api import cursors
from starter.http.api.access import Guard
from starter.http.api.answers import AgendaView, DueView, Page, listed_view
from starter.http.api.bounded import bounded
from starter.http.api.refusals import refusals
from starter.http.problems import Problem
from workflows.procedure.calendar import CalendarExhausted, at_time, paris_date
from workflows.procedure.intake import PlausibleDate
from workflows.procedure.vocabulary import Level, Stage

_USUAL, _MOST = 50, 200
_USUAL_DAYS, _MOST_DAYS = 7, 400
_MOST_OF_AN_AGENDA = 1000


class State(StrEnum):
    """Which complaints are listed."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


ContactId = Annotated[str, Query(pattern=r"^c-[0-9]{1,9}$")]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]


def list_routes(guard: Guard, listing: Listing, pinner: ProcedurePinner) -> APIRouter:
    """Give the routes."""
    router = APIRouter()
    reader = Depends(guard.needs(Right.LISTS))

    @router.get("/v1/complaints", responses=refusals(HTTPStatus.BAD_REQUEST))
    async def listed(
        caller: Annotated[Caller, reader],
        level: Level | None = None,
        stage: Stage | None = None,
        contact: ContactId | None = None,
        overdue: bool = False,
        state: State | None = None,
        cursor: Cursor = None,
        limit: Limit = _USUAL,
    ) -> Page:
        """List complaints in the order of their receipt; open ones, unless `state` or the stage `closed` says else."""
        chosen = state or (State.ALL if stage is Stage.CLOSED else State.OPEN)
        is_open = {State.OPEN: True, State.CLOSED: False, State.ALL: None}[chosen]
        wanted, after = Wanted(level, stage, contact, overdue, is_open, insurer=caller.insurer), cursors.read(cursor)
        async with bounded():
            found = await asyncio.to_thread(listing.page, wanted, after, limit + 1)
        page, last = found[:limit], found[limit - 1] if len(found) > limit else None
        return Page(
            complaints=[listed_view(each) for each in page],
            next=cursors.written(Place(last.received_at, last.reference)) if last else None,
        )

    @router.get("/v1/agenda", responses=refusals())
    async def agenda(
        caller: Annotated[Caller, reader],
        days: Annotated[int, Query(ge=0, le=_MOST_DAYS)] = _USUAL_DAYS,
        contact: ContactId | None = None,
    ) -> AgendaView:
        """List what is overdue, and what comes due today or within so many days (civil days in Paris)."""
        before = at_time(paris_date(datetime.now(UTC)) + timedelta(days=days + 1), time.min)
        async with bounded():
            found = await asyncio.to_thread(listing.due, before, contact, _MOST_OF_AN_AGENDA + 1, caller.insurer)
        return AgendaView(
            days=days,
            complaints=[listed_view(each) for each in found[:_MOST_OF_AN_AGENDA]],
            complete=len(found) <= _MOST_OF_AN_AGENDA,
        )

    @router.get("/v1/due", response_model_exclude_unset=True, responses=refusals(HTTPStatus.BAD_REQUEST))
    async def due(
        _: Annotated[Caller, reader],
        received: PlausibleDate,
        sent: PlausibleDate | None = None,
        results: PlausibleDate | None = None,
    ) -> list[DueView]:
        """Work out every deadline of a complaint in writing, explained; starts nothing."""
        if sent and sent > received:
            raise Problem(HTTPStatus.BAD_REQUEST, "sent: it lies after received")
        if results and results < received:
            raise Problem(HTTPStatus.BAD_REQUEST, "results: it lies before received")
        async with bounded():
            return await asyncio.to_thread(_due, pinner, received, sent or received, results)

    return router


def _due(pinner: ProcedurePinner, received: date, sent: date, results: date | None) -> list[DueView]:
    try:
        found = dates(pinner.pin(sent, results or received), received, sent, results)
    except CalendarExhausted as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    return [DueView.model_validate(each) for each in found]
