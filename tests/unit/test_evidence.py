"""The evidence of a complaint: all of it in one archive, the same bytes each time, and nothing in it can be changed."""

import dataclasses
import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select, update

from activities.mailbox.mailbox import Mailbox
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from activities.register.tables import AttemptRow, AttemptState, DeliveryEventRow
from starter.evidence.archive import files_of, sums, zipped
from starter.evidence.gather import gather
from starter.evidence.papers import missing
from starter.evidence.record import Evidence, as_json
from starter.evidence.verify import Fault, Finding, NoArchive, verify
from tests.register.delivered import REASONS, Delivered, long_life
from tests.rehearsal import FIRM, MONDAY, complaint, paris
from workflows.procedure.dossier import Dossier
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import Language, LetterStatus

REFERENCE = "REC-2026-TEST"
EML = "lettres/01_2026-11-23_invitation-a-ecrire.eml"


@contextmanager
def opened(folder: Path) -> Iterator[Register]:
    register = Register(f"sqlite:///{folder / 'register.db'}", durable=False)
    register.migrate()
    try:
        yield register
    finally:
        register.close()


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with opened(tmp_path) as register:
        yield register


def evidence_of(register: Register, language: Language = Language.FR) -> Evidence:
    found = gather(Dossiers(register), Mailbox(register), REFERENCE, FIRM(), language)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Evidence]:
    """A long life, in both languages."""
    with opened(tmp_path_factory.mktemp("long")) as register:
        long_life(register)
        return {language: evidence_of(register, language) for language in Language}


@pytest.fixture(scope="module")
def files(told: dict[Language, Evidence]) -> dict[str, bytes]:
    return files_of(told[Language.FR])


