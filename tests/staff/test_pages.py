"""The staff pages over HTTP: who is let in and how, what forms send once, what a second person releases."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.access.accounts import Accounts
from activities.access.roles import Role
from activities.access.sessions import IDLE, LONGEST, Sessions
from activities.register.database import Register
from activities.register.proposals import NotSo, Proposals
from tests.door import opened
from tests.sendgrid_server import Webhook
from tests.staff.conftest import PASSWORD, Browser, Office
from worker.settings import Settings

NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


# Signing in


async def test_a_password_opens_a_session_whose_cookie_nobody_else_reads(office: Office) -> None:
    login = office.person("c-002", Role.HANDLER)
    stranger = Browser(office, {}, "")
    wrong = await stranger.posts("/staff/sign-in", login=login, password=PASSWORD[:-1])
    assert wrong.status == 401
    assert "set-cookie" not in wrong.headers
    entered = await stranger.posts("/staff/sign-in", login=login.upper(), password=PASSWORD, next="/staff/team")
    assert (entered.status, entered.at) == (303, "/staff/team")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    name, _, said = cookie.partition(";")[0].partition("=")
    assert (await Browser(office, {name: said}, "").gets("/staff/team")).status == 200
    assert (await Browser(office, {name: said[:-1] + "x"}, "").gets("/staff/team")).status == 303


@pytest.mark.parametrize("after", ["https://elsewhere.example/", "//elsewhere.example", "/staff/\\elsewhere.example"])
async def test_nobody_is_led_to_another_site(office: Office, after: str) -> None:
    login = office.person("c-002", Role.HANDLER)
    entered = await Browser(office, {}, "").posts("/staff/sign-in", login=login, password=PASSWORD, next=after)
    assert entered.at == "/staff/complaints"


async def test_a_form_of_another_site_or_session_changes_nothing(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    told = await office.complaint()
    person, path = office.session("c-002"), f"/staff/complaints/{told.reference}/events/note_added"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"token={person.token}&text=x"
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://other.example"},
    ):
        assert (await person.asks("POST", path, form | headers, body)).status == 403
    for token in ("", "x", office.session("c-002").token):
        assert (await person.asks("POST", path, form, f"token={token}&text=x")).status == 403
    assert await told.entries("note_added") == []
    assert (await person.asks("POST", path, form | {"Sec-Fetch-Site": "same-origin"}, body)).status == 303


async def test_every_page_forbids_what_is_not_its_own(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    for answer in (
        await office.session("c-002").gets("/staff/complaints"),
        await office.session("c-002").gets("/staff/x"),
    ):
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_session_ends_unused_at_the_end_of_the_day_and_with_its_account(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    sessions, accounts = Sessions(office.register), Accounts(office.register)
    said = sessions.open("c-002", NOW)
    assert sessions.known(said, NOW + IDLE)
    at = NOW
    while at < NOW + LONGEST:
        at += IDLE / 2
        seen = sessions.known(said, at)
        assert (seen is not None) is (at <= NOW + LONGEST)
    assert sessions.known(said, at + timedelta(seconds=1)) is None
    unused = sessions.open("c-002", NOW)
    assert sessions.known(unused, NOW + IDLE + timedelta(seconds=1)) is None
    other = sessions.open("c-002", NOW)
    assert accounts.disable("c-002", NOW)
    assert sessions.known(other, NOW) is None
    assert accounts.known("c-002@123courtage.example", PASSWORD, NOW) is None


def test_wrong_passwords_lock_an_account_for_longer_and_longer(office: Office) -> None:
    login, accounts = office.person("c-002", Role.HANDLER), Accounts(office.register)
    for _ in range(5):
        assert accounts.known(login, "faux mot de passe", NOW) is None
    assert accounts.known(login, PASSWORD, NOW) is None
    later = NOW + timedelta(minutes=1)
    assert accounts.known(login, "faux mot de passe", later) is None
    assert accounts.known(login, PASSWORD, later + timedelta(seconds=1)) is None
    assert accounts.known(login, PASSWORD, later + timedelta(minutes=15))


# Events


async def test_a_form_sent_twice_is_recorded_once_and_a_refusal_comes_back_filled(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    told = await office.complaint()
    person, page = office.session("c-002"), f"/staff/complaints/{told.reference}/events/"
    key = await person.hidden(page + "note_added", "event_key")
    for _ in range(2):
        assert (await person.posts(page + "note_added", event_key=key, text="Le client a rappelé.")).status == 303
    assert len(await told.entries("note_added")) == 1
    refused = await person.posts(page + "estimate_given", expected_on="1066-01-01", situation="Où nous en sommes")
    assert refused.status == 422
    assert "expected_on" in refused.text
    assert "Où nous en sommes" in refused.text
    assert 'aria-invalid="true"' in refused.text
    # What commits a complaint is asked twice.
    asked = await person.posts(page + "withdrawn", event_key="w-1")
    assert (asked.status, "Confirmer" in asked.text) == (200, True)
    assert await told.entries("withdrawn") == []
    assert (await person.posts(page + "withdrawn", event_key="w-1", sure="yes")).status == 303
    assert (await told.result())["closed_by"] == "withdrawn"


async def test_what_is_not_possible_now_is_listed_with_the_reason(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    told = await office.complaint()
    text = (await office.session("c-002").gets(f"/staff/complaints/{told.reference}")).text
    possible, _, impossible = text.partition('id="not-now"')
    assert "/events/results_known" in possible
    assert "/events/mediation_ended" not in possible
    assert "Fin de la médiation" in impossible


async def test_what_is_to_be_done_leads_to_its_form_and_no_id_is_shown(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    office.person("c-100", Role.AUDITOR)
    told = await office.complaint()
    todo = (await office.session("c-002").gets(f"/staff/complaints/{told.reference}")).text.split('id="todo"')[1]
    todo = todo.split("</section>")[0]
    assert f'<a href="/staff/complaints/{told.reference}/events/estimate_given">« Date prévue »</a>' in todo
    assert f'<a href="/staff/complaints/{told.reference}/answer">« Réponse donnée »</a>' in todo
    read_only = (await office.session("c-100").gets(f"/staff/complaints/{told.reference}")).text
    assert "« Date prévue »" in read_only
    assert "estimate_given" not in read_only


async def test_a_complaint_is_taken_in_by_hand_once(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    person = office.session("c-002")
    made = await person.hidden("/staff/new", "made_reference")
    fields = {
        "made_reference": made, "received_at": "2026-11-20T10:00", "channel": "phone", "received_by": "broker",
        "complainant__name": "Zoé Élan", "complainant__phone": "01 99 00 00 00", "summary": "Retard de remboursement",
    }  # fmt: skip
    refused = await person.posts("/staff/new", **{**fields, "summary": ""})
    assert (refused.status, "Zoé Élan" in refused.text) == (422, True)
    for _ in range(2):
        opened = await person.posts("/staff/new", **fields)
        assert (opened.status, opened.at) == (303, f"/staff/complaints/{made}")
    found = await _searched(person, made, "elan zoe")
    assert made in found
    assert made in await _searched(person, made, made.lower()[-6:])
    assert made not in (await person.posts("/staff/search", words="Personne d'autre")).text


async def _searched(person: Browser, wanted: str, words: str) -> str:
    give_up_at = time.monotonic() + 30
    while wanted not in (found := (await person.posts("/staff/search", words=words)).text):
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.2)
    return found


# Answers


async def test_an_answer_leaves_by_a_second_persons_hand_and_never_by_its_authors(office: Office) -> None:
    office.person("c-001", Role.MANAGER)
    office.person("c-006", Role.MANAGER)
    told = await office.complaint(source="lawyer")
    author, second = office.session("c-001"), office.session("c-006")
    page = f"/staff/complaints/{told.reference}/answer"
    refused = await author.posts(page, decision="upheld", reasons="", sent_by="system")
    assert refused.status == 422
    written = await author.posts(page, decision="upheld", reasons="Vous avez raison.", sent_by="system")
    assert written.status == 303
    proposal, revision = await author.hidden(page, "proposal"), await author.hidden(page, "revision")
    steps = {"proposal": proposal, "revision": revision}
    assert (await author.posts(f"{page}/release", **steps)).status == 403
    assert (await second.posts(f"{page}/approve", **steps)).status == 422, "it was not proposed yet"
    assert (await author.posts(f"{page}/propose", **steps)).status == 303
    steps["revision"] = await author.hidden(page, "revision")
    assert (await author.posts(f"{page}/approve", **steps)).status == 422
    # What the rest of the world did meanwhile is said.
    await told.submit("note_added", id="n", by="c-002", text="Nouveau rapport.")
    assert "a changé depuis" in (await second.gets(page)).text
    assert (await second.posts(f"{page}/return", **steps, remark="Citez l'article 4.")).status == 303
    assert "Citez l&#39;article 4." in (await author.gets(page)).text
    revision = await author.hidden(page, "revision")
    assert (
        await author.posts(page, decision="upheld", reasons="Article 4.", sent_by="system", revision="1")
    ).status == 422
    await author.posts(page, decision="upheld", reasons="Article 4.", sent_by="system", revision=revision)
    steps["revision"] = await author.hidden(page, "revision")
    await author.posts(f"{page}/propose", **steps)
    steps["revision"] = await author.hidden(page, "revision")
    # Two approve at the same moment, and one of them again: it leaves once.
    both = await asyncio.gather(*(second.posts(f"{page}/approve", **steps) for _ in range(3)))
    assert {answer.status for answer in both} == {303}
    (given,) = await told.entries("response_given")
    assert given["data"] == {"decision": "upheld", "reasons": "Article 4.", "approved_by": "c-006"}
    assert (await told.kinds()).count("resolution") == 1


async def test_an_answer_is_not_released_by_way_of_another_complaint(office: Office) -> None:
    office.person("c-001", Role.MANAGER)
    sensitive, plain = await office.complaint(source="lawyer"), await office.complaint()
    author, page = office.session("c-001"), f"/staff/complaints/{sensitive.reference}/answer"
    await author.posts(page, decision="upheld", reasons="Vous avez raison.", sent_by="system")
    steps = {name: await author.hidden(page, name) for name in ("proposal", "revision")}
    for step in ("release", "propose", "approve", "return", "drop"):
        answer = await author.posts(f"/staff/complaints/{plain.reference}/answer/{step}", **steps, remark="x")
        assert answer.status == 422, step
    for told in (sensitive, plain):
        assert await told.entries("response_given") == []
    assert "Demander l&#39;approbation" in (await author.gets(page)).text, "it is the draft it was"


async def test_where_no_second_person_is_wanted_the_author_sends(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    told = await office.complaint()
    author, page = office.session("c-002"), f"/staff/complaints/{told.reference}/answer"
    await author.posts(page, decision="rejected", reasons="Hors délai.", sent_by="system")
    assert "Hors délai." in (await author.gets(f"{page}/preview")).text
    steps = {name: await author.hidden(page, name) for name in ("proposal", "revision")}
    assert (await author.posts(f"{page}/release", **steps)).status == 303
    assert (await told.entries("response_given"))[-1]["by"] == "c-002"


async def test_a_released_answer_whose_event_was_cut_off_is_sent_by_asking_again(office: Office) -> None:
    office.person("c-006", Role.MANAGER)
    told = await office.complaint(source="lawyer")
    proposals = Proposals(office.register)
    made = proposals.compose(told.reference, {"decision": "upheld", "reasons": "Oui."}, 0, "c-002", NOW, None)
    proposed = proposals.propose(told.reference, made.id, made.revision)
    proposals.release(
        told.reference, made.id, proposed.revision, "c-006", datetime.now(UTC), second=True
    )  # and the door is killed
    assert await told.entries("response_given") == []
    again = await office.session("c-006").posts(
        f"/staff/complaints/{told.reference}/answer/approve", proposal=made.id, revision=str(proposed.revision)
    )
    assert again.status == 303
    assert len(await told.entries("response_given")) == 1
    with pytest.raises(NotSo, match="not_open"):
        proposals.drop(told.reference, made.id, proposed.revision + 1, "c-006", NOW)


async def test_a_key_with_a_role_does_not_go_round_the_second_person(office: Office) -> None:
    told = await office.complaint(source="lawyer")
    headers = {"Authorization": f"Bearer {office.key(Role.MANAGER)}"}
    body = '{"type": "response_given", "id": "r", "decision": "upheld", "reasons": "Oui."}'
    path = f"/v1/complaints/{told.reference}/events"
    assert (await Browser(office, {}, "").asks("POST", path, headers, body)).status == 403


# Lists, letters, the team


async def test_letters_are_read_as_they_left_and_nothing_in_them_runs(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    told = await office.complaint()
    letter = await office.session("c-002").gets(f"/staff/letters/{told.reference}/1/acknowledgement/1")
    assert letter.status == 200
    assert told.reference in letter.text
    assert "sandbox" in letter.headers["content-security-policy"]


async def test_the_team_shows_what_each_has_to_do_and_never_why_somebody_is_away(office: Office) -> None:
    office.person("c-001", Role.MANAGER)
    told = await office.complaint()
    contact = (await told.dossier())["contact"]["name"]
    text = (await office.session("c-001").gets("/staff/team")).text
    row = text.split(contact)[1].split("</tr>")[0]
    assert ">1</td>" in row


async def test_no_body_is_larger_than_the_door_takes(office: Office) -> None:
    office.person("c-002", Role.HANDLER)
    person, large = office.session("c-002"), "x" * 1_100_000
    assert (await person.posts("/staff/search", words=large)).status == 413
    assert (await person.posts("/staff/sign-in", login=large, password=large)).status == 413
    for answer in (await person.gets("/staff/complaints"), await person.gets("/health"), await person.gets("/v1/due")):
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_behind_a_proxy_that_ends_tls_cookies_go_by_tls_only(
    environment: WorkflowEnvironment, register: Register, settings: Settings
) -> None:
    by_tls = settings.model_copy(update={"public_url": "https://complaints.example"})
    async with opened(environment.client, register, by_tls, Webhook()) as door:
        status, answer = await door.asked("/staff/language/en")
    assert status == 303
    assert "; secure" in answer.lower()


async def test_a_cursor_that_is_none_of_ours_is_refused(office: Office) -> None:
    office.person("c-001", Role.MANAGER)
    for cursor in ("x", "W10", "WzEsMiwzXQ", "bnVsbA"):  # no base64, [], [1,2,3], null
        assert (await office.session("c-001").gets(f"/staff/complaints?cursor={cursor}")).status == 400
