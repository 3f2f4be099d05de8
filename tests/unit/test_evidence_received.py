"""What came by e-mail, in the evidence of a complaint: whole, to be read, its files beside it, and nothing changed."""

import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from activities.mailbox.mailbox import Mailbox, MessageState
from activities.mailbox.post import read_post
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.evidence.archive import files_of, sums, zipped
from starter.evidence.gather import gather
from starter.evidence.verify import Fault, Finding, verify
from tests.register.delivered import Delivered
from tests.rehearsal import FIRM, MONDAY, paris
from tests.unit.test_evidence import REFERENCE, opened, words_of
from workflows.procedure.vocabulary import Language

TEXT = "recus/01_2026-11-23_message.txt"
WHOLE = "recus/01_2026-11-23_message.mime"
FILE = "recus/01_2026-11-23_piece-1_devis-n-4.pdf"
QUOTE, PROGRAM = b"%PDF-1.7 le devis", b"MZ\x90\x00"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with opened(tmp_path) as register:
        Delivered(register).keep()
        yield register


def comes(
    register: Register, identity: str, state: MessageState = MessageState.ATTACHED, *, to: str = REFERENCE,
    days: int = 0, subject: str = "Ma réclamation", text: str = "Je conteste.", flags: tuple[str, ...] = (),
    files: tuple[tuple[str, bytes], ...] = (),
) -> bytes:  # fmt: skip
    """Have an e-mail come and belong to a complaint; give the call that brought it."""
    fields = {
        "headers": "Date: Sun, 22 Nov 2026 23:30:00 +0100", "from": "Anne Martin <anne.martin@example.org>",
        "subject": subject, "text": text, "charsets": "{}", "SPF": "pass",
    }  # fmt: skip
    parts: list[tuple[str, tuple[str | None, bytes]]] = [(name, (None, said.encode())) for name, said in fields.items()]
    parts += [(f"attachment{number}", file) for number, file in enumerate(files, 1)]
    call = httpx.Request("POST", "http://localhost/", files=parts)
    content_type, body, mailbox = call.headers["content-type"], call.read(), Mailbox(register)
    now = paris(MONDAY + timedelta(days=days), 9)
    assert mailbox.keep(identity, read_post(content_type, body), content_type, body, now)
    assert mailbox.settle(identity, [MessageState.NEW], state, reference=to, flags=flags)
    return body


def archive_of(register: Register, language: Language = Language.FR) -> dict[str, bytes]:
    evidence = gather(Dossiers(register), Mailbox(register), REFERENCE, FIRM(), language)
    assert evidence is not None
    return files_of(evidence)


def test_each_message_is_there_as_it_came_with_its_words_and_its_files(register: Register) -> None:
    body = comes(register, "m1", MessageState.ACCEPTED, files=(("Devis n° 4.PDF", QUOTE),))
    made = archive_of(register)
    assert (made[WHOLE], made[FILE]) == (body, QUOTE)
    assert made[TEXT].decode().splitlines() == [
        "De : Anne Martin <anne.martin@example.org>", "Objet : Ma réclamation",
        "Envoyé : dim. 22 nov. 2026 à 23:30 (heure de l'expéditeur)",
        "Reçu : lun. 23 nov. 2026 à 09:00 (heure de Paris)",
        "Pièce 1 : Devis n° 4.PDF (17 octets)", "", "Je conteste.",
    ]  # fmt: skip
    read = words_of(made["dossier.pdf"])
    for said in ("Courriels reçus", "a ouvert le dossier", "Ma réclamation", "anne.martin@example.org", FILE, TEXT):
        assert said in read
    assert "recus/" in made["LISEZMOI.txt"].decode()
    assert verify(zipped(made)).findings == ()


def test_in_english_in_the_order_in_which_they_came_and_only_what_belongs_to_it(register: Register) -> None:
    comes(register, "m2", days=3, text="Un rappel.", flags=("other_sender",))
    comes(register, "m1")
    comes(register, "m3", to="REC-2026-OTHER")
    comes(register, "m4", MessageState.DRAFT)
    made = archive_of(register, Language.EN)
    assert sorted(name for name in made if name.startswith("received/")) == [
        "received/01_2026-11-23_message.mime", "received/01_2026-11-23_message.txt",
        "received/02_2026-11-26_message.mime", "received/02_2026-11-26_message.txt",
    ]  # fmt: skip
    assert "Un rappel." in made["received/02_2026-11-26_message.txt"].decode()
    assert "The sender is not the complainant's known address." in words_of(made["dossier.pdf"])
    assert verify(zipped(made)).findings == ()


