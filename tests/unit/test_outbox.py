"""The outbox: each thing leaves once, whatever is killed or repeated, and no reference or name leads anywhere else."""

import contextlib
import hashlib
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.notify.mail import Mailbox, Outgoing, Tray, UnusableAddress, usable
from activities.notify.names import folder_name, key_name
from activities.notify.outbox import Outbox, Proof

AT = datetime(2026, 12, 7, 15, 12, tzinfo=UTC)
REFERENCE = "REC-2026-7F3K9Q"
HOLDING = f"{REFERENCE}/1/holding/1"
FIRM = Mailbox("123 Courtage – Service Réclamation", "service@courtage.example")


PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9


class Killed(BaseException):
    """What a kill -9 is to the code: no handler of errors sees it."""


def outgoing(key: str = HOLDING, reference: str = REFERENCE, tray: Tray = Tray.EMAIL, **changed: Any) -> Outgoing:
    stated: dict[str, Any] = {
        "subject": f"Délai de traitement de votre réclamation ({REFERENCE})",
        "text": "Madame, Monsieur,\n\nNous vous écrivons.\n",
        "html": "<!DOCTYPE html><p>Nous vous écrivons à propos de l'été.</p>",
        "template": "holding@fr/00000000",
        "sender": FIRM,
        "to": () if tray is Tray.POST else (Mailbox("Anne Martin", "anne.martin@example.org"),),
        "reply_to": Mailbox("Hélène Sauvageot", FIRM.address),
    }
    return Outgoing(reference=reference, key=key, tray=tray, **(stated | changed))


def files(root: Path) -> list[str]:
    """Everything a person sees in the outbox."""
    return sorted(
        str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and ".proofs" not in path.parts
    )


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=SMTPUTF8)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    value = message[header]
    assert isinstance(value, AddressHeader)
    return [(address.display_name, address.addr_spec) for address in value.addresses]


# What leaves


def test_a_letter_is_a_message_with_a_page_beside_it(tmp_path: Path) -> None:
    proof = Outbox(tmp_path).deliver(outgoing(), AT)
    assert files(tmp_path) == [
        f"{REFERENCE}/2026-12-07_holding_1.eml",
        f"{REFERENCE}/2026-12-07_holding_1.html",
        f"{REFERENCE}/index.html",
    ]
    content = (tmp_path / proof.file).read_bytes()
    assert proof.sha256 == hashlib.sha256(content).hexdigest()
    message = read(content)
    assert addresses(message, "To") == [("Anne Martin", "anne.martin@example.org")]
    assert addresses(message, "From")[0][1] == FIRM.address
    assert addresses(message, "Reply-To") == [("Hélène Sauvageot", FIRM.address)]
    assert message["Date"] == "Mon, 07 Dec 2026 16:12:00 +0100"  # the complaint's time, as Paris clocks show it
    assert message["Message-ID"] == proof.message_id
    assert message["X-Complaint-Reference"] == REFERENCE
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[0] == "Madame, Monsieur,"


def test_a_letter_by_email_has_the_printed_one_attached_and_beside(tmp_path: Path) -> None:
    proof = Outbox(tmp_path).deliver(outgoing(pdf=PDF), AT)
    stem = f"{REFERENCE}/2026-12-07_holding_1"
    assert files(tmp_path) == [*(f"{stem}.{form}" for form in ("eml", "html", "pdf")), f"{REFERENCE}/index.html"]
    assert (tmp_path / f"{stem}.pdf").read_bytes() == PDF
    content = (tmp_path / proof.file).read_bytes()
    assert (proof.file, proof.sha256) == (f"{stem}.eml", hashlib.sha256(content).hexdigest())
    assert max(len(line) for line in content.splitlines()) <= 78
    message = read(content)
    assert message.get_content_type() == "multipart/mixed"
    words, attached = message.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "REC-2026-7F3K9Q_holding_1.pdf"
    assert attached.get_content() == PDF
    assert not words.defects
    assert outgoing(pdf=PDF).as_message(AT) == outgoing(pdf=PDF).as_message(AT)


def test_what_is_no_letter_has_nothing_attached(tmp_path: Path) -> None:
    Outbox(tmp_path).deliver(outgoing("notice/due", tray=Tray.STAFF), AT)
    assert not list(tmp_path.rglob("*.pdf"))
    assert b"multipart/mixed" not in outgoing().as_message(AT)


def test_a_letter_for_the_post_is_what_is_printed(tmp_path: Path) -> None:
    proof = Outbox(tmp_path).deliver(outgoing(tray=Tray.POST, pdf=PDF), AT)
    assert proof.file == f"{REFERENCE}/post/2026-12-07_holding_1.pdf"
    assert (proof.message_id, proof.sha256) == ("", hashlib.sha256(PDF).hexdigest())
    page = proof.file.replace(".pdf", ".html")
    assert files(tmp_path) == [f"{REFERENCE}/index.html", page, proof.file]
    assert "l'été" in (tmp_path / page).read_text()


