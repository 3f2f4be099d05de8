"""The team: how much each person has to do, what of it falls due, who is away and who stands in."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from activities.access.roles import Right
from activities.register.listing import Wanted
from starter.http.api.bounded import bounded
from starter.http.staff.desk import Desk
from starter.http.staff.visitors import Visitor
from starter.render.contacts import contacts_view
from workflows.procedure.calendar import at_time, paris_date

_MOST = 100_000
_SOON = timedelta(days=7)


@dataclass(frozen=True)
class Load:
    """What one person has to do: open complaints, by level, overdue, and due within a week."""

    open: int
    levels: Counter[str]
    overdue: int
    soon: int


def team_routes(desk: Desk) -> APIRouter:
    """Give the route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/staff/team")
    async def team(request: Request, visitor: Annotated[Visitor, Depends(desk.visitors.needs(Right.TEAM))]) -> Response:
        today = paris_date(datetime.now(UTC))
        async with bounded():
            loads = await asyncio.to_thread(_loads, desk, at_time(today + _SOON + timedelta(days=1), time.min))
        people: list[dict[str, Any]] = contacts_view(
            desk.firm(), today, {who: load.open for who, load in loads.items() if who}
        )
        return desk.pages.show(
            request, "team.html.j2", visitor,
            people=people, loads=loads, nobody=loads.get(None), names={each["id"]: each["name"] for each in people},
        )  # fmt: skip

    return router


def _loads(desk: Desk, before: datetime) -> dict[str | None, Load]:
    loads: dict[str | None, Load] = {}
    for row in desk.listing.page(Wanted(open=True), None, _MOST):
        load = loads.get(row.contact, Load(0, Counter(), 0, 0))
        soon = row.next_deadline is not None and row.next_deadline < before
        loads[row.contact] = Load(
            load.open + 1, load.levels + Counter([row.level.value]), load.overdue + row.overdue, load.soon + soon
        )
    return loads
