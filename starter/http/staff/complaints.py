"""The lists: complaints by what falls due, mine first; and the search, whose words stand in no address and no log."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from activities.access.roles import Right
from activities.register.kept import Standing
from activities.register.listing import DueAt, Wanted
from starter.http.api import cursors
from starter.http.api.bounded import bounded
from starter.http.staff.desk import Desk
from starter.http.staff.signing_in import HOME
from starter.http.staff.visitors import Visitor
from starter.render.words import Words
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language, Level, Stage

_A_PAGE = 100
_MINE, _ALL = "mine", "all"


@dataclass(frozen=True)
class Group:
    """Complaints that fall due about the same time."""

    name: str
    rows: list[Standing]


def list_routes(desk: Desk) -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    reader = Depends(desk.visitors.needs(Right.LISTS))

    @router.get(HOME)
    async def listed(
        request: Request,
        visitor: Annotated[Visitor, reader],
        whose: Annotated[str, Query(pattern=r"^(mine|all|c-\d{1,9})$")] = "",
        level: Level | None = None,
        stage: Stage | None = None,
        cursor: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Response:
        handles = visitor.account.id in {person.id for person in desk.firm().people}
        whose = whose or (_MINE if handles else _ALL)
        contact = {_MINE: visitor.account.id, _ALL: None}.get(whose, whose)
        wanted = Wanted(level, stage, contact, open=stage is not Stage.CLOSED, insurer=visitor.caller.insurer)
        after = cursors.read_due(cursor)
        async with bounded():
            found = await asyncio.to_thread(desk.listing.by_deadline, wanted, after, _A_PAGE + 1)
            names = await asyncio.to_thread(_names, desk, visitor, found[:_A_PAGE])
        page, last = found[:_A_PAGE], found[_A_PAGE - 1] if len(found) > _A_PAGE else None
        return desk.pages.show(
            request, "complaints.html.j2", visitor,
            groups=_grouped(page, visitor.language), names=names, people=_people(desk), whose=whose, handles=handles,
            level=level, stage=stage, levels=list(Level), stages=list(Stage), total=len(page),
            next=cursors.written_due(DueAt.of(last)) if last else None,
        )  # fmt: skip

    @router.post("/staff/search")
    async def search(
        request: Request,
        visitor: Annotated[Visitor, Depends(desk.visitors.needs(Right.READ))],
        words: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        async with bounded():
            found = (
                await asyncio.to_thread(desk.listing.search, words, visitor.caller.insurer, _A_PAGE + 1)
                if words.strip()
                else []
            )
            names = await asyncio.to_thread(_names, desk, visitor, found)
        return desk.pages.show(
            request, "search.html.j2", visitor,
            words=words, found=found[:_A_PAGE], more=len(found) > _A_PAGE, names=names, people=_people(desk),
        )  # fmt: skip

    return router


def _people(desk: Desk) -> dict[str, str]:
    return {person.id: person.name for person in desk.firm().people}


def _names(desk: Desk, visitor: Visitor, rows: Sequence[Standing]) -> dict[str, str]:
    """Say who complains, for those who may read it."""
    if not visitor.caller.may(Right.READ):
        return {}
    return desk.listing.complainants([row.reference for row in rows])


def _grouped(rows: Sequence[Standing], language: Language) -> list[Group]:
    """Put complaints together by when they fall due, seen from today in Paris."""
    words, today = Words(language), paris_date(datetime.now(UTC))
    tomorrow, sunday = today + timedelta(days=1), today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Standing]] = {}
    for row in rows:
        groups.setdefault(_when(row, today, tomorrow, sunday, words), []).append(row)
    return [Group(name, found) for name, found in groups.items()]


def _when(row: Standing, today: date, tomorrow: date, sunday: date, words: Words) -> str:
    if row.overdue:
        return words.choose("En retard", "Overdue")
    if row.next_deadline is None:
        return words.choose("Sans échéance", "Nothing due")
    day = paris_date(row.next_deadline)
    if day <= today:
        return words.choose("Aujourd'hui", "Today")
    if day == tomorrow:
        return words.choose("Demain", "Tomorrow")
    return words.choose("Cette semaine", "This week") if day <= sunday else words.choose("Plus tard", "Later")
