"""Complaints lived twice on the real server: another deadline, a closure, another letter change what they should."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.notify.letters import TEMPLATES
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.play import SAMPLE
from starter.play.register import Row, read_register
from starter.rehearse.changes import Changes
from starter.rehearse.compare import compare
from starter.rehearse.plan import Plan, Sent, plan_of_row
from starter.rehearse.stage import rehearse
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from tests.stories.independent_count import ouvres_after
from worker.settings import Settings
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import ClockName, LetterKind

PROGRAM = Path(sys.executable).with_name("complaints")
IN_FORCE = Settings()


def today() -> date:
    return paris_date(datetime.now(UTC))


def edited(folder: Path, old: str, new: str) -> Path:
    """Write the firm's file with one edit."""
    text = IN_FORCE.firm_file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} is not there once"
    path = folder / "new.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def reworded(folder: Path) -> Path:
    """Copy the letters' templates, with one word more in the French holding letter."""
    copy = folder / "letters"
    shutil.copytree(TEMPLATES, copy)
    page = copy / "fr" / "holding.j2"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("Son examen", "Son long examen", 1), encoding="utf-8")
    assert text != page.read_text(encoding="utf-8")
    return copy


def sample_row(number: int, days: int) -> Plan:
    """Plan a row of the sample, answered after so many days."""
    row = list(read_register(SAMPLE, number))[number - 1]
    assert isinstance(row, Row)
    return plan_of_row(Row(number, row.reference, row.complaint, days, row.decision, row.reasons), today())


async def changes(plans: list[Plan], on: date | None = None, **after: Path) -> Changes:
    found = compare(*await rehearse(IN_FORCE, IN_FORCE.model_copy(update=after), plans, on or today()))
    assert found.why_not == {}
    return found


async def test_fifteen_days_for_ten_move_exactly_the_dates_they_should(tmp_path: Path) -> None:
    # Counted by hand, from Monday 24 November 2025: no holiday before Christmas.
    long_ago = {"received_at": paris(date(2025, 11, 24), 9).isoformat(), "sent_on": "2025-11-24"}
    old = Plan("REC-2025-OLD", complaint(**long_ago), ())
    new = sample_row(1, days=30)

    found = await changes(
        [old, new],
        firm_file=edited(tmp_path, 'holding_letter    = { amount = 10, unit = "jours_ouvres" }',
                         'holding_letter    = { amount = 15, unit = "jours_ouvres" }'),
    )  # fmt: skip

    by_reference = {each.reference: each for each in found.details}
    (moved,) = by_reference["REC-2025-OLD"].clocks
    assert moved.before is not None
    assert moved.after is not None
    assert (moved.clock, moved.before.due_on, moved.after.due_on) == (
        ClockName.HOLDING_LETTER, date(2025, 12, 8), date(2025, 12, 15),
    )  # fmt: skip
    recent = by_reference[new.reference]
    dates = {change.clock: (change.before, change.after) for change in recent.clocks}
    before, after = dates.pop(ClockName.HOLDING_LETTER)
    assert before is not None
    assert after is not None
    assert (before.due_on, after.due_on) == (ouvres_after(today(), 10), ouvres_after(today(), 15))
    # The minute at which a letter leaves follows from the reference, which is the same.
    assert before.act_at.timetz() == after.act_at.timetz()
    # The holding letter announces a date, counted from its own day.
    assert set(dates) == {ClockName.PROMISED_DATE}
    letters = {change.kind: change for change in recent.letters}
    holding = letters[LetterKind.HOLDING]
    assert holding.before is not None
    assert holding.after is not None
    assert (holding.before.on, holding.after.on) == (ouvres_after(today(), 10), ouvres_after(today(), 15))
    # The acknowledgement says within how many days the holding letter comes.
    assert set(letters) == {LetterKind.HOLDING, LetterKind.ACKNOWLEDGEMENT}
    assert any("quinze jours ouvrés" in line for line in letters[LetterKind.ACKNOWLEDGEMENT].diff)
    assert [total.letters.more for total in found.letters] == [0] * len(found.letters)