def test_what_nobody_should_open_stays_within_the_message_and_is_named(register: Register) -> None:
    body = comes(register, "m1", files=(("facture.pdf.exe", PROGRAM), ("photo.jpg", b"\xff\xd8\xff\xe0 une photo")))
    made = archive_of(register)
    assert sorted(name for name in made if name.startswith("recus/") and "piece" in name) == [
        "recus/01_2026-11-23_piece-2_photo.jpg"
    ]
    assert PROGRAM in body
    assert made[WHOLE] == body
    read = words_of(made["dossier.pdf"])
    assert "1. facture.pdf.exe" in read
    assert "non extraite du message : programme" in read


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x\\y.doc", "\u202etxt.la.csv", "…", ".htaccess", "a" * 300 + ".txt", "x.p/f"]
)
def test_a_file_is_named_harmlessly_whatever_its_sender_called_it(register: Register, name: str) -> None:
    comes(register, "m1", files=((name, b"rien"),))
    made = archive_of(register)
    with zipfile.ZipFile(io.BytesIO(zipped(made))) as archive:
        [told] = [each for each in archive.namelist() if "piece-1" in each]
    assert told.count("/") == 1
    assert set(told.removeprefix("recus/")) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(told) < 120
    assert verify(zipped(made)).findings == ()


@pytest.mark.parametrize("text", ['#panic("x") <b>gras</b>', "\u202eà l'envers", "mot" * 20_000, "ligne\n" * 5_000])
def test_hostile_messages_stay_text(register: Register, text: str) -> None:
    comes(register, "m1", text=text, subject=text[:300].replace("\n", " "))
    made = archive_of(register)
    assert verify(zipped(made)).findings == ()


def test_an_attachment_that_was_changed_is_found_even_with_new_sums(register: Register) -> None:
    comes(register, "m1", files=(("Devis n° 4.PDF", QUOTE),))
    made = archive_of(register)
    del made["SHA256SUMS"]
    made[FILE] = QUOTE.replace(b"devis", b"constat")
    assert set(verify(zipped(made | {"SHA256SUMS": sums(made)})).findings) == {Finding(FILE, Fault.NOT_AS_RECEIVED)}


def test_words_that_were_changed_or_a_message_that_was_taken_out_are_found(register: Register) -> None:
    comes(register, "m1")
    made = archive_of(register)
    del made["SHA256SUMS"]
    other = made | {TEXT: made[TEXT].replace(b"conteste", b"accepte")}
    assert Finding(TEXT, Fault.DIFFERS) in verify(zipped(other | {"SHA256SUMS": sums(other)})).findings
    without = {name: content for name, content in made.items() if not name.startswith("recus/")}
    gone = {f.file for f in verify(zipped(without | {"SHA256SUMS": sums(without)})).findings if f.fault is Fault.ABSENT}
    assert gone == {TEXT, WHOLE}


def test_without_e_mails_an_archive_is_what_it_was_before_there_were_any(register: Register) -> None:
    made = archive_of(register)
    assert "mails" not in json.loads(made["evenements.json"])
    assert "recus" not in made["LISEZMOI.txt"].decode()
    assert "Courriels reçus" not in words_of(made["dossier.pdf"])


def test_who_may_not_read_the_mailbox_says_so_in_the_archive(register: Register) -> None:
    evidence = gather(Dossiers(register), Mailbox(register), REFERENCE, FIRM(), Language.FR)
    assert evidence is not None
    made = files_of(dataclasses.replace(evidence, mails=None))
    for said in (made["LISEZMOI.txt"].decode(), words_of(made["dossier.pdf"])):
        assert "Les courriels reçus n'y sont pas" in said.replace("’", "'")
    assert verify(zipped(made)).findings == ()
