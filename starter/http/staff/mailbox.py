"""The mailbox: what customers wrote, and what a person makes of it."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from activities.access.roles import Right
from activities.mailbox.mailbox import Message, MessageState
from starter.client import ComplaintError
from starter.http.api.bounded import bounded, unknown
from starter.http.problems import Problem
from starter.http.staff.acts import complaint_fields
from starter.http.staff.desk import Desk
from starter.http.staff.fields import read, typed_of
from starter.http.staff.showing import HEADERS
from starter.http.staff.visitors import Visitor
from starter.mailbox import Post, proposal
from workflows.procedure.intake import InvalidComplaint

_A_PAGE = 100
_HOME = "/staff/mailbox"
_SHELVES = {
    "drafts": (MessageState.DRAFT, MessageState.NEW),
    "attached": (MessageState.ATTACHED,),
    "automatic": (MessageState.AUTOMATIC,),
    "done": (MessageState.ACCEPTED, MessageState.DISMISSED),
}


def mailbox_routes(desk: Desk, post: Post) -> APIRouter:
    """Give the routes."""
    mailbox = desk.mailbox
    router = APIRouter(include_in_schema=False)
    reader = Depends(desk.visitors.needs(Right.MAILBOX))
    taker = Depends(desk.visitors.needs(Right.INTAKE))

    async def message_of(identity: str) -> Message:
        async with bounded():
            found = await asyncio.to_thread(mailbox.message, identity)
        if found is None:
            raise unknown("there is no such message")
        return found

    def show(
        request: Request, visitor: Visitor, message: Message, typed: dict[str, str], refused: str | None
    ) -> Response:
        return desk.pages.show(
            request, "message.html.j2", visitor, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
            message=message, fields=complaint_fields(desk.firm(), visitor), typed=typed, refused=refused,
            open=message.state in (*_SHELVES["drafts"], *_SHELVES["automatic"]),
        )  # fmt: skip

    @router.get(_HOME)
    async def listed(request: Request, visitor: Annotated[Visitor, reader], shelf: str = "drafts") -> Response:
        if shelf not in _SHELVES:
            raise unknown()
        async with bounded():
            found = await asyncio.to_thread(mailbox.listed, _SHELVES[shelf], _A_PAGE)
        return desk.pages.show(request, "mailbox.html.j2", visitor, messages=found, shelf=shelf, shelves=list(_SHELVES))

    @router.get(_HOME + "/{identity}")
    async def one(request: Request, identity: str, visitor: Annotated[Visitor, reader]) -> Response:
        message = await message_of(identity)
        return show(request, visitor, message, typed_of(proposal(message)), None)

    @router.get(_HOME + "/{identity}/files/{number}")
    async def file(identity: str, number: int, _: Annotated[Visitor, reader]) -> Response:
        async with bounded():
            found = await asyncio.to_thread(mailbox.file, identity, number)
        if found is None:
            raise unknown("there is no such file")
        about, content = found
        if about.verdict:
            raise Problem(HTTPStatus.FORBIDDEN, f"this file is kept and not given out: {about.verdict}")
        # Never shown within our pages, whatever it says it is.
        headers = HEADERS | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(about.name, safe='')}"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.post(_HOME + "/{identity}/accept")
    async def accept(request: Request, identity: str, visitor: Annotated[Visitor, taker]) -> Response:
        message = await message_of(identity)
        typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        try:
            async with bounded():
                opened = read(complaint_fields(desk.firm(), visitor), typed)
                reference = await post.accept(identity, opened, visitor.account.id)
        except InvalidComplaint as refused:
            return show(request, visitor, message, typed, str(refused))
        return RedirectResponse(f"/staff/complaints/{quote(reference)}", HTTPStatus.SEE_OTHER)

    @router.post(_HOME + "/{identity}/attach")
    async def attach(
        request: Request,
        identity: str,
        visitor: Annotated[Visitor, taker],
        reference: Annotated[str, Form(max_length=100)],
    ) -> Response:
        message = await message_of(identity)
        try:
            async with bounded():
                await post.attach(identity, reference.strip(), visitor.account.id)
        except ComplaintError as refused:
            return show(request, visitor, message, typed_of(proposal(message)), str(refused))
        return RedirectResponse(f"/staff/complaints/{quote(reference.strip())}", HTTPStatus.SEE_OTHER)

    @router.post(_HOME + "/{identity}/dismiss")
    async def dismiss(
        identity: str, visitor: Annotated[Visitor, taker], remark: Annotated[str, Form(min_length=1, max_length=2000)]
    ) -> Response:
        await message_of(identity)
        async with bounded():
            await post.dismiss(identity, visitor.account.id, remark)
        return RedirectResponse(_HOME, HTTPStatus.SEE_OTHER)

    return router
