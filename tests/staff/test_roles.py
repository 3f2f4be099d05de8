"""The table role × route, and role × event, asked over real HTTP: who is let in, and who is not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from temporalio.testing import WorkflowEnvironment

from activities.access.roles import EVENTS_OF, Role
from activities.register.database import Register
from starter.http.app import create_app
from tests.staff.conftest import Browser, Office
from worker.settings import Settings
from workflows.procedure.events import EVENTS

I, H, M, P, A, O = Role.INTAKE, Role.HANDLER, Role.MANAGER, Role.PARTNER, Role.AUDITOR, Role.OPERATOR  # noqa: E741
EVERY = frozenset(Role)

API: dict[tuple[str, str], frozenset[Role]] = {
    ("POST", "/v1/complaints"): frozenset({I, H, M}),
    ("GET", "/v1/complaints"): EVERY,
    ("GET", "/v1/complaints/{reference}"): frozenset({I, H, M, P, A}),
    ("GET", "/v1/complaints/{reference}/changes"): frozenset({I, H, M, P, A}),
    ("POST", "/v1/complaints/{reference}/events"): frozenset({I, H, M, P, O}),
    ("GET", "/v1/complaints/{reference}/letters"): frozenset({H, M, A}),
    ("GET", "/v1/letters/{letter_id:path}"): frozenset({H, M, A}),
    ("GET", "/v1/agenda"): EVERY,
    ("GET", "/v1/due"): EVERY,
    ("GET", "/v1/register"): frozenset({M, A}),
    ("GET", "/v1/openapi.json"): EVERY,
}
PAGES: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/staff/complaints"): EVERY,
    ("POST", "/staff/search"): frozenset({I, H, M, P, A}),
    ("GET", "/staff/complaints/{reference}"): frozenset({I, H, M, P, A}),
    ("GET", "/staff/complaints/{reference}/live"): frozenset({I, H, M, P, A}),
    ("GET", "/staff/letters/{letter_id:path}"): frozenset({H, M, A}),
    ("GET", "/staff/new"): frozenset({I, H, M}),
    ("POST", "/staff/new"): frozenset({I, H, M}),
    ("GET", "/staff/complaints/{reference}/events/{kind}"): frozenset({I, H, M}),
    ("POST", "/staff/complaints/{reference}/events/{kind}"): frozenset({I, H, M}),
    ("GET", "/staff/complaints/{reference}/answer"): frozenset({H, M}),
    ("POST", "/staff/complaints/{reference}/answer"): frozenset({H, M}),
    ("GET", "/staff/complaints/{reference}/answer/preview"): frozenset({H, M}),
    ("POST", "/staff/complaints/{reference}/answer/{step}"): frozenset({H, M}),
    ("GET", "/staff/approvals"): frozenset({M}),
    ("GET", "/staff/team"): frozenset({H, M, A, O}),
    ("GET", "/staff/mailbox"): frozenset({I, H, M, A}),
    ("GET", "/staff/mailbox/{identity}"): frozenset({I, H, M, A}),
    ("GET", "/staff/mailbox/{identity}/files/{number}"): frozenset({I, H, M, A}),
    ("POST", "/staff/mailbox/{identity}/accept"): frozenset({I, H, M}),
    ("POST", "/staff/mailbox/{identity}/attach"): frozenset({I, H, M}),
    ("POST", "/staff/mailbox/{identity}/dismiss"): frozenset({I, H, M}),
    ("GET", "/staff/temporal"): frozenset({M, A}),
    ("POST", "/staff/sign-out"): EVERY,
}
WITH_THEIR_OWN_PROOF = {
    ("GET", "/health"), ("GET", "/ready"), ("GET", "/"), ("GET", "/staff"),
    ("GET", "/staff/sign-in"), ("POST", "/staff/sign-in"), ("GET", "/staff/language/{language}"),
    ("POST", "/v1/webhooks/sendgrid"), ("POST", "/v1/webhooks/inbound/{said}"),
    ("GET", "/v1/agenda.ics"), ("POST", "/v1/partners/{insurer_id}/events"),
}  # fmt: skip
"""Open to all, or to who signs: their own tests say so."""
IN = {200, 201, 202, 204, 303, 304, 400, 404, 409, 422}
"""What whoever was let in may be answered; with a form as empty as here, mostly a refusal of what it lacks."""


async def test_every_route_stands_in_the_table(
    environment: WorkflowEnvironment, register: Register, settings: Settings
) -> None:
    app: FastAPI = create_app(environment.client, register, settings)
    found = {(method, route.path) for route in _flat(app.routes) for method in (route.methods or set()) - {"HEAD"}}
    assert found == set(API) | set(PAGES) | WITH_THEIR_OWN_PROOF


def _flat(routes: Any) -> Iterator[APIRoute]:
    """Give the routes of routers within routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(route, "original_router", None):
            yield from _flat(inner.routes)


