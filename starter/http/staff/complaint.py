"""One complaint: where it stands and why each date, its letters, its Parties, its journal; live."""

import asyncio
from email import policy
from email.parser import BytesParser
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse

from activities.access.roles import Right
from activities.mailbox.mailbox import Message
from activities.register.kept import KeptLetter
from starter.http.api.bounded import bounded, unknown
from starter.http.changes import MEDIA_TYPE
from starter.http.staff.desk import Desk
from starter.http.staff.linking import linked
from starter.http.staff.possible import possible
from starter.http.staff.showing import HEADERS
from starter.http.staff.visitors import Visitor
from starter.http.withheld import as_seen_by
from starter.render.story import told
from starter.render.words import Words
from workflows.procedure.view import dossier_view

_LETTER_POLICY = {**HEADERS, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""A letter is shown as it was written, styles included; nothing in it runs, nothing is fetched for it."""


def complaint_routes(desk: Desk) -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    reader = Depends(desk.visitors.needs(Right.READ))
    of_letters = Depends(desk.visitors.needs(Right.LETTERS))

    @router.get("/staff/complaints/{reference}")
    async def complaint(
        request: Request, reference: str, visitor: Annotated[Visitor, reader], done: str = ""
    ) -> Response:
        dossier, read = await desk.open(reference, visitor)
        view = as_seen_by(visitor.caller, dossier_view(dossier, visitor.language))
        words = Words(visitor.language)
        journal = [(entry, told(entry, words).plain) for entry in view["journal"] if entry["type"] != "staff_told"]
        async with bounded():
            people = await asyncio.to_thread(desk.people)
            messages = await asyncio.to_thread(_messages, desk, reference, visitor)
        return desk.pages.show(
            request, "complaint.html.j2", visitor,
            view=view, case=dossier.case, journal=journal, as_of=read.as_of, people=people, messages=messages,
            done=done[:300], linked=partial(linked, reference=reference, visitor=visitor),
            journal_lines=len(dossier.journal),
            acts=possible(dossier.case, visitor), insurers={each.id: each.name for each in desk.firm().insurers},
        )  # fmt: skip

    @router.get("/staff/complaints/{reference}/live")
    async def live(
        request: Request,
        reference: str,
        visitor: Annotated[Visitor, reader],
        last_event_id: Annotated[str, Header()] = "",
        after: int = 0,
    ) -> StreamingResponse:
        async with bounded():
            standing = await asyncio.to_thread(desk.dossiers.standing, reference)
        if standing is None or not visitor.caller.sees(standing.insurer):
            raise unknown()
        since = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
        may_still = partial(desk.visitors.may_still, request, Right.READ, standing.insurer)
        stream = desk.changes.stream(visitor.account.id, may_still, reference, min(since, standing.revision))
        return StreamingResponse(stream, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    @router.get("/staff/letters/{letter_id:path}")
    async def letter(letter_id: str, visitor: Annotated[Visitor, of_letters]) -> Response:
        async with bounded():
            found = await asyncio.to_thread(desk.dossiers.letter, letter_id)
            standing = await asyncio.to_thread(desk.dossiers.standing, letter_id.partition("/")[0])
        if found is None or standing is None or not visitor.caller.sees(standing.insurer):
            raise unknown("there is no such letter")
        return _as_sent(found)

    return router


def _messages(desk: Desk, reference: str, visitor: Visitor) -> list[Message]:
    return desk.mailbox.of_complaint(reference) if visitor.caller.may(Right.MAILBOX) else []


def _as_sent(letter: KeptLetter) -> Response:
    """Show a letter as it left: a PDF as it is, an e-mail by its HTML part."""
    sent = letter.as_sent
    if sent is None or sent.content is None:
        raise unknown("this letter has not left, or its bytes are not kept")
    if sent.content_type == "application/pdf":
        return Response(sent.content, media_type=sent.content_type, headers=HEADERS)
    message = BytesParser(policy=policy.default).parsebytes(sent.content)
    body = message.get_body(("html", "plain"))
    kind = body.get_content_type() if body else "text/plain"
    content = body.get_content() if body else ""
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=_LETTER_POLICY)
