"""E-mails as SendGrid's Inbound Parse posts them, over real HTTP: kept whole, recognised, and a person decides."""

import io
import json
import secrets
import zipfile
from datetime import date
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from activities.access.roles import Role
from activities.firm.load import load_firm
from activities.mailbox.mailbox import Mailbox, Message, MessageState
from activities.notify.mail import message_digest
from activities.register.database import Register
from starter.client import new_reference
from tests.staff.conftest import Browser, Office
from worker.settings import Settings

TOKEN = secrets.token_hex(16)
ALL = tuple(MessageState)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"inbound_token": SecretStr(TOKEN)})


class Post:
    """SendGrid, posting what came by e-mail."""

    def __init__(self, office: Office) -> None:
        self.office, self.mailbox = office, Mailbox(office.register)

    async def posts(self, token: str = TOKEN, files: list[tuple[str, bytes, str]] | None = None, **fields: Any) -> int:
        data: dict[str, Any] = {
            "headers": "Message-ID: <1@example.org>\nDate: Fri, 20 Nov 2026 16:00:00 +0100",
            "from": "Anne Martin <anne.martin@example.org>", "subject": "Réclamation", "text": "Je conteste.",
            "envelope": '{"to": ["reclamations@x.example"], "from": "anne.martin@example.org"}',
            "dkim": "{@example.org : pass}", "SPF": "pass", "charsets": "{}",
        } | fields  # fmt: skip
        parts: list[tuple[str, tuple[Any, ...]]] = [
            (name, (None, value if isinstance(value, bytes) else value.encode())) for name, value in data.items()
        ]
        parts += [(f"attachment{n}", (name, content, kind)) for n, (name, content, kind) in enumerate(files or [], 1)]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(f"{self.office.url}/v1/webhooks/inbound/{token}", files=parts)
        return answer.status_code

    def only(self) -> Message:
        (found,) = self.mailbox.listed(ALL, 10)
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def post(office: Office) -> Post:
    return Post(office)


async def test_a_message_is_a_draft_that_a_person_accepts_once(post: Post) -> None:
    assert await post.posts(files=[("devis.pdf", b"%PDF-1.7 x", "application/pdf")]) == 200
    draft = post.only()
    assert (draft.state, draft.sender, draft.sender_name) == ("draft", "anne.martin@example.org", "Anne Martin")
    assert draft.checks["SPF"] == "pass"
    post.office.person("c-002", Role.INTAKE)
    person, page = post.office.session("c-002"), f"/staff/mailbox/{draft.id}"
    shown = (await person.gets(page)).text
    assert 'value="2026-11-20"' in shown, "the day it was sent"
    file = await person.gets(f"{page}/files/1")
    assert (file.text, file.headers["content-disposition"].startswith("attachment")) == ("%PDF-1.7 x", True)
    fields = {
        "received_at": draft.received_at.strftime("%Y-%m-%dT%H:%M"), "sent_on": "2026-11-20", "channel": "email",
        "received_by": "broker", "complainant__name": "Anne Martin", "summary": "Je conteste.",
        "complainant__email": "anne.martin@example.org",
    }  # fmt: skip
    refused = await person.posts(f"{page}/accept", **{**fields, "channel": ""})
    assert (refused.status, "channel" in refused.text) == (422, True)
    opened = {(await person.posts(f"{page}/accept", **fields)).at for _ in range(2)}
    assert len(opened) == 1
    accepted = post.only()
    assert (accepted.state, accepted.decided_by) == ("accepted", "c-002")
    assert opened == {f"/staff/complaints/{accepted.reference}"}


