"""`complaints due` through the real program: the contract's example, the checked dates, both languages, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worker.settings import Settings

PROGRAM = Path(sys.executable).with_name("complaints")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program without the caller's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    # Nothing listens there: `due` needs no server.
    clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", "COLUMNS": "300", **environment}
    return subprocess.run(
        [str(PROGRAM), *words], env=clean, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60
    )


def due(*words: str) -> dict[str, dict[str, Any]]:
    done = run("due", "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return {clock["clock"]: clock for clock in json.loads(done.stdout)}


def test_the_example_of_the_contract() -> None:
    clocks = due("--received", "2026-12-19")
    assert list(clocks) == ["acknowledgement", "holding_letter", "status_letter", "final_answer", "mediation_window"]
    letter = clocks["holding_letter"]
    assert list(letter) == ["clock", "kind", "starts_on", "due_on", "act_on", "act_at", "skipped"]
    skipped = letter.pop("skipped")
    assert letter == {
        "clock": "holding_letter",
        "kind": "commitment",
        "starts_on": "2026-12-19",
        "due_on": "2027-01-05",
        "act_on": "2027-01-05",
        "act_at": "2027-01-05T16:00:00+01:00",
    }
    assert skipped[0] == {"date": "2026-12-20", "why": "Sunday"}
    assert {"date": "2026-12-25", "why": "Noël"} in skipped
    assert len(skipped) == 7


@pytest.mark.parametrize(
    ("day", "resolution", "holding", "acknowledgement", "status", "final"),
    [
        ("2026-11-23", "2026-11-30", "2026-12-07", "2026-12-04", "2027-01-20", "2027-01-23"),
        ("2026-12-31", "2027-01-08", "2027-01-15", "2027-01-13", "2027-02-26", "2027-02-28"),
        ("2027-03-26", "2027-04-05", "2027-04-12", "2027-04-08", "2027-05-26", "2027-05-26"),
        ("2027-05-05", "2027-05-13", "2027-05-21", "2027-05-20", "2027-07-02", "2027-07-05"),
        ("2028-02-29", "2028-03-07", "2028-03-14", "2028-03-11", "2028-04-26", "2028-04-29"),
        ("2026-03-24", "2026-03-31", "2026-04-08", "2026-04-04", "2026-05-26", "2026-05-24"),
    ],
)
def test_dates_that_two_libraries_agree_on(
    day: str, resolution: str, holding: str, acknowledgement: str, status: str, final: str
) -> None:
    clocks = due("--received", day, "--results", day)
    found = {name: clock["due_on"] for name, clock in clocks.items() if name != "mediation_window"}
    assert found == {
        "acknowledgement": acknowledgement,
        "holding_letter": holding,
        "status_letter": status,
        "resolution_letter": resolution,
        "final_answer": final,
    }


def test_the_law_counts_from_sending_and_the_firm_from_receipt() -> None:
    clocks = due("--received", "2026-12-21", "--sent", "2026-12-18")
    assert clocks["holding_letter"]["due_on"] == "2027-01-06"
    assert clocks["acknowledgement"]["due_on"] == "2026-12-31"
    assert clocks["mediation_window"]["opens_on"] == clocks["final_answer"]["due_on"] == "2027-02-18"
    assert clocks["mediation_window"]["due_on"] == "2027-12-18"


def test_a_date_on_a_closed_day_is_acted_on_before() -> None:
    final = due("--received", "2026-11-23")["final_answer"]
    assert (final["due_on"], final["act_on"]) == ("2027-01-23", "2027-01-22")
    assert final["moved"] == [{"date": "2027-01-23", "why": "Saturday"}]


def test_people_read_it_in_french_unless_their_locale_is_english() -> None:
    french = run("due", "--received", "2026-12-19", LANG="C.UTF-8").stdout
    assert "lettre d'attente" in french
    assert (
        "10 jours ouvrés à compter du 19 décembre 2026 ; sautés : 2 samedis, 3 dimanches, 25 décembre (Noël), "
        "1er janvier (Jour de l'an)." in french
    )
    english = run("due", "--received", "2026-12-19", LANG="en_GB.UTF-8").stdout
    assert "holding letter" in english
    assert "25 December (Christmas Day), 1 January (New Year's Day)." in english


@pytest.mark.parametrize(
    ("environment", "words", "expected"),
    [
        ({"COMPLAINTS_LANG": "en", "LANG": "fr_FR.UTF-8"}, [], "deadline"),
        ({"COMPLAINTS_LANG": "en"}, ["--lang", "fr"], "échéance"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_US.UTF-8"}, [], "échéance"),
        ({}, [], "échéance"),
    ],
)
def test_who_chooses_the_language(environment: dict[str, str], words: list[str], expected: str) -> None:
    done = run("due", "--received", "2026-12-19", *words, **environment)
    assert expected in done.stdout


def test_json_is_utf_8_and_alone_whatever_the_locale() -> None:
    done = run("due", "--received", "2026-12-19", "--json", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Noël" in done.stdout


@pytest.mark.parametrize("day", ["19/12/2026", "2026-02-30", "2026-13-01", "20261219", "1889-01-01", "2099-01-01", ""])
def test_a_bad_date_is_a_mistake_of_usage(day: str) -> None:
    done = run("due", "--received", day, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"“{day}” is no date between 1990 and 2095, such as 2026-12-19." in done.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--sent", "2026-12-20"], "--sent est postérieure à --received."),
        (["--results", "2026-12-18"], "--results est antérieure à --received."),
    ],
)
def test_dates_that_contradict_each_other_are_refused(words: list[str], reason: str) -> None:
    done = run("due", "--received", "2026-12-19", *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", reason + "\n")


def test_a_broken_file_of_the_firm_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = run("due", "--received", "2026-12-19", COMPLAINTS_FIRM_FILE=str(tmp_path / "firm.toml"))
    assert done.returncode == 1
    assert "the firm's file cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_mistakes() -> None:
    assert run("due").returncode == 2
    assert run("nothing-of-ours").returncode == 2
    assert run("--help").returncode == 0
    unreachable = run("list")
    assert (unreachable.returncode, unreachable.stdout) == (1, "")
    assert unreachable.stderr == "Temporal est injoignable à default@127.0.0.1:9.\n"


def test_another_file_of_the_firm_stands_beside_the_one_in_force(tmp_path: Path) -> None:
    now = Settings().firm_file
    then = tmp_path / "new.toml"
    ten, fifteen = (f'holding_letter    = {{ amount = {amount}, unit = "jours_ouvres" }}' for amount in (10, 15))
    then.write_text(now.read_text(encoding="utf-8").replace(ten, fifteen), encoding="utf-8")

    told = json.loads(run("due", "--received", "2026-11-23", "--firm", str(then), "--json").stdout)
    shown = run("due", "--received", "2026-11-23", "--firm", str(then), "--lang", "en").stdout
    same = run("due", "--received", "2026-11-23", "--firm", str(now), "--lang", "en")

    due_on = {side: {clock["clock"]: clock["due_on"] for clock in clocks} for side, clocks in told.items()}
    assert due_on["before"].pop("holding_letter") == "2026-12-07"
    assert due_on["after"].pop("holding_letter") == "2026-12-14"
    assert due_on["before"] == due_on["after"]
    assert "7 days later" in shown
    assert "15 business days from 23 November 2026" in shown
    assert "10 " not in shown.partition("•")[2].partition("The day of the event")[0]
    assert (same.returncode, same.stdout) == (0, "Nothing would change.\n")


def test_a_broken_file_beside_the_one_in_force_is_refused(tmp_path: Path) -> None:
    done = run("due", "--received", "2026-11-23", "--firm", str(tmp_path / "none.toml"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "none.toml: the firm's file cannot be used." in done.stderr