def words_of(pdf: bytes) -> str:
    """Read the pages as one line of words."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
    finally:
        document.close()
    return " ".join(" ".join(pages).replace("\u200b", "").split())


def bookmarks(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [mark.get_title() for mark in document.get_toc()]
    finally:
        document.close()


# What is in it --------------------------------------------------------------------------------------------------


def test_everything_is_in_it(files: dict[str, bytes], told: dict[Language, Evidence]) -> None:
    letters = [name for name in files if name.startswith("lettres/") and name.endswith(".eml")]
    assert set(files) - {name for name in files if name.startswith("lettres/")} == {
        "dossier.pdf", "dossier.json", "evenements.json", "procedures.json", "LISEZMOI.txt", "SHA256SUMS",
    }  # fmt: skip
    assert len(letters) == len(told[Language.FR].letters) == 8
    journal = json.loads(files["evenements.json"])["journal"]
    assert journal == [entry.model_dump(mode="json") for entry in told[Language.FR].carried.journal]
    assert json.loads(files["dossier.json"]) == dossier_view(Dossier.resume(told[Language.FR].carried), Language.FR)
    assert set(json.loads(files["procedures.json"])) == set(told[Language.FR].carried.procedures)
    attempts = json.loads(files["evenements.json"])["attempts"]
    assert [each["state"] for each in attempts if "holding" in each["letter_id"]].count("not_taken") == 5


def test_each_letter_is_the_bytes_that_left_and_its_hash_stands_in_the_journal(files: dict[str, bytes]) -> None:
    held = json.loads(files["evenements.json"])
    in_journal = {
        entry["data"]["sha256"] for entry in held["journal"] if entry["type"] in ("letter_sent", "letter_queued")
    }
    listed = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    sent = [each for each in held["attempts"] if each["state"] == "accepted"]
    assert {each["sha256"] for each in sent} == in_journal
    assert all(listed[each["file"]] == each["sha256"] for each in sent)
    assert message_from_bytes(files[EML])["X-Complaint-Reference"] == REFERENCE


def test_beside_a_message_stands_the_pdf_that_is_attached_to_it(told: dict[Language, Evidence]) -> None:
    letter_id, attempts = next(iter(told[Language.FR].attempts.items()))
    message = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: application/pdf\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n--b--\r\n"
    )
    attached = {letter_id: (dataclasses.replace(attempts[0], content=message),)}
    made = files_of(dataclasses.replace(told[Language.FR], attempts={**told[Language.FR].attempts, **attached}))
    [name] = [name for name in made if made[name] == message]
    assert made[name.replace(".eml", ".pdf")] == b"%PDF-1.7"


def test_a_letter_by_post_is_the_page_that_was_printed(register: Register) -> None:
    person = {"name": "Anne Martin", "postal_address": "1 rue de la Paix\n75002 Paris"}
    story = Delivered(register, complaint(complainant=person)).keep()
    [attempt] = Dossiers(register).attempts(REFERENCE)[story.case.letters[0].id]
    made = files_of(evidence_of(register))
    ending = {"application/pdf": "pdf", "text/html": "html"}[attempt.content_type]
    assert made[f"lettres/01_2026-11-23_accuse-de-reception.{ending}"] == attempt.content


def test_sha256sum_finds_everything_right(files: dict[str, bytes], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(files) - 1


def test_two_exports_are_equal_to_the_byte_and_name_neither_the_machine_nor_the_hour(register: Register) -> None:
    long_life(register)
    first, second = (zipped(files_of(evidence_of(register))) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert str(Path.cwd()).encode() not in first


# The pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.FR,
            [
                "Dossier de réclamation", "lun. 23 nov. 2026 à 09:00", "Maître Petit", "avec mandat",
                "10 jours ouvrés à compter du 23 novembre 2026 ; sautés : 2 samedis, 2 dimanches",
                "25 décembre (Noël), 1er janvier (Jour de l'an)", "par le courrier n° 3", "manquée",
                "acceptée en partie", "1 250,50 €", "Solde de tout compte", "MED-91", "prématurée",
                "avis favorable à : la compagnie", "La garantie vol est acquise ?", "expertise.pdf",
                "enregistré le lun. 23 nov. 2026 à 09:01", "page 2 sur", "2 mois à compter du 25 novembre 2026",
            ],
        ),
        (
            Language.EN,
            [
                "Complaint file", "Mon 23 Nov 2026 at 09:00", "with a mandate",
                "10 business days from 23 November 2026; skipped: 2 Saturdays, 2 Sundays", "by letter no. 3", "missed",
                "partly upheld", "€1,250.50", "premature", "opinion in favour of: the insurer", "page 2 of",
            ],
        ),
    ],
)  # fmt: skip
def test_a_judge_reads_the_whole_story(told: dict[Language, Evidence], language: Language, said: list[str]) -> None:
    made = files_of(told[language])
    read = words_of(made["dossier.pdf"])
    assert [words for words in said if words not in read] == []
    assert " ".join(REASONS.split()) in read
    for letter in told[language].letters:
        assert letter.record.sha256 in read
        assert letter.record.template in read
        assert letter.record.proof
        assert letter.record.proof in read


def test_every_line_of_the_journal_is_told_and_every_section_has_its_bookmark(files: dict[str, bytes]) -> None:
    read = words_of(files["dossier.pdf"])
    chronology = read[read.index("Chaque ligne du journal") :]
    for entry in json.loads(files["evenements.json"])["journal"]:
        assert entry["id"] in chronology
    titles = " ".join(bookmarks(files["dossier.pdf"]))
    for title in ("Échéances", "Courriers au client", "Réponses données", "Médiation", "Chronologie", "Procédures"):
        assert title in titles


def test_a_table_that_runs_over_pages_repeats_its_heading(files: dict[str, bytes]) -> None:
    assert words_of(files["dossier.pdf"]).count("N° Survenu Fait Enregistré par") > 2


def test_refused_voided_and_waiting_entries_are_marked_with_the_reason(register: Register) -> None:
    story = Delivered(register)
    story.until(paris(MONDAY + timedelta(days=2)))
    story.hear("mediation_ended", outcome="opinion")
    story.hear("customer_rejects", reasons="Avant la réponse.")
    story.hear("results_known", id="slip", decision="upheld", reasons="Erreur.")
    story.hear("recorded_in_error", event_id="slip", reason="Autre dossier.")
    story.hear("note_added", id="once", text="Une fois.")
    story.hear("note_added", id="once", text="Une fois.")
    story.keep()
    read = words_of(files_of(evidence_of(register))["dossier.pdf"])
    for words in (
        "REFUSÉ Aucune médiation n'est en cours", "EN ATTENTE", "ANNULÉ Enregistré par erreur", "DÉJÀ REÇU",
        "raison : Autre dossier.",
    ):  # fmt: skip
        assert words in read


def test_a_letter_written_for_an_event_that_was_voided_says_so(files: dict[str, bytes]) -> None:
    assert "écrit pour un événement annulé ensuite (wrong)" in words_of(files["dossier.pdf"])


HOSTILE = {
    "typst": '#panic("x") #import "/etc/passwd": * $x$ *b* _i_ `r` <label> @ref \\ = T /* */ // ] } "',
    "html": "<script>alert('x')</script>",
    "from right to left": "\u202eنيترام نآ\u202c مرتان",
    "NUL": "Anne\0Martin",
    "no glyph": "🏛️ 𝔄𝔫𝔫𝔢 漢字 ไทย e\u0301",
    "one word": "é" * 50_000,
    "many lines": "ligne\n" * 8_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_stay_text_and_the_archive_verifies(register: Register, text: str) -> None:
    story = Delivered(register, complaint(summary=text, steps_taken=text))
    story.hear("note_added", text=text, by=text[:200])
    story.hear("response_given", decision="rejected", reasons=text, offer={"amount": "1", "terms": text})
    story.hear(text[:50], text="a lone surrogate: \ud800")
    story.keep()
    content = zipped(files_of(evidence_of(register)))
    assert verify(content).findings == ()
    if text.startswith("#panic"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert " ".join(text.split()) in words_of(archive.read("dossier.pdf")).replace(" ", " ")


# What the register lacks, and what Temporal knows ------------------------------------------------------------------


def test_a_letter_whose_bytes_are_missing_is_listed_as_missing_everywhere(register: Register) -> None:
    long_life(register)
    with register.session() as session:
        letter_id = session.scalars(select(AttemptRow.letter_id).where(AttemptRow.letter_id.like("%invit%"))).one()
        session.execute(update(AttemptRow).where(AttemptRow.letter_id == letter_id).values(content=None))
    found = evidence_of(register)
    made = files_of(found)
    assert missing(found) == [1]
    assert EML not in made
    assert "CONTENU MANQUANT" in words_of(made["dossier.pdf"])
    assert "Manquent" in made["LISEZMOI.txt"].decode()
    assert "1. invitation à écrire" in made["LISEZMOI.txt"].decode()
    done = verify(zipped(made))
    assert (done.findings, done.missing, done.letters) == ((), 1, 7)


def test_the_newer_state_wins_and_the_archive_says_whence_it_is(register: Register) -> None:
    story = Delivered(register).keep()
    before = story.dossier.carried().model_copy(deep=True)
    story.until(paris(MONDAY + timedelta(days=2))).hear("note_added", text="Après.")
    after = story.dossier.carried()
    dossiers = Dossiers(register)
    newer = gather(dossiers, Mailbox(register), REFERENCE, FIRM(), Language.FR, after)
    older = gather(dossiers, Mailbox(register), REFERENCE, FIRM(), Language.FR, before)
    assert newer is not None
    assert older is not None
    assert (newer.export.source, newer.export.revision) == ("temporal", len(after.journal))
    assert newer.export.as_of == story.now
    assert older.export.source == "register"
    assert "Établi d'après Temporal" in words_of(files_of(newer)["dossier.pdf"])
    assert verify(zipped(files_of(newer))).findings == ()


def test_an_attempt_that_the_journal_does_not_know_yet_is_in_it(register: Register) -> None:
    story = Delivered(register).keep()
    Ledger(register).begin(
        REFERENCE, f"{REFERENCE}/1/holding/1", "sendgrid", b"x", "message/rfc822", "h@fr/0", story.now
    )
    made = files_of(evidence_of(register))
    assert made["lettres/02_2026-11-23_h.eml"] == b"x"
    assert "Envois que le journal ne connaît pas encore" in words_of(made["dossier.pdf"])
    assert verify(zipped(made)).findings == ()


def test_a_letter_in_doubt_is_enclosed_and_told_as_such(register: Register) -> None:
    story = Delivered(register)
    story.carrier = LetterStatus.DOUBTFUL
    story.until(MONDAY + timedelta(days=15)).keep()
    made = files_of(evidence_of(register))
    assert any(name.endswith("lettre-d-attente.eml") for name in made)
    assert AttemptState.DOUBTFUL in {each["state"] for each in json.loads(made["evenements.json"])["attempts"]}
    assert "peut-être partie" in words_of(made["dossier.pdf"])


def test_what_the_provider_reported_is_in_it(register: Register) -> None:
    story = Delivered(register).keep()
    with register.session() as session:
        session.add(
            DeliveryEventRow(
                event_id="ev-1", letter_id=story.case.letters[0].id, reference=REFERENCE, attempt=1, event="delivered",
                happened_at=story.now, received_at=story.now, detail="250 OK", told=True,
            )
        )  # fmt: skip
    made = files_of(evidence_of(register))
    assert json.loads(made["evenements.json"])["delivery_events"][0]["event_id"] == "ev-1"
    assert "remise 250 OK ev-1" in words_of(made["dossier.pdf"])
    assert verify(zipped(made)).findings == ()


def test_a_reference_nobody_knows_gives_none(register: Register) -> None:
    assert gather(Dossiers(register), Mailbox(register), "REC-2026-NOBODY", FIRM(), Language.FR) is None


# Its verification ---------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, bytes]], object]


def found_in(files: Mapping[str, bytes], change: Change, *, summed_again: bool) -> set[Finding]:
    """Change an archive, its hashes too if wanted, and verify it."""
    held = dict(files)
    change(held)
    if summed_again:
        held["SHA256SUMS"] = sums({name: content for name, content in held.items() if name != "SHA256SUMS"})
    return set(verify(zipped(held)).findings)


def edited(name: str, change: Callable[[Any], object]) -> Change:
    def made(files: dict[str, bytes]) -> None:
        value = json.loads(files[name])
        change(value)
        files[name] = as_json(value)

    return made


@pytest.mark.parametrize("language", Language)
def test_an_archive_as_it_was_written_is_right(told: dict[Language, Evidence], language: Language) -> None:
    made = files_of(told[language])
    done = verify(zipped(made))
    assert done.findings == ()
    assert (done.files, done.letters, done.pages_compared) == (len(made), 8, True)


@pytest.mark.parametrize("summed_again", [False, True])
def test_a_changed_letter_is_found(files: dict[str, bytes], summed_again: bool) -> None:
    def changed(held: dict[str, bytes]) -> None:
        held[EML] = held[EML].replace(b"Madame", b"Mesdame")

    found = found_in(files, changed, summed_again=summed_again)
    assert {Finding(EML, Fault.ALTERED), Finding(EML, Fault.OTHER_IN_JOURNAL)} <= found
    assert (Finding(EML, Fault.CHANGED) in found) is not summed_again


def test_a_letter_changed_with_the_hash_of_its_attempt_differs_from_the_journal(files: dict[str, bytes]) -> None:
    def changed(held: dict[str, bytes]) -> None:
        before = dict(line.split("  ")[::-1] for line in sums({EML: held[EML]}).decode().splitlines())[EML]
        held[EML] += b"P.-S."
        after = dict(line.split("  ")[::-1] for line in sums({EML: held[EML]}).decode().splitlines())[EML]

        def attempts(value: Any) -> None:
            for each in value["attempts"]:
                each["sha256"] = each["sha256"].replace(before, after)

        edited("evenements.json", attempts)(held)

    found = found_in(files, changed, summed_again=True)
    assert Finding(EML, Fault.OTHER_IN_JOURNAL) in found
    assert Finding(EML, Fault.ALTERED) not in found


@pytest.mark.parametrize("summed_again", [False, True])
def test_a_removed_line_of_the_journal_is_found(files: dict[str, bytes], summed_again: bool) -> None:
    found = found_in(files, edited("evenements.json", lambda held: held["journal"].pop(4)), summed_again=summed_again)
    assert Finding("dossier.json", Fault.DIFFERS, "journal") in found
    assert Finding("dossier.pdf", Fault.DIFFERS) in found


@pytest.mark.parametrize("summed_again", [False, True])
def test_an_edited_date_is_found_with_its_place(files: dict[str, bytes], summed_again: bool) -> None:
    def edit(held: Any) -> None:
        held["clocks"][2]["due_on"] = "2027-03-25"

    found = found_in(files, edited("dossier.json", edit), summed_again=summed_again)
    assert Finding("dossier.json", Fault.DIFFERS, "clocks[2].due_on") in found
    assert (Finding("dossier.json", Fault.CHANGED) in found) is not summed_again


@pytest.mark.parametrize("summed_again", [False, True])
def test_an_added_file_is_found(files: dict[str, bytes], summed_again: bool) -> None:
    found = found_in(files, lambda held: held.update({"lettres/99_aveu.pdf": b"%PDF"}), summed_again=summed_again)
    assert Finding("lettres/99_aveu.pdf", Fault.UNLISTED) in found


@pytest.mark.parametrize("name", ["dossier.pdf", "LISEZMOI.txt"])
def test_other_pages_under_right_hashes_are_found(files: dict[str, bytes], name: str) -> None:
    found = found_in(files, lambda held: held.update({name: held[name] + b" "}), summed_again=True)
    assert found == {Finding(name, Fault.DIFFERS)}


@pytest.mark.parametrize(
    "name", ["dossier.pdf", EML, "evenements.json", "procedures.json", "SHA256SUMS", "dossier.json"]
)
def test_a_removed_file_is_found(files: dict[str, bytes], name: str) -> None:
    assert Finding(name, Fault.ABSENT) in found_in(files, lambda held: held.pop(name), summed_again=False)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"journal": []}', b"\xff"])
@pytest.mark.parametrize("name", ["evenements.json", "procedures.json"])
def test_nonsense_in_place_of_the_data_is_a_finding_and_no_failure(
    files: dict[str, bytes], name: str, content: bytes
) -> None:
    found = found_in(files, lambda held: held.update({name: content}), summed_again=True)
    assert any(finding.fault is Fault.UNREADABLE for finding in found)


def test_a_damaged_archive_is_told_and_what_is_none_is_refused(files: dict[str, bytes]) -> None:
    content = bytearray(zipped(files))
    content[content.index(files[EML][:40]) + 10] ^= 1
    assert Finding(EML, Fault.DAMAGED) in verify(bytes(content)).findings
    with pytest.raises(NoArchive):
        verify(b"no archive")


def test_pages_of_another_release_are_not_compared_but_what_follows_from_the_journal_is(
    told: dict[Language, Evidence],
) -> None:
    found = told[Language.FR]
    earlier = dataclasses.replace(found, export=found.export.model_copy(update={"release": "complaints 0.0.1"}))
    made = files_of(earlier)
    made["dossier.pdf"] += b" "
    done = verify(zipped(made | {"SHA256SUMS": sums({n: c for n, c in made.items() if n != "SHA256SUMS"})}))
    assert (done.findings, done.pages_compared) == ((), False)