async def test_a_closure_shifts_what_is_counted_in_days_of_business(tmp_path: Path) -> None:
    closed = [ouvres_after(today(), 2), ouvres_after(today(), 3)]
    closures = ", ".join(f'{{ first = {each}, name = "Fermeture" }}' for each in closed)
    firm_file = edited(tmp_path, "whit_monday_worked = false", f"closures = [{closures}]\nwhit_monday_worked = false")
    plan = sample_row(2, days=20)

    found = await changes([plan], firm_file=firm_file)

    (changed,) = found.details
    moved = {change.clock: change for change in changed.clocks}
    holding = moved[ClockName.HOLDING_LETTER]
    assert holding.before is not None
    assert holding.after is not None
    # Two days of business are lost, so two more are counted after the tenth.
    assert holding.before.due_on == ouvres_after(today(), 10)
    assert holding.after.due_on == ouvres_after(today(), 12)
    assert ClockName.FINAL_ANSWER not in moved
    assert ClockName.MEDIATION_WINDOW not in moved


async def test_another_word_in_a_letter_shows_in_its_diff_and_nowhere_else(tmp_path: Path) -> None:
    plans = [sample_row(3, days=20), sample_row(4, days=20)]

    found = await changes(plans, templates=reworded(tmp_path))

    assert found.clocks == ()
    (words,) = found.words
    assert (words.kind, words.letters) == (LetterKind.HOLDING, 2)
    removed, added = (line for line in words.diff if line[0] in "+-")
    assert removed[1:] == added[1:].replace("Son long examen", "Son examen")
    for each in found.details:
        assert [change.kind for change in each.letters] == [LetterKind.HOLDING]
        assert each.model_copy(update={"letters": ()}) == type(each)(reference=each.reference)


async def test_nothing_changed_is_nothing_changed_whoever_takes_over_on_the_way(tmp_path: Path) -> None:
    later = paris(today() + timedelta(days=5), 10)
    another = {"id": "r-1", "at": later.isoformat(), "reason": "Congé"}
    by_post = complaint(
        received_at=paris(today(), 0).isoformat(),
        sent_on=today().isoformat(),
        complainant={"name": "Anne Martin", "postal_address": "1 rue de la Paix\n75002 Paris"},
    )
    plans = [
        sample_row(5, days=20),
        Plan("REC-2026-POST", by_post, (Sent(later, "contact_reassigned", another),)),
        sample_row(6, days=3),
    ]

    one, other = await rehearse(IN_FORCE, IN_FORCE, plans, today())

    found = compare(one, other)
    assert (found.rehearsed, found.details) == (3, ())
    lives = {each.reference: each for each in one.complaints}
    assert len(lives["REC-2026-POST"].charges) == 2
    # By post there is no e-mail to read: the words come from the printed page.
    assert all("Anne Martin" in letter.text for letter in lives["REC-2026-POST"].letters)
    assert lives["REC-2026-POST"].followed_to is not None
    assert lives[plans[0].reference].closed_on is not None


async def test_a_complaint_that_cannot_open_is_named_and_stops_no_other() -> None:
    broken = Plan("REC-2026-BAD", complaint(received_at="2999-01-01T00:00:00+01:00"), ())

    one, other = await rehearse(IN_FORCE, IN_FORCE, [broken, sample_row(7, days=1)], today())

    assert one.why_not == other.why_not
    assert list(one.why_not) == ["REC-2026-BAD"]
    assert "received_at" in one.why_not["REC-2026-BAD"]
    assert len(one.complaints) == 1


# The command ----------------------------------------------------------------------------------------------------------


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    clean |= {"COLUMNS": "200", "COMPLAINTS_DATA_DIR": str(folder / "var"), "COMPLAINTS_LANG": "en"}
    return subprocess.run(
        [str(PROGRAM), "rehearse", *words], env=clean, capture_output=True, text=True, encoding="utf-8", check=False,
        timeout=300,
    )  # fmt: skip


