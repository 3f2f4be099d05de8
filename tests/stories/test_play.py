"""The register played on the real server, held against a count made from the CSV and the calendar alone."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from temporalio.testing import WorkflowEnvironment

from starter.play import SAMPLE
from starter.play.player import play
from starter.play.register import read_register
from starter.play.report import Refusal, Report, render
from tests.stories.independent_count import Firm, american, expected
from worker.settings import Settings
from workflows.procedure.vocabulary import Language

SETTINGS = Settings()


def sample() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def took(row: dict[str, str]) -> int:
    return (american(row["Closed date"]) - american(row["Received date"])).days


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def short_long_and_lawyers(numbered: str) -> list[dict[str, str]]:
    """Rows of every sort, under numbers of their own: one server plays a number once."""
    by_days = sorted(sample(), key=took)
    lawyers = [row for row in by_days if row["Complaint filed by"] == "Attorney"]
    others = [row for row in by_days if row not in lawyers]
    chosen = [*others[:8], *others[8:-4:9], *others[-4:], lawyers[0], *lawyers[1:-1:2], lawyers[-1]]
    return [{**row, "Complaint number": f"{numbered}{row['Complaint number']}"} for row in chosen]


@pytest.mark.slow
async def test_a_play_finds_what_the_calendar_alone_says(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    rows = short_long_and_lawyers("count-")
    days = [took(row) for row in rows]
    assert len(rows) >= 35
    assert min(days) < 10
    assert max(days) > 365
    path = write(tmp_path / "register.csv", rows)
    steps: list[tuple[int, int]] = []

    report = await play(
        environment, SETTINGS, read_register(path), on_progress=lambda done, total: steps.append((done, total))
    )

    told = report.as_json()
    assert told["refused"] == []
    assert told["rows"] == told["played"] == len(rows)
    counted = {part: told[part] for part in ("levels", "letters", "breaches")}
    assert counted == expected(path, report.run_on, Firm(SETTINGS.firm_file))
    assert steps == [(done, len(rows)) for done in range(1, len(rows) + 1)]


async def test_dirty_rows_are_reported_and_the_others_played(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    good = {**sample()[0], "Received date": "1/2/2017"}
    path = write(
        tmp_path / "register.csv",
        [
            {**good, "Complaint number": "dirty-1", "Closed date": "1/2/2017"},
            {**good, "Complaint number": "dirty-2", "Closed date": "2/30/2017"},
            {**good, "Complaint number": "dirty-3", "Closed date": "1/1/2017"},
            {**good, "Complaint number": "dirty-4", "Closed date": "1/5/2017"},
            {**good, "Complaint number": "dirty-4", "Closed date": "1/6/2017", "How resolved": "", "Keywords": ""},
            # Longer than a summary may be: it is read, and refused when it is to be opened.
            {**good, "Complaint number": "dirty-5", "Closed date": "1/6/2017", "Reason complaint filed": "x" * 50_001},
        ],
    )

    report = await play(environment, SETTINGS, read_register(path), at_once=2)

    assert (report.rows, report.played) == (6, 3)
    assert [refusal.row for refusal in report.refused] == [2, 3, 6]
    assert [refusal.reason.partition(":")[0] for refusal in report.refused] == ["Closed date", "Closed date", "summary"]
    told = report.as_json()
    assert (told["levels"], told["breaches"]) == ({"1": 3}, {})
    assert told["letters"] == {"acknowledgement": 3, "resolution": 3}


async def test_a_complaint_that_exists_is_reported_not_mixed_up(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    row = {**sample()[0], "Complaint number": "again-1", "Received date": "1/2/2017", "Closed date": "1/4/2017"}
    path = write(tmp_path / "register.csv", [row])
    assert (await play(environment, SETTINGS, read_register(path))).played == 1

    again = await play(environment, SETTINGS, read_register(path))

    assert again.played == 0
    assert again.refused[0].reason == "again-1: a complaint with this reference exists already."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.FR, ["Registre joué le 2026-11-23", "niveau 2b", "lettre d'attente", "réponse écrite", "ligne 7"]),
        (Language.EN, ["Register played on 2026-11-23", "level 2b", "holding letter", "written answer", "row 7"]),
    ],
)
def test_the_report_is_shown_to_people_in_their_language(language: Language, said: list[str]) -> None:
    counts: dict[str, Any] = {"levels": {"1": 3, "2b": 1}, "letters": {"holding": 4}, "breaches": {"final_answer": 2}}
    refused = [Refusal(row=number, reason="Closed date: no date") for number in range(7, 40)]
    report = Report(run_on=date(2026, 11, 23), rows=37, played=4, refused=refused, seconds=1.5, **counts)
    console = Console(file=StringIO(), width=100)

    console.print(render(report, language))

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(words in shown for words in said)
    assert "ligne 27" not in shown
    assert "row 27" not in shown


def test_what_did_not_occur_is_said_too() -> None:
    report = Report(
        run_on=date(2026, 11, 23), rows=0, played=0, refused=[], levels={}, letters={}, breaches={}, seconds=0.0
    )
    console = Console(file=StringIO(), width=100)
    console.print(render(report, Language.EN))
    assert console.file.getvalue().count("none") == 3  # type: ignore[attr-defined]
