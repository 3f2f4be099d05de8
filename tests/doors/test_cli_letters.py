"""`complaints letters` through the real program: each letter can be looked at, and an edit gone wrong is found."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from activities.notify.letters import TEMPLATES
from starter.letters.owed import order_now
from tests.rehearsal import Rehearsal, complaint
from workflows.procedure.dossier import Carried
from workflows.procedure.vocabulary import Channel, LetterKind

PROGRAM = Path(sys.executable).with_name("complaints")


def letters(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    # Nothing listens there: neither a sample nor a check needs a server.
    clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", "COLUMNS": "300", "COMPLAINTS_DATA_DIR": str(folder / "var")}
    return subprocess.run(
        [str(PROGRAM), "letters", *words], env=clean, capture_output=True, text=True, encoding="utf-8", check=False,
        timeout=300,
    )  # fmt: skip


def edited(folder: Path, template: str, before: str, after: str) -> Path:
    """Give a copy of the templates in which one thing is changed."""
    copy = Path(shutil.copytree(TEMPLATES, folder / "ours"))
    text = (copy / template).read_text(encoding="utf-8")
    assert before in text
    (copy / template).write_text(text.replace(before, after), encoding="utf-8")
    return copy


# preview


@pytest.mark.parametrize("kind", LetterKind)
def test_each_letter_can_be_looked_at(kind: LetterKind, tmp_path: Path) -> None:
    done = letters(tmp_path, "preview", kind)
    assert (done.returncode, done.stderr) == (0, "")
    file = Path(done.stdout.strip())
    assert file == tmp_path / "var" / "preview" / f"sample_{kind}_fr.html"
    page = file.read_text(encoding="utf-8")
    assert "Madame, Monsieur," in page
    assert "Résidence du Sacré-Cœur" in page


def test_in_english_by_post_it_is_a_pdf(tmp_path: Path) -> None:
    done = letters(tmp_path, "preview", "holding", "--lang", "en", "--post")
    assert Path(done.stdout.strip()) == tmp_path / "var" / "preview" / "sample_holding_en_post.pdf"
    text = pypdfium2.PdfDocument(Path(done.stdout.strip()))[0].get_textpage().get_text_range()
    assert "Dear Sir or Madam," in text
    assert "client@example.org" not in text


def test_the_form_and_the_file_can_be_chosen(tmp_path: Path) -> None:
    text = letters(tmp_path, "preview", "status", "--format", "txt", "--out", str(tmp_path / "a" / "letter.txt"))
    assert text.stdout == f"{tmp_path}/a/letter.txt\n"
    assert "Objet : Point de situation" in (tmp_path / "a" / "letter.txt").read_text(encoding="utf-8")
    pages = letters(tmp_path, "preview", "resolution", "--format", "png", "--out", str(tmp_path / "page.png"))
    assert pages.stdout.splitlines() == [f"{tmp_path}/page-1.png", f"{tmp_path}/page-2.png"]
    assert (tmp_path / "page-2.png").read_bytes().startswith(b"\x89PNG")


def test_a_letter_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    done = letters(tmp_path, "preview", "reminder", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"unknown letter; known are: {', '.join(LetterKind)}" in done.stderr


def test_a_complaint_needs_its_server(tmp_path: Path) -> None:
    done = letters(tmp_path, "preview", "holding", "--from", "REC-2026-7F3K9Q")
    assert (done.returncode, done.stderr) == (1, "Temporal est injoignable à default@127.0.0.1:9.\n")


def test_a_template_that_cannot_be_written_out_is_said_not_shown(tmp_path: Path) -> None:
    ours = edited(tmp_path, "fr/holding.j2", "facts.expected_on", "facts.expected_onn")
    done = letters(tmp_path, "preview", "holding", "--templates", str(ours))
    assert (done.returncode, done.stdout) == (1, "")
    assert "fr/holding.j2:13" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_letter_of_a_complaint_is_the_one_the_rules_would_order() -> None:
    played = Rehearsal(complaint())
    carried = Carried.model_validate(played.dossier.carried().model_dump(mode="json"))
    order = order_now(carried, LetterKind.HOLDING, played.now)
    assert order.sections == (LetterKind.HOLDING,)
    assert order.recipient.name == "Anne Martin"
    assert order.channel is Channel.EMAIL
    assert order.facts.expected_on is not None
    assert order.contact.id == "c-101"


# check


def test_every_letter_as_shipped_is_fit_to_leave(tmp_path: Path) -> None:
    done = letters(tmp_path, "check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["faults"] == []
    assert told["tried"] > 700


def test_the_table_has_each_letter_in_both_languages_and_both_ways(tmp_path: Path) -> None:
    done = letters(tmp_path, "check", "withdrawal")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines() if "retrait" in line]
    assert [row[-3:] for row in rows] == [["fr", "ok", "ok"], ["en", "ok", "ok"]]


@pytest.mark.parametrize(
    ("template", "before", "after", "kind", "said"),
    [
        ("fr/parts.j2", "{{ self.mediator_address() }}", "", "exhausted", "il y manque les coordonnées du médiateur"),
        ("en/status.j2", "{{ where_it_stands }}", "", "status", "il y manque la situation"),
        ("fr/holding.j2", "facts.situation |", "facts.situatoin |", "holding", "fr/holding.j2:10"),
        ("fr/resolution.j2", "{% endif %}", "", "resolution", "fr/resolution.j2:"),
        # In words that only a professional, a customer of an insurer that leads, or nobody yet, would read.
        ("en/written_invitation.j2", '"the remedies', "remedies", "written_invitation", "en/written_invitation.j2:"),
        ("fr/transfer.j2", "{{ firm.name }}", "{{ firm.nom }}", "transfer", "fr/transfer.j2:"),
        ("fr/parts.j2", "le {{ facts.mediation_closes_on | day }} ;", "le {{ x }} ;", "holding", "fr/parts.j2:"),
        ("frame.html.j2", "{{ line | unbroken }}<br>", "{{ line | safe }}<br>", "holding", "est devenu du HTML"),
        ("fr/holding.j2", "{{ contact.name }}", "{ { contact.name } }}", "holding", "une trace du modèle : « }} »"),
    ],
)
def test_an_edit_gone_wrong_is_found_and_named(
    tmp_path: Path, template: str, before: str, after: str, kind: str, said: str
) -> None:
    ours = edited(tmp_path, template, before, after)
    done = letters(tmp_path, "check", kind, "--templates", str(ours))
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert kind in done.stdout


def test_a_letter_that_is_missing_is_named(tmp_path: Path) -> None:
    ours = Path(shutil.copytree(TEMPLATES, tmp_path / "ours"))
    (ours / "en/holding.j2").unlink()
    done = letters(tmp_path, "check", "holding", "--templates", str(ours), "--lang", "en")
    assert done.returncode == 1
    assert "the template en/holding.j2 is missing" in done.stdout


def test_another_folder_is_not_taken_for_the_templates(tmp_path: Path) -> None:
    done = letters(tmp_path, "check", "--templates", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "fr/parts.j2 y manque" in done.stderr
