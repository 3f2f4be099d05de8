"""`complaints dossier` through the real program, on a register of its own: what it says, and how it exits."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from activities.register.database import Register
from activities.register.tables import AttemptRow
from tests.register.delivered import Delivered

PROGRAM = Path(sys.executable).with_name("complaints")
REFERENCE = "REC-2026-TEST"


class Desk:
    """A folder with a register in it, and the program run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.register = Register(f"sqlite:///{folder / 'var' / 'register.db'}", durable=False)
        self.register.migrate()

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `complaints dossier`; nothing listens where it looks for Temporal."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
        clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", **environment}
        return subprocess.run(
            [str(PROGRAM), "dossier", *words],
            cwd=self.folder, env=clean, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    Delivered(desk.register).keep()
    yield desk
    desk.register.close()


def test_it_writes_the_archive_from_the_register_alone_and_says_so(desk: Desk) -> None:
    done = desk.run("export", REFERENCE)
    assert done.returncode == 0
    assert done.stderr == "Temporal ne répond pas : l'archive est en l'état du registre.\n"
    content = (desk.folder / f"{REFERENCE}.zip").read_bytes()
    assert done.stdout.startswith(f"{REFERENCE}.zip : ")
    assert "1 courriers, état au lun. 23 nov. 2026 à 09:01" in done.stdout
    assert done.stdout.endswith(f"SHA-256 {hashlib.sha256(content).hexdigest()}\n")


def test_in_english_and_for_programs(desk: Desk) -> None:
    done = desk.run("export", REFERENCE, "--out", "file.zip", "--lang", "en", "--json")
    assert done.returncode == 0
    assert done.stderr == "Temporal does not answer: the archive is as the register stands.\n"
    summary = json.loads(done.stdout)
    content = (desk.folder / "file.zip").read_bytes()
    with zipfile.ZipFile(desk.folder / "file.zip") as archive:
        names = archive.namelist()
    assert "README.txt" in names
    assert summary == {
        "reference": REFERENCE, "file": "file.zip", "sha256": hashlib.sha256(content).hexdigest(),
        "files": len(names), "letters": 1, "missing": 0, "journal": summary["journal"], "events": 0, "mails": 0,
        "source": "register", "as_of": "2026-11-23T09:01:00+01:00",
    }  # fmt: skip


def test_an_archive_verifies_without_register_and_temporal(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("export", REFERENCE, "--out", "file.zip").returncode == 0
    done = desk.run("verify", "file.zip", COMPLAINTS_REGISTER_URL="sqlite:////nowhere/at/all.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok : ")
    english = desk.run("verify", "file.zip", "--lang", "en", "--json")
    assert json.loads(english.stdout)["ok"] is True


def test_what_was_changed_is_named_and_the_exit_code_says_no(desk: Desk) -> None:
    assert desk.run("export", REFERENCE, "--out", "file.zip").returncode == 0
    with zipfile.ZipFile(desk.folder / "file.zip", "a") as archive:
        archive.writestr("lettres/aveu.pdf", b"%PDF")
    done = desk.run("verify", "file.zip")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "lettres/aveu.pdf : fichier ajouté\n"
    english = desk.run("verify", "file.zip", "--lang", "en", "--json")
    assert english.returncode == 1
    assert json.loads(english.stdout)["findings"] == [{"file": "lettres/aveu.pdf", "fault": "unlisted", "place": ""}]


def test_missing_bytes_are_a_warning_and_no_failure(desk: Desk) -> None:
    with desk.register.session() as session:
        session.execute(update(AttemptRow).values(content=None))
    done = desk.run("export", REFERENCE)
    assert done.returncode == 0
    assert "Contenu absent du registre, courriers n° 1." in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("export", "REC-2026-NOBODY"), "REC-2026-NOBODY : inconnue du registre, et Temporal ne répond pas."),
        (
            ("export", "REC-2026-NOBODY", "--lang", "en"),
            "REC-2026-NOBODY: not in the register, and Temporal does not answer.",
        ),
        (("export", REFERENCE, "--out", "no/such/folder.zip"), "no/such/folder.zip ne peut pas être écrit"),
        (("verify", "nothing.zip"), "nothing.zip ne peut pas être lu"),
        (("verify", "nothing.zip", "--lang", "en"), "nothing.zip cannot be read"),
        (("verify", "var/register.db"), "var/register.db : ce n'est pas une archive ZIP."),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    done = desk.run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    assert not (desk.folder / "REC-2026-NOBODY.zip").exists()


def test_without_a_register_it_says_what_to_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    try:
        done = desk.run("export", REFERENCE, COMPLAINTS_DATA_DIR=str(tmp_path / "elsewhere"))
    finally:
        desk.register.close()
    assert done.returncode == 1
    assert "complaints setup" in done.stderr
