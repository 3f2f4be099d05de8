"""Sending an event: a form for each, what the rules refuse said beside it; and taking a complaint in by hand."""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from activities.access.roles import Right
from activities.firm.schema import Firm
from starter.client import AlreadyOpen, ComplaintError, EventRefused
from starter.http.api.bounded import away, bounded, unknown
from starter.http.problems import Problem
from starter.http.staff.desk import Desk
from starter.http.staff.fields import Field, fields_of, read
from starter.http.staff.possible import why_not
from starter.http.staff.visitors import Visitor
from starter.render.words import Words
from workflows.procedure.calendar import PARIS
from workflows.procedure.events import EVENTS
from workflows.procedure.intake import Complaint, InvalidComplaint

_MADE = re.compile(r"REC-\d{4}-[2-9A-Z]{6}")
_ANSWER = "response_given"
TO_BE_CONFIRMED = ("recorded_in_error", "withdrawn", "summons_served", "customer_accepts")
"""What cannot be taken back by another event, or moves a complaint for good: asked twice."""


def act_routes(desk: Desk) -> APIRouter:
    """Give the routes."""
    router = APIRouter(include_in_schema=False)
    taker = Depends(desk.visitors.needs(Right.INTAKE))

    @router.get("/staff/new")
    async def ask_complaint(request: Request, visitor: Annotated[Visitor, taker]) -> Response:
        async with bounded():
            unused = await desk.complaints.unused_reference(datetime.now(UTC))
        return _complaint_form(desk, request, visitor, {"made_reference": unused}, None)

    @router.post("/staff/new")
    async def open_complaint(request: Request, visitor: Annotated[Visitor, taker]) -> Response:
        typed = await _typed(request)
        message = read(complaint_fields(desk.firm(), visitor), typed)
        try:
            async with bounded():
                reference = await desk.complaints.open(message, _reference_of(typed), datetime.now(UTC))
        except InvalidComplaint as refused:
            return _complaint_form(desk, request, visitor, typed, str(refused))
        except AlreadyOpen:  # the same form, sent again
            reference = _reference_of(typed)
        return RedirectResponse(f"/staff/complaints/{quote(reference)}", HTTPStatus.SEE_OTHER)

    @router.get("/staff/complaints/{reference}/events/{kind}")
    async def ask(
        request: Request,
        reference: str,
        kind: str,
        visitor: Annotated[Visitor, Depends(desk.visitors.needs(Right.READ))],
    ) -> Response:
        _require_sender(visitor, kind)
        typed = dict(request.query_params) | {"event_key": f"p-{secrets.token_hex(8)}"}
        return await _event_form(desk, request, visitor, reference, kind, typed)

    @router.post("/staff/complaints/{reference}/events/{kind}")
    async def send(
        request: Request,
        reference: str,
        kind: str,
        visitor: Annotated[Visitor, Depends(desk.visitors.needs(Right.READ))],
    ) -> Response:
        _require_sender(visitor, kind)
        typed = await _typed(request)
        if kind in TO_BE_CONFIRMED and typed.get("sure") != "yes":
            return await _event_form(desk, request, visitor, reference, kind, typed, confirm=True)
        await desk.open(reference, visitor)
        event = read(event_fields(kind, desk.firm(), visitor), typed)
        event |= {"id": typed.get("event_key") or f"p-{secrets.token_hex(8)}", "by": visitor.account.id}
        try:
            async with bounded():
                receipt = await desk.complaints.submit(reference, kind, event)
        except EventRefused as refused:
            return await _event_form(desk, request, visitor, reference, kind, typed, refused=str(refused))
        except ComplaintError as not_now:
            raise away(str(not_now)) from None
        return RedirectResponse(
            f"/staff/complaints/{quote(reference)}?done={quote(receipt['message'])}", HTTPStatus.SEE_OTHER
        )

    return router


def event_fields(kind: str, firm: Firm, visitor: Visitor) -> list[Field]:
    """Give the fields of an event's form, with what the firm lets choose from."""
    return fields_of(EVENTS[kind], Words(visitor.language), _choices(firm, visitor))


def complaint_fields(firm: Firm, visitor: Visitor) -> list[Field]:
    """Give the fields of a complaint's form."""
    fields = fields_of(Complaint, Words(visitor.language), _choices(firm, visitor))
    return [field for field in fields if field.name != "reference"]


def _choices(firm: Firm, visitor: Visitor) -> dict[str, tuple[tuple[str, str], ...]]:
    people = tuple((person.id, person.name) for person in firm.people)
    return {
        "contact": people,
        "complained_about": people,
        "insurer": tuple((insurer.id, insurer.name) for insurer in firm.insurers),
        "source": tuple((source, config.name) for source, config in firm.sources.items()),
        "cause": tuple((cause, names[visitor.language]) for cause, names in firm.causes.items()),
    }


def _require_sender(visitor: Visitor, kind: str) -> None:
    if kind not in EVENTS:
        raise unknown("there is no such event")
    if kind == _ANSWER:
        raise Problem(HTTPStatus.FORBIDDEN, "an answer is composed on its own page")
    if not visitor.caller.may_send(kind):
        raise Problem(HTTPStatus.FORBIDDEN, f"you may not send `{kind}`")


async def _typed(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _reference_of(typed: Mapping[str, str]) -> str:
    """Give the reference that a form's complaint bears, however often the form is sent."""
    reference = typed.get("made_reference", "")
    if not _MADE.fullmatch(reference):
        raise Problem(HTTPStatus.BAD_REQUEST, "this form is incomplete: reload its page")
    return reference


def _complaint_form(
    desk: Desk, request: Request, visitor: Visitor, typed: Mapping[str, str], refused: str | None
) -> Response:
    now = datetime.now(UTC).astimezone(PARIS)
    standing = {"received_at": f"{now:%Y-%m-%dT%H:%M}", "channel": "phone", "received_by": "broker"}
    return desk.pages.show(
        request, "new.html.j2", visitor, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        fields=complaint_fields(desk.firm(), visitor), typed=standing | dict(typed), refused=refused,
    )  # fmt: skip


async def _event_form(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    reference: str,
    kind: str,
    typed: Mapping[str, Any],
    *,
    refused: str | None = None,
    confirm: bool = False,
) -> Response:
    dossier, _ = await desk.open(reference, visitor)
    return desk.pages.show(
        request, "event.html.j2", visitor, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        reference=reference, kind=kind, fields=event_fields(kind, desk.firm(), visitor), typed=typed,
        refused=refused, confirm=confirm, why_not=why_not(dossier.case, kind, visitor),
    )  # fmt: skip