async def test_a_draft_never_takes_the_reference_of_another_complaint(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await post.office.complaint()
    free = new_reference(date(2026, 11, 26))
    made = iter([told.reference, free])
    monkeypatch.setattr("starter.client.new_reference", lambda _: next(made))
    await post.posts()
    post.office.person("c-002", Role.INTAKE)
    fields = {
        "received_at": post.only().received_at.strftime("%Y-%m-%dT%H:%M"), "channel": "email", "received_by": "broker",
        "complainant__name": "Anne Martin", "summary": "Je conteste.",
    }  # fmt: skip
    page = f"/staff/mailbox/{post.only().id}/accept"
    assert (await post.office.session("c-002").posts(page, **fields)).at == f"/staff/complaints/{free}"


async def test_the_same_message_posted_again_is_kept_once_and_a_forged_post_not_at_all(post: Post) -> None:
    assert await post.posts(token="0" * 32) == 404
    assert post.mailbox.listed(ALL, 10) == []
    assert [await post.posts() for _ in range(3)] == [200, 200, 200]
    assert post.only().state == "draft"


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8", "utf-16", "iso-8859-15"])
async def test_each_field_is_read_by_its_own_charset(post: Post, charset: str) -> None:
    said = "Où est passée l'indemnité ? Déçue."
    await post.posts(text=said.encode(charset), charsets=json.dumps({"text": charset, "subject": "UTF-8"}))
    assert (post.only().text, post.only().subject) == (said, "Réclamation")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"text": "", "html": "<style>p{}</style><p>Bonjour<br>je conteste</p><script>x</script>"},
            "Bonjour\nje conteste",
        ),
        (
            {"text": "Privet: \u043f\u0440\u0438\u0432\u0435\u0442".encode("koi8-r"), "charsets": '{"text":"koi8-r"}'},
            "Privet: привет",
        ),
        ({"text": b"d\xe9\xe7ue", "charsets": '{"text":"no-such-charset"}'}, "d\ufffd\ufffdue"),
        ({"text": b"d\xe9\xe7ue", "charsets": "not json"}, "déçue"),
    ],
)
async def test_whatever_a_message_is_written_in_a_person_can_read_it(
    post: Post, fields: dict[str, Any], text: str
) -> None:
    assert await post.posts(**fields) == 200
    assert post.only().text == text


async def test_a_raw_message_is_read_too(post: Post) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "Zoé Élan <zoe@example.org>", "Où en êtes-vous ?"
    message["Message-ID"], message["Date"] = "<raw@example.org>", "Fri, 20 Nov 2026 16:00:00 +0100"
    message.set_content("Déçue, je conteste.", charset="iso-8859-1")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="été.png")
    assert await post.posts(email=message.as_bytes()) == 200
    kept = post.only()
    assert (kept.sender_name, kept.subject, kept.text) == ("Zoé Élan", "Où en êtes-vous ?", "Déçue, je conteste.")
    assert [(each.name, each.verdict) for each in kept.attachments] == [("été.png", None)]


@pytest.mark.parametrize("body", [b"", b"garbage", b"--x\r\n", b"\x00\xff" * 100])
async def test_what_cannot_be_read_is_kept_as_it_came(post: Post, body: bytes) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        url = f"{post.office.url}/v1/webhooks/inbound/{TOKEN}"
        assert (await client.post(url, content=body, headers=headers)).status_code == 200
    kept = post.only()
    assert (kept.state, kept.flags) == ("draft", ("unreadable",))
    assert post.mailbox.raw(kept.id) == (headers["Content-Type"], body)


def _zip(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


async def test_files_nobody_should_open_are_kept_and_not_given_out(post: Post) -> None:
    files = [
        ("facture.pdf.exe", b"x", "application/pdf"), ("photo.jpg", b"MZ\x90", "image/jpeg"), ("a.pdf", b"PK", "x/y"),
        ("bombe.zip", _zip("a.txt", b"0" * 50_000_000), "application/zip"),
        ("b.zip", _zip("a.js", b"1"), "application/zip"),
        ("c.zip", b"PK\x03\x04broken", "application/zip"), ("lettre.docx", _zip("word/document.xml", b"<x/>"), "x/y"),
    ]  # fmt: skip
    await post.posts(files=files)
    kept = post.only()
    assert [each.verdict for each in kept.attachments] == [
        "program", "program", "not_what_it_says", "bomb", "program", "broken", None,
    ]  # fmt: skip
    post.office.person("c-002", Role.INTAKE)
    person = post.office.session("c-002")
    answers = [await person.gets(f"/staff/mailbox/{kept.id}/files/{number}") for number in range(1, 9)]
    assert [answer.status for answer in answers] == [403] * 6 + [200, 404]


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": "Auto-Submitted: auto-replied"},
        {"headers": "Precedence: bulk"},
        {"headers": "X-Autoreply: yes"},
        {"headers": "List-Id: <news.example.org>"},
        {"envelope": '{"from": ""}'},
        {"from": "MAILER-DAEMON@example.org"},
        {"subject": "Réponse automatique : votre dossier"},
        {"subject": "Out of office: REC-2026-7F3K9Q"},
        {"subject": "Absence du bureau"},
        {"from": "reclamations@123courtage.example"},
    ],
)
async def test_what_no_person_wrote_stands_apart_and_never_reaches_a_complaint(
    post: Post, fields: dict[str, Any]
) -> None:
    told = await post.office.complaint(reference="REC-2026-7F3K9Q") if "7F3K9Q" in str(fields) else None
    own = {"from": post_office_address(post)} if fields.get("from", "").startswith("reclamations@") else {}
    await post.posts(**(fields | own))
    assert post.only().state == "automatic"
    assert told is None or await told.entries("note_added") == []