def test_the_list_of_a_complaint_leads_to_what_was_printed(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, durable=False)
    outbox.deliver(outgoing(pdf=PDF), AT)
    outbox.deliver(outgoing(f"{REFERENCE}/1/status/1", tray=Tray.POST, pdf=PDF), AT)
    outbox.deliver(outgoing("notice/due", tray=Tray.STAFF), AT)
    page = (tmp_path / REFERENCE / "index.html").read_text()
    linked = re.findall(r'href="([^"]+\.pdf)"', page)
    assert linked == ["2026-12-07_holding_1.pdf", "post/2026-12-07_status_1.pdf"]
    assert all((tmp_path / REFERENCE / name).is_file() for name in linked)


def test_the_list_of_a_complaint_is_a_whole_page_from_its_first_letter_on(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, durable=False)
    for number in (1, 2, 3):
        outbox.deliver(outgoing(f"{REFERENCE}/1/progress/{number}"), AT + timedelta(days=number))
        page = (tmp_path / REFERENCE / "index.html").read_text()
        assert page.startswith("<!DOCTYPE html>")
        assert (page.count("<h1>"), page.count("<table>"), page.count("<tr ")) == (1, 1, number)
        assert page.endswith("</tr>\n")


def test_a_list_that_lacks_something_is_written_anew(tmp_path: Path) -> None:
    outbox, list_ = Outbox(tmp_path, durable=False), tmp_path / REFERENCE / "index.html"
    outbox.deliver(outgoing(), AT)
    for damaged in ("", "<h1>une page d'avant"):
        list_.write_text(damaged)
        outbox.deliver(outgoing("notice/due", tray=Tray.STAFF), AT)
        page = list_.read_text()
        assert page.startswith("<!DOCTYPE html>")
        assert page.count("<tr ") == 2


def test_the_list_of_a_complaint_shows_its_letters_in_order(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, durable=False)
    outbox.deliver(outgoing(f"{REFERENCE}/1/status/1", subject="B & <b>status</b>"), AT + timedelta(days=30))
    outbox.deliver(outgoing(), AT)
    outbox.deliver(outgoing("notice/due", tray=Tray.STAFF, subject="À lire"), AT)
    page = (tmp_path / REFERENCE / "index.html").read_text()
    assert page.index("holding_1.eml") < page.index("staff/2026-12-07_notice.due.eml") < page.index("status_1.eml")
    assert page.count("holding_1.eml</a>") == page.count("<h1>") == 1
    assert "B &amp; &lt;b&gt;status" in page
    assert [proof.key for proof in outbox.proofs(REFERENCE)] == [HOLDING, "notice/due", f"{REFERENCE}/1/status/1"]


# Once


def test_what_has_left_does_not_leave_again(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    first = outbox.deliver(outgoing(), AT)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = outbox.deliver(outgoing(text="Autre chose"), AT + timedelta(days=3))
    assert again == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("step", range(16))
@pytest.mark.parametrize("tray", [Tray.EMAIL, Tray.POST])
def test_killed_at_any_step_a_letter_is_neither_lost_nor_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, tray: Tray
) -> None:
    left = step

    def dying(name: str) -> Any:
        real = getattr(os, name)

        def call(*args: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real(*args)

        return call

    with monkeypatch.context() as doomed:
        for name in ("replace", "link", "fsync"):
            doomed.setattr(os, name, dying(name))
        with contextlib.suppress(Killed):
            Outbox(tmp_path).deliver(outgoing(tray=tray, pdf=PDF), AT)
    # The next attempt comes on another day, when the letter would bear another date.
    proof = Outbox(tmp_path).deliver(
        outgoing(tray=tray, text="le lendemain", html="<p>le lendemain", pdf=b"le lendemain"), AT + timedelta(1)
    )
    suffixes = [".html", ".pdf"] if tray is Tray.POST else [".eml", ".html", ".pdf"]
    stem = proof.file.rpartition(".")[0]
    assert files(tmp_path) == sorted([*(stem + suffix for suffix in suffixes), f"{REFERENCE}/index.html"])
    assert proof.sha256 == hashlib.sha256((tmp_path / proof.file).read_bytes()).hexdigest()
    assert proof.file.rpartition("/")[2] in (tmp_path / REFERENCE / "index.html").read_text()
    kept = [path.name for path in (tmp_path / REFERENCE / ".proofs").iterdir() if path.suffix != ".tmp"]
    assert kept == ["holding_1.json"]


def test_of_attempts_at_once_one_is_the_sending(tmp_path: Path) -> None:
    attempts, start = 8, threading.Barrier(8)

    def attempt(number: int) -> Proof:
        start.wait()
        return Outbox(tmp_path).deliver(outgoing(text=f"tentative {number}"), AT + timedelta(days=number))

    with ThreadPoolExecutor(attempts) as pool:
        proofs = list(pool.map(attempt, range(attempts)))
    assert len(set(proofs)) == 1
    assert len(files(tmp_path)) == 3
    assert proofs[0].sha256 == hashlib.sha256((tmp_path / proofs[0].file).read_bytes()).hexdigest()


def test_letters_at_once_are_all_on_the_list(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = [f"{REFERENCE}/1/progress/{number}" for number in range(1, 25)]
        proofs = list(pool.map(lambda key: Outbox(tmp_path, durable=False).deliver(outgoing(key), AT), keys))
    page = (tmp_path / REFERENCE / "index.html").read_text()
    assert all(page.count(f'"{proof.file.partition("/")[2]}"') == 1 for proof in proofs)


# Names


@pytest.mark.parametrize(
    "reference",
    ["../../etc/passwd", "/etc/passwd", "..", ".", "", "a" * 5000, "réf/é", "rec-2026-7f3k9q", "CON", "\ud800", "A\0B"],
)
def test_no_reference_leads_out_of_the_outbox(tmp_path: Path, reference: str) -> None:
    root = tmp_path / "outbox"
    key = f"{reference}/1/holding/1"
    proof = Outbox(root).deliver(outgoing(key.encode("utf-8", "replace").decode(), reference=reference), AT)
    assert (root / proof.file).resolve().parent.parent == root.resolve()
    assert list(tmp_path.iterdir()) == [root]
    assert folder_name(reference) != reference


@given(st.text(max_size=300), st.text(max_size=300))
def test_two_references_never_share_a_folder_even_where_case_does_not_count(one: str, other: str) -> None:
    assert (folder_name(one).casefold() == folder_name(other).casefold()) == (one == other)


KEYS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(["1", "2", "holding", "holding_1", "Holding", "round2_holding", "a.b", ".."]), max_size=4
    ).map("/".join),
)


