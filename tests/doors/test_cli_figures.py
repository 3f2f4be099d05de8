"""`complaints register export` and `figures` through the real program, on registers of their own: no Temporal runs."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.register import lives
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris

PROGRAM = Path(sys.executable).with_name("complaints")


class Desk:
    """A folder with a register of two complaints in it, and the program run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.register = Register(f"sqlite:///{folder / 'var' / 'register.db'}", durable=False)
        self.register.migrate()
        dossiers = Dossiers(self.register)
        dossiers.record(lives.renamed(lives.ordinary()[-1], "REC-A"))
        january = MONDAY + timedelta(days=50)
        later = Rehearsal(complaint(received_at=paris(january).isoformat(), sent_on=None, insurer="autre"))
        dossiers.record(lives.renamed(lives.state(later), "REC-B"))

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run the program; nothing listens where it looks for Temporal."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
        clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", "COLUMNS": "160", **environment}
        return subprocess.run(
            [str(PROGRAM), *words], cwd=self.folder, env=clean, capture_output=True, check=False, timeout=120
        )

    def done(self, *words: str) -> bytes:
        """Run `complaints register` with success and nothing to complain of."""
        run = self.run("register", *words)
        assert (run.returncode, run.stderr) == (0, b"")
        return run.stdout

    def refused(self, code: int, *words: str, **environment: str) -> str:
        """Run `complaints register` without success: nothing on stdout, no trace of the code."""
        run = self.run("register", *words, **environment)
        assert (run.returncode, run.stdout) == (code, b"")
        assert b"Traceback" not in run.stderr
        return run.stderr.decode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.register.close()


def references(content: bytes) -> list[str]:
    return [row["Référence"] for row in csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";")]


# Export ----------------------------------------------------------------------------------------------------------


def test_the_register_goes_to_the_standard_output(desk: Desk) -> None:
    assert references(desk.done("export")) == ["REC-A", "REC-B"]
    assert [line["reference"] for line in json.loads(desk.done("export", "--format", "json"))] == ["REC-A", "REC-B"]
    book = openpyxl.load_workbook(BytesIO(desk.done("export", "--format", "xlsx", "--lang", "en"))).active
    assert book is not None
    assert [book["A1"].value, book["A2"].value, book["A3"].value] == ["Reference", "REC-A", "REC-B"]


def test_a_period_is_of_the_days_of_receipt_both_included(desk: Desk) -> None:
    day, later = str(MONDAY), str(MONDAY + timedelta(days=50))
    for words, wanted in (
        (("--year", str(MONDAY.year)), ["REC-A"]),
        (("--from", day, "--to", day), ["REC-A"]),
        (("--from", later), ["REC-B"]),
        (("--to", later), ["REC-A", "REC-B"]),
        (("--year", "1999"), []),
    ):
        assert references(desk.done("export", *words)) == wanted


def test_a_file_is_written_whole_and_said(desk: Desk) -> None:
    said = desk.done("export", "--out", "new/register.csv", "--lang", "fr").decode()
    assert said == f"{Path('new/register.csv')} : 2 réclamations\n"
    assert references((desk.folder / "new" / "register.csv").read_bytes()) == ["REC-A", "REC-B"]
    assert [path.name for path in (desk.folder / "new").iterdir()] == ["register.csv"]


def test_what_stands_is_kept_when_the_export_fails(desk: Desk) -> None:
    desk.done("export", "--out", "register.csv")
    before = (desk.folder / "register.csv").read_bytes()
    with desk.register.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE journal RENAME TO elsewhere")
    assert "no such table" in desk.refused(1, "export", "--out", "register.csv")
    assert (desk.folder / "register.csv").read_bytes() == before
    assert list(desk.folder.glob(".*.part")) == []


def test_anonymous_names_nobody(desk: Desk) -> None:
    for form in ("csv", "json"):
        assert b"Anne Martin" in desk.done("export", "--format", form)
        assert b"Anne Martin" not in desk.done("export", "--format", form, "--anonymous")


def test_periods_and_files_that_cannot_be(desk: Desk) -> None:
    assert "--to lies before --from" in desk.refused(
        1, "export", "--from", "2026-02-01", "--to", "2026-01-01", "--lang", "en"
    )
    desk.refused(2, "export", "--year", "2026", "--from", "2026-01-01")
    desk.refused(2, "export", "--from", "01/02/2026")
    desk.refused(2, "export", "--format", "pdf")
    (desk.folder / "file").write_text("")
    assert "cannot be written" in desk.refused(1, "export", "--out", "file/below.csv", "--lang", "en")


def test_a_register_that_was_never_set_up_says_what_to_run(desk: Desk) -> None:
    empty = f"sqlite:///{desk.folder / 'empty.db'}"
    for words in (("export",), ("figures", "--year", "2026")):
        assert "run `complaints setup`" in desk.refused(1, *words, COMPLAINTS_REGISTER_URL=empty)


# Figures ---------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_year_in_three_forms(desk: Desk) -> None:
    text = desk.done("figures", "--year", "2026", "--lang", "fr").decode()
    assert "Réclamations 2026 · 123 Courtage" in text
    assert "= ouvertes au 31 décembre" in text
    told = json.loads(desk.done("figures", "--year", "2026", "--format", "json"))
    assert (told["year"]["year"], told["before"]["year"], told["insurer"]) == (2026, 2025, None)
    assert told["year"]["movement"]["received"] == 1
    assert told["year"]["by_insurer"] == {"assureur-exemple": 1}
    page = desk.done("figures", "--year", "2026", "--format", "html", "--lang", "en").decode()
    assert page.startswith("<!doctype html>")
    assert "Time to answer" in page


def test_the_figures_of_one_insurer(desk: Desk) -> None:
    told = json.loads(desk.done("figures", "--year", "2027", "--insurer", "autre", "--format", "json"))
    assert (told["insurer"], told["year"]["movement"]["received"]) == ("autre", 1)
    assert told["year"]["movement"]["open_at_start"] == 0, "the other insurer's is not counted"


def test_charts_are_written_as_files_and_named(desk: Desk) -> None:
    run = desk.run("register", "figures", "--year", "2026", "--charts", "charts", "--format", "json")
    assert run.returncode == 0
    json.loads(run.stdout)
    named = run.stderr.decode().splitlines()
    assert [Path(path).name for path in named] == ["delays-2026.svg", "causes-2026.svg", "levels-2026.svg"]
    assert all((desk.folder / path).read_text("utf-8").startswith("<svg") for path in named)


def test_figures_need_a_year(desk: Desk) -> None:
    desk.refused(2, "figures")
    desk.refused(2, "figures", "--year", "26")


# Classification --------------------------------------------------------------------------------------------------


def test_a_cause_the_firm_does_not_know_is_refused_before_it_is_sent(desk: Desk) -> None:
    (desk.folder / "said.json").write_text('{"cause": "delays"}')
    refused = desk.run("submit", "REC-A", "complaint_classified", "said.json", "--lang", "en")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.decode().startswith("the firm knows no such cause; known are: delay, refusal, amount,")
    (desk.folder / "said.json").write_text('{"cause": "delay"}')
    sent = desk.run("submit", "REC-A", "complaint_classified", "said.json", "--lang", "en")
    assert sent.stderr.decode().startswith("cannot reach Temporal"), "this one would be sent"