async def test_the_table_of_the_api(office: Office) -> None:
    told = await office.complaint()
    keys: dict[Role | None, str | None] = {role: office.key(role) for role in Role} | {None: None}
    wrong = []
    for (method, path), let_in in API.items():
        for role, key in keys.items():
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            body = json.dumps({"type": "x"}) if method == "POST" else None
            answer = await Browser(office, {}, "").asks(method, _address(path, told.reference), headers, body)
            allowed = answer.status in IN if role in let_in else answer.status == (403 if role else 401)
            if not allowed:
                wrong.append((method, path, role, answer.status, answer.text[:200]))
    assert wrong == []


async def test_the_table_of_the_pages(office: Office) -> None:
    told = await office.complaint()
    for role in Role:
        office.person(f"c-10{list(Role).index(role)}", role)
    wrong = []
    for (method, path), let_in in PAGES.items():
        for role in (*Role, None):
            person = office.session(f"c-10{list(Role).index(role)}") if role else Browser(office, {}, "")
            address = _address(path, told.reference)
            answer = await (person.posts(address) if method == "POST" else person.gets(address))
            if role is None:
                allowed = answer.status == 303 and answer.at.startswith("/staff/sign-in")
            else:
                allowed = answer.status in IN if role in let_in else answer.status == 403
            if not allowed:
                wrong.append((method, path, role, answer.status, answer.text[-400:]))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_sends_its_events_and_no_other(office: Office, role: Role) -> None:
    told = await office.complaint()
    key = office.key(role)
    for kind in EVENTS:
        body = json.dumps({"type": kind, "id": f"t-{kind}", "misspelt": True})
        answer = await Browser(office, {}, "").asks(
            "POST", f"/v1/complaints/{told.reference}/events", {"Authorization": f"Bearer {key}"}, body
        )
        assert answer.status == (422 if kind in EVENTS_OF[role] else 403), (kind, answer.text)


async def test_a_partner_sees_its_own_complaints_only_and_not_what_staff_note(office: Office) -> None:
    own, other = await office.complaint(), await office.complaint(insurer="mutuelle-du-vallon")
    await own.submit("note_added", id="n-1", by="c-002", text="La compagnie traîne.")
    await own.settled()
    headers = {"Authorization": f"Bearer {office.key(Role.PARTNER)}"}
    partner = Browser(office, {}, "")
    mine = await partner.asks("GET", f"/v1/complaints/{own.reference}", headers)
    assert mine.status == 200
    assert "traîne" not in mine.text
    assert '"withheld":true' in mine.text
    for path in ("", "/changes"):
        assert (await partner.asks("GET", f"/v1/complaints/{other.reference}{path}", headers)).status == 404
    answer = json.dumps({"type": "partner_answered", "id": "a", "party": "insurer", "answer": "Oui."})
    assert (await partner.asks("POST", f"/v1/complaints/{other.reference}/events", headers, answer)).status == 404
    listed = await partner.asks("GET", "/v1/complaints", headers)
    assert [each["reference"] for each in json.loads(listed.text)["complaints"]] == [own.reference]
    office.person("c-100", Role.PARTNER)
    at_the_page = office.session("c-100")
    assert (await at_the_page.gets(f"/staff/complaints/{other.reference}")).status == 404
    assert "traîne" not in (await at_the_page.gets(f"/staff/complaints/{own.reference}")).text


async def test_a_mediation_is_read_by_those_who_may(office: Office) -> None:
    told = await office.complaint()
    await told.submit("mediator_seized", id="m", addressed_to="broker", mediator_reference="LMA-4711")
    await told.settled()
    for role, reads in ((Role.HANDLER, True), (Role.AUDITOR, True), (Role.INTAKE, False), (Role.PARTNER, False)):
        headers = {"Authorization": f"Bearer {office.key(role)}"}
        seen = await Browser(office, {}, "").asks("GET", f"/v1/complaints/{told.reference}", headers)
        assert seen.status == 200
        assert ("LMA-4711" in seen.text) is reads
        assert json.loads(seen.text)["stage"] == "mediation"


async def test_a_key_with_a_role_acts_in_its_own_name(office: Office) -> None:
    told = await office.complaint()
    headers = {"Authorization": f"Bearer {office.key(Role.HANDLER)}"}
    path, system = f"/v1/complaints/{told.reference}/events", Browser(office, {}, "")
    forged = json.dumps({"type": "note_added", "id": "n", "text": "x", "by": "c-001"})
    assert (await system.asks("POST", path, headers, forged)).status == 403
    honest = json.dumps({"type": "note_added", "id": "n", "text": "x"})
    assert (await system.asks("POST", path, headers, honest)).status == 202
    assert (await told.entries("note_added"))[-1]["by"] == "api:of-handler"


def _address(path: str, reference: str) -> str:
    for name, value in (
        ("{reference}", reference), ("{letter_id:path}", f"{reference}/1/acknowledgement/1"),
        ("{kind}", "note_added"), ("{identity}", "0" * 64), ("{number}", "1"), ("{step}", "drop"),
    ):  # fmt: skip
        path = path.replace(name, value)
    return path + {"/v1/due": "?received=2026-12-19", "/v1/register": "?year=2026"}.get(path, "")