def post_office_address(post: Post) -> str:
    return load_firm(post.office.stage.settings.firm_file).email


async def test_a_word_on_a_known_complaint_reaches_its_journal_once(post: Post) -> None:
    told = await post.office.complaint(reference=(reference := f"REC-2026-{_made()}"))
    for _ in range(2):
        assert await post.posts(subject=f"Re: [{reference}] accusé de réception") == 200
    kept = post.only()
    assert (kept.state, kept.reference, kept.flags) == ("attached", reference, ())
    (note,) = await told.entries("note_added")
    assert (note["by"], kept.id[:8] in note["data"]["text"]) == ("mail", True)
    # From an unknown address it still arrives, and a person is told to look twice.
    another: dict[str, Any] = {"headers": "Message-ID: <2@example.org>", "from": "quelqu.un@example.net"}
    await post.posts(subject=reference, **another)
    assert [each.flags for each in post.mailbox.of_complaint(reference)] == [(), ("other_sender",)]


async def test_an_answer_to_a_letter_of_ours_is_known_by_its_thread(post: Post) -> None:
    told = await post.office.complaint()
    letter = f"{told.reference}/1/acknowledgement/1"
    answered = f"<{message_digest(told.reference, letter)}@123courtage.example>"
    headers = f"Message-ID: <3@example.org>\nIn-Reply-To: {answered}\nReferences: <other@x>\n {answered}"
    await post.posts(headers=headers, subject="Re: votre courrier")
    assert (post.only().state, post.only().reference) == ("attached", told.reference)


@pytest.mark.parametrize(
    ("subject", "flags"),
    [("REC-2026-AAAAAA", ("unknown_reference",)), ("REC-2026-AAAAAA et REC-2026-BBBBBB", ("several_references",))],
)
async def test_what_is_not_plain_is_put_before_a_person(post: Post, subject: str, flags: tuple[str, ...]) -> None:
    await post.posts(subject=subject)
    assert (post.only().state, post.only().flags) == ("draft", flags)


async def test_a_loop_is_cut_and_nothing_of_it_is_lost(post: Post) -> None:
    for number in range(34):
        await post.posts(headers=f"Message-ID: <loop-{number}@example.org>")
    states = [message.state for message in post.mailbox.listed(ALL, 100)]
    assert (states.count(MessageState.DRAFT), states.count(MessageState.AUTOMATIC)) == (30, 4)


async def test_a_message_is_put_to_a_complaint_or_dismissed_by_a_person(post: Post) -> None:
    told = await post.office.complaint()
    post.office.person("c-002", Role.INTAKE)
    person = post.office.session("c-002")
    await post.posts()
    page = f"/staff/mailbox/{post.only().id}"
    assert (await person.posts(f"{page}/attach", reference="REC-2026-AAAAAA")).status == 422
    assert (await person.posts(f"{page}/attach", reference=f" {told.reference} ")).status == 303
    assert (await told.entries("note_added"))[-1]["by"] == "c-002"
    await post.posts(headers="Message-ID: <9@example.org>", subject="Publicité")
    (advert,) = post.mailbox.listed([MessageState.DRAFT], 10)
    assert (await person.posts(f"/staff/mailbox/{advert.id}/dismiss", remark="Publicité")).status == 303
    assert post.mailbox.message(advert.id).remark == "Publicité"  # type: ignore[union-attr]
    assert await _lists(person) == (0, 1)


async def _lists(person: Browser) -> tuple[int, int]:
    counts = [
        (await person.gets(f"/staff/mailbox?shelf={shelf}")).text.count("<tr><th") - 1 for shelf in ("drafts", "done")
    ]
    return max(counts[0], 0), max(counts[1], 0)


async def test_without_the_register_the_provider_is_told_to_come_back(post: Post, register: Register) -> None:
    with register.session() as session:
        session.connection().exec_driver_sql("ALTER TABLE messages RENAME TO gone")
    assert await post.posts() == 503
    with register.session() as session:
        session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO messages")
    assert await post.posts() == 200
    assert post.only().state == "draft"


def _made() -> str:
    return "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(6))
