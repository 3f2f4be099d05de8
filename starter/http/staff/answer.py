"""The answer to a customer: composed, read as the letter it will be, approved by a second person, released."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from activities.access.roles import Right
from activities.notify.letters import compose
from activities.register.proposals import NotSo, Proposal, Proposals
from starter.client import ComplaintError, EventRefused
from starter.http.api.bounded import away, bounded, unknown
from starter.http.problems import Problem
from starter.http.staff.acts import event_fields
from starter.http.staff.desk import Desk
from starter.http.staff.fields import read, typed_of
from starter.http.staff.showing import HEADERS
from starter.http.staff.visitors import Visitor
from starter.letters.check import why_not_written
from starter.letters.owed import order_now
from starter.render.words import Words
from workflows.procedure.calendar import paris_date
from workflows.procedure.dossier import Dossier, Refused
from workflows.procedure.table import TABLE, Fate
from workflows.procedure.vocabulary import LetterKind
from workflows.procedure.wording import say

_ANSWER = "response_given"
_ITS_OWN = ("approved_by", "channel", "at")
"""Fields of the event that this page does not ask for."""
_NOT_SO = {
    "changed": (
        "Quelqu'un l'a modifiée entre-temps : relisez-la.",
        "Somebody has changed it meanwhile: read it again.",
    ),
    "not_open": ("Elle a déjà été décidée.", "It was decided already."),
    "own": ("Une autre personne que son auteur doit l'approuver.", "Somebody other than its author has to approve it."),
}
_FRAME = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("'none'; base", "'self'; base"),
}
"""The preview is shown inside our own page."""


def answer_routes(desk: Desk, proposals: Proposals) -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    composer = Depends(desk.visitors.needs(Right.RESOLVE))
    approver = Depends(desk.visitors.needs(Right.APPROVE))
    page = _Page(desk, proposals)

    @router.get("/staff/complaints/{reference}/answer")
    async def ask(request: Request, reference: str, visitor: Annotated[Visitor, composer]) -> Response:
        return await page.show(request, reference, visitor)

    @router.post("/staff/complaints/{reference}/answer")
    async def write(request: Request, reference: str, visitor: Annotated[Visitor, composer]) -> Response:
        typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        return await page.write(request, reference, visitor, typed)

    @router.get("/staff/complaints/{reference}/answer/preview")
    async def preview(reference: str, visitor: Annotated[Visitor, composer]) -> Response:
        return await page.preview(reference, visitor)

    @router.post("/staff/complaints/{reference}/answer/{step}")
    async def decide(
        request: Request,
        reference: str,
        step: str,
        visitor: Annotated[Visitor, composer],
        proposal: Annotated[str, Form(max_length=40)],
        revision: Annotated[int, Form()],
        remark: Annotated[str, Form(max_length=5000)] = "",
    ) -> Response:
        return await page.decide(request, reference, visitor, step, proposal, revision, remark)

    @router.get("/staff/approvals")
    async def approvals(request: Request, visitor: Annotated[Visitor, approver]) -> Response:
        async with bounded():
            waiting = await asyncio.to_thread(proposals.proposed)
            people = await asyncio.to_thread(desk.people)
        return desk.pages.show(request, "approvals.html.j2", visitor, waiting=waiting, people=people)

    return router


class _Page:
    def __init__(self, desk: Desk, proposals: Proposals) -> None:
        self._desk, self._proposals = desk, proposals

    async def show(
        self,
        request: Request,
        reference: str,
        visitor: Visitor,
        *,
        typed: dict[str, str] | None = None,
        refused: str | None = None,
    ) -> Response:
        dossier, _ = await self._desk.open(reference, visitor)
        async with bounded():
            proposal = await asyncio.to_thread(self._proposals.open_of, reference)
            people = await asyncio.to_thread(self._desk.people)
        cell = TABLE[_ANSWER][dossier.case.stage]
        fields = [each for each in event_fields(_ANSWER, self._desk.firm(), visitor) if each.name not in _ITS_OWN]
        return self._desk.pages.show(
            request, "answer.html.j2", visitor,
            status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
            reference=reference, case=dossier.case, fields=fields, proposal=proposal, people=people, refused=refused,
            typed=typed if typed is not None else _typed(proposal), needs_second=self._needs_second(dossier),
            why_not=say(visitor.language, cell.why) if cell.fate is Fate.REFUSED else None,
            changed_since=proposal is not None and proposal.journal_lines != _told(dossier),
            own=proposal is not None and proposal.composed_by == visitor.account.id,
        )  # fmt: skip

    def _needs_second(self, dossier: Dossier) -> bool:
        return dossier.case.level in self._desk.firm().answers_need_approval

    async def write(self, request: Request, reference: str, visitor: Visitor, typed: dict[str, str]) -> Response:
        """Keep what was composed, once the rules would take it."""
        dossier, _ = await self._desk.open(reference, visitor)
        answer = read(event_fields(_ANSWER, self._desk.firm(), visitor), typed)
        now = datetime.now(UTC)
        try:
            dossier.judge(_ANSWER, answer, now)
            seen = int(typed["revision"]) if typed.get("revision", "").isdecimal() else None
            async with bounded():
                await asyncio.to_thread(
                    self._proposals.compose, reference, answer, _told(dossier), visitor.account.id, now, seen
                )
        except (Refused, NotSo) as refused:
            said = self._said(refused, visitor)
            return await self.show(request, reference, visitor, typed=typed, refused=said)
        return _to(reference, "/answer#letter")

    async def preview(self, reference: str, visitor: Visitor) -> Response:
        """Show the letter as it would leave now, or say what it lacks."""
        dossier, _ = await self._desk.open(reference, visitor)
        async with bounded():
            proposal = await asyncio.to_thread(self._proposals.open_of, reference)
        if proposal is None:
            raise unknown("no answer was composed")
        firm, now = self._desk.firm(), datetime.now(UTC)
        try:
            dossier.hear(_ANSWER, proposal.answer, now)
            order = order_now(dossier.carried(), LetterKind.RESOLUTION, now)
            letter = await asyncio.to_thread(
                compose, order, firm, paris_date(now), self._desk.settings.templates.resolve()
            )
        except Exception as error:  # whatever an answer or an edited template can bring about
            why = str(error) if isinstance(error, Refused) else why_not_written(error, visitor.language)
            return Response(why or type(error).__name__, media_type="text/plain; charset=utf-8", headers=_FRAME)
        if order.channel.value == "post":
            return Response(letter.pdf, media_type="application/pdf", headers=_FRAME)
        return Response(
            letter.html,
            media_type="text/html; charset=utf-8",
            headers={**_FRAME, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
        )

    async def decide(
        self, request: Request, reference: str, visitor: Visitor, step: str, proposal: str, revision: int, remark: str
    ) -> Response:
        """Take one step: propose, return, release or drop; what is released is sent at once."""
        dossier, _ = await self._desk.open(reference, visitor)
        second, by, now = self._needs_second(dossier), visitor.account.id, datetime.now(UTC)
        if step in ("return", "approve") and not visitor.caller.may(Right.APPROVE):
            raise Problem(HTTPStatus.FORBIDDEN, "this needs the right `approve`")
        if step == "release" and second:
            raise Problem(HTTPStatus.FORBIDDEN, "this answer needs a second person's approval")
        try:
            async with bounded():
                match step:
                    case "propose":
                        await asyncio.to_thread(self._proposals.propose, reference, proposal, revision)
                    case "return":
                        await asyncio.to_thread(
                            self._proposals.give_back, reference, proposal, revision, by, remark, now
                        )
                    case "drop":
                        await asyncio.to_thread(self._proposals.drop, reference, proposal, revision, by, now)
                    case "release" | "approve":
                        released = await asyncio.to_thread(
                            self._proposals.release, reference, proposal, revision, by, now, second=step == "approve"
                        )
                        return await self._send(released, visitor)
                    case _:
                        raise unknown()
        except NotSo as not_so:
            sent = await self._sent_before(reference, proposal, not_so, visitor)
            return sent or await self.show(request, reference, visitor, refused=self._said(not_so, visitor))
        return _to(reference, "/answer")

    async def _sent_before(self, reference: str, proposal: str, not_so: NotSo, visitor: Visitor) -> Response | None:
        """Send a released answer again: whoever released it may not have heard what became of its event."""
        if not_so.why != "not_open":
            return None
        async with bounded():
            released = await asyncio.to_thread(self._proposals.released_unsent, reference)
        return await self._send(released, visitor) if released and released.id == proposal else None

    async def _send(self, released: Proposal, visitor: Visitor) -> Response:
        event = released.answer | {"id": released.event_id, "by": released.composed_by}
        if released.decided_by != released.composed_by:
            event["approved_by"] = released.decided_by
        if released.decided_at:
            event["at"] = released.decided_at.isoformat()
        try:
            async with bounded():
                receipt = await self._desk.complaints.submit(released.reference, _ANSWER, event)
        except EventRefused as refused:
            raise Problem(HTTPStatus.CONFLICT, str(refused)) from None
        except ComplaintError as not_now:
            raise away(str(not_now)) from None
        return _to(released.reference, f"?done={quote(receipt['message'])}")

    def _said(self, refused: Refused | NotSo, visitor: Visitor) -> str:
        if isinstance(refused, NotSo):
            return Words(visitor.language).choose(*_NOT_SO[refused.why])
        return str(refused)


def _told(dossier: Dossier) -> int:
    """Count what people and partners have told, so that a warning to staff is no change."""
    return sum(entry.by != "system" for entry in dossier.journal)


def _typed(proposal: Proposal | None) -> dict[str, str]:
    """Give a composed answer back as it was typed."""
    if proposal is None:
        return {"sent_by": "system", "offer.currency": "EUR"}
    return typed_of(proposal.answer)


def _to(reference: str, place: str) -> Response:
    return RedirectResponse(f"/staff/complaints/{quote(reference)}{place}", HTTPStatus.SEE_OTHER)