def stored(folder: Path) -> str:
    """Put one answered complaint into the firm's register."""
    story = Rehearsal()
    story.until(MONDAY + timedelta(days=20)).hear("response_given", decision="rejected", reasons="Hors délai", id="a-1")
    (folder / "var").mkdir()
    register = Register(f"sqlite:///{folder / 'var' / 'register.db'}")
    register.migrate()
    Dossiers(register).record(story.dossier.carried())
    register.close()
    return story.dossier.reference


def test_a_stored_complaint_is_rehearsed_and_the_page_stands_alone(tmp_path: Path) -> None:
    reference, report = stored(tmp_path), tmp_path / "report.html"
    kept = (tmp_path / "var" / "register.db").read_bytes()
    firm = edited(tmp_path, 'status_letter     = { amount = 40, unit = "jours_ouvres" }',
                  'status_letter     = { amount = 12, unit = "jours_ouvres" }')  # fmt: skip

    done = run(tmp_path, "--firm", str(firm), "--from", reference, "--json", "--report", str(report))

    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    (details,) = told["changes"]["details"]
    assert details["reference"] == reference
    assert {clock["clock"] for clock in details["clocks"]} >= {"status_letter"}
    added = [letter for letter in details["letters"] if letter["before"] is None]
    assert added[0]["kind"] == "status"
    assert "status letter: 1 more letter (0 → 1)." in told["summary"]
    page = report.read_text(encoding="utf-8")
    assert reference in page
    assert not re.search(r"<script|src=|href=|url\(|@import", page)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    # The firm's register and outbox know nothing of it.
    assert (tmp_path / "var" / "register.db").read_bytes() == kept
    assert not (tmp_path / "var" / "outbox").exists()


def test_what_is_not_in_the_register_is_named_and_ends_with_one(tmp_path: Path) -> None:
    reference = stored(tmp_path)
    done = run(tmp_path, "--firm", str(IN_FORCE.firm_file), "--from", reference, "--from", "REC-2026-NONE")
    assert done.returncode == 1
    assert "Nothing would change: 1 complaint lived twice." in done.stdout
    assert "Not rehearsed: REC-2026-NONE (not in the register)" in done.stdout


def test_a_broken_file_is_refused_with_its_place_before_anything_starts(tmp_path: Path) -> None:
    firm = edited(tmp_path, 'holding_letter    = { amount = 10,', 'holding_letter    = { amount = "ten",')  # fmt: skip
    done = run(tmp_path, "--firm", str(firm))
    assert (done.returncode, done.stdout) == (1, "")
    assert "new.toml: the firm's file cannot be used." in done.stderr
    assert "deadlines.holding_letter.amount" in done.stderr
    assert "Lives" not in done.stderr


@pytest.mark.parametrize(
    ("edit", "said"),
    [("{{ examen", "fr/holding.j2:4"), ("{{ unknown_thing }}", "fr/holding.j2:4")],
)
def test_broken_templates_are_refused_with_their_place(tmp_path: Path, edit: str, said: str) -> None:
    copy = reworded(tmp_path)
    page = copy / "fr" / "holding.j2"
    page.write_text(page.read_text(encoding="utf-8").replace("Son long examen", edit, 1), encoding="utf-8")
    done = run(tmp_path, "--templates", str(copy))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_mistakes_of_usage(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 2
    assert run(tmp_path, "--firm", str(IN_FORCE.firm_file), "--report", str(tmp_path / "no" / "r.html")).returncode == 2
    nothing = run(tmp_path, "--firm", str(IN_FORCE.firm_file), "--from", str(tmp_path / "none.csv"))
    assert nothing.returncode == 1
    assert "none.csv" in nothing.stderr


def test_a_row_of_a_register_that_is_none_is_named_and_the_others_are_rehearsed(tmp_path: Path) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        header, first, second, *_ = file.read().splitlines()
    register = tmp_path / "register.csv"
    register.write_text("\n".join([header, first, second.replace("1/17/2017", "soon")]) + "\n", encoding="utf-8")
    done = run(tmp_path, "--firm", str(IN_FORCE.firm_file), "--from", str(register))
    assert done.returncode == 1
    assert "1 complaint lived twice" in done.stdout
    assert "Not rehearsed: row 2 (Received date: no date" in done.stdout