@given(KEYS, KEYS)
@settings(max_examples=300)
def test_two_keys_never_share_a_file(one: str, other: str) -> None:
    names = [key_name(key, REFERENCE) for key in (one, other)]
    assert (names[0].casefold() == names[1].casefold()) == (one == other)
    for name in names:
        assert len(name) <= 100
        assert "/" not in name
        assert not name.startswith(".")


def test_letters_have_names_a_person_can_read() -> None:
    assert folder_name(REFERENCE) == REFERENCE
    assert key_name(f"{REFERENCE}/1/contact_change/2", REFERENCE) == "contact_change_2"
    assert key_name(f"{REFERENCE}/2/holding/1", REFERENCE) == "round2_holding_1"
    assert key_name("to_post/1/holding/1", REFERENCE) == "to_post.1.holding.1"


# Headers


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=200)
def test_no_name_adds_a_header_or_a_recipient(name: str, subject: str) -> None:
    to = (Mailbox(name, "anne.martin@example.org"),)
    message = read(outgoing(to=to, subject=subject, reply_to=Mailbox(name, FIRM.address)).as_message(AT))
    assert [address for _, address in addresses(message, "To")] == ["anne.martin@example.org"]
    assert [address for _, address in addresses(message, "Reply-To")] == [FIRM.address]
    assert {header.lower() for header in message} == {
        "from", "to", "reply-to", "subject", "date", "message-id", "x-complaint-reference", "auto-submitted",
        "x-auto-response-suppress",
        "mime-version", "content-type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        'evil@example.org, "É',
        "É" * 60 + ", evil@example.org,",
        "Anne\r\nBcc: evil@example.org",
        "=?utf-8?q?evil=40example=2Eorg=2C?=",
        "a" * 200 + "é <evil@example.org>",
    ],
)
def test_a_name_that_looks_like_an_address_is_only_a_name(name: str) -> None:
    message = read(outgoing(to=(Mailbox(name, "anne.martin@example.org"),)).as_message(AT))
    assert [address for _, address in addresses(message, "To")] == ["anne.martin@example.org"]
    assert "Bcc" not in message


def test_each_of_several_recipients_is_written_to() -> None:
    to = tuple(Mailbox(f"Hélène Sauvageot-Lestienne {n}", f"helene.sauvageot.{n}@courtage.example") for n in range(9))
    message = read(outgoing(to=to).as_message(AT))
    assert addresses(message, "To") == [(person.name, person.address) for person in to]
    assert max(len(line) for line in outgoing(to=to).as_message(AT).splitlines()) <= 78


@pytest.mark.parametrize("address", ["a,b@example.org", "héloïse@example.org", "anne@élan.example", "x+y@example.org"])
def test_unusual_addresses_are_written_to(address: str) -> None:
    message = read(outgoing(to=(Mailbox("Anne", address),)).as_message(AT))
    local, _, domain = address.partition("@")
    found = message["To"].addresses[0]
    username = found.username.encode("utf-8", "surrogateescape").decode()
    assert (username, found.domain.encode("idna")) == (local, domain.encode("idna"))


@pytest.mark.parametrize(
    "address", ["", "anne", "@example.org", "anne@", "a\n@example.org", "a@b>,c@d.fr", "a@" + "b" * 80]
)
def test_what_is_no_address_is_not_written_to(address: str, tmp_path: Path) -> None:
    assert not usable(address)
    with pytest.raises(UnusableAddress):
        Outbox(tmp_path).deliver(outgoing(to=(Mailbox("Anne", address),)), AT)
    assert list(tmp_path.iterdir()) == []
