"""`complaints contacts` by the real program: load from the register, absences and deputies from the firm's file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from activities.register.assignments import Assignments
from activities.register.database import Register
from tests.rehearsal import MONDAY, paris
from workflows.messages import Assignment
from workflows.procedure.orders import Contact

PROGRAM = Path(sys.executable).with_name("complaints")
SHIPPED = Path(__file__).parents[2] / "deploy" / "firm" / "123-courtage.toml"
ABSENCES = "absences = [{ first = 2027-08-02, last = 2027-08-20 }]"


@pytest.fixture
def firm_file(tmp_path: Path) -> Path:
    """Give a firm with Aïcha ill until further notice for a reason, Marc off for a day, and Oliver all August."""
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace(ABSENCES, 'absences = [{ first = 2027-08-03, reason = "grippe" }]')
    text = text.replace(
        'deputies = ["c-003", "c-004"]',
        'deputies = ["c-003", "c-004"]\nabsences = [{ first = 2027-08-04, last = 2027-08-04, reason = "dentiste" }]',
    )
    text = text.replace(
        'deputies = ["c-003", "c-001"]',
        'deputies = ["c-003", "c-001"]\nabsences = [{ first = 2027-08-01, last = 2027-08-31 }]',
    )
    path = tmp_path / "firm.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Give a data directory whose register knows three open complaints of Marc's and one of Hélène's."""
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    for number, contact_id in enumerate(["c-002", "c-002", "c-001", "c-002"]):
        given = Assignment(contact=Contact(id=contact_id, name="P", phone="0", email="p@example.org"))
        Assignments(register).assign(f"REC-{number}", "given", paris(MONDAY), lambda *_, given=given: given)
    register.close()
    return tmp_path


def run(firm_file: Path, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    # Nothing listens there: `contacts` needs no server.
    clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", "COLUMNS": "300"}
    clean |= {"COMPLAINTS_FIRM_FILE": str(firm_file), "COMPLAINTS_DATA_DIR": str(data)}
    return subprocess.run(
        [str(PROGRAM), "contacts", *words],
        env=clean, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip


def people(firm_file: Path, data: Path, *words: str) -> dict[str, dict[str, Any]]:
    done = run(firm_file, data, "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return {each["id"]: each for each in json.loads(done.stdout)}


def test_each_person_is_shown_with_load_absences_and_who_stands_in(firm_file: Path, kept: Path) -> None:
    found = people(firm_file, kept, "--on", "2027-08-04")
    assert {each: found[each]["load"] for each in found} == {
        "c-001": 1, "c-002": 3, "c-003": 0, "c-004": 0, "c-005": 0, "c-006": 0
    }  # fmt: skip
    marc, aicha, oliver = found["c-002"], found["c-003"], found["c-004"]
    assert (marc["on_duty"], marc["back_on"], marc["reassigned"]) == (False, "2027-08-05", False)
    assert marc["deputy"] == "c-001", "both his deputies are away too: the first deputy of theirs who is there"
    assert (aicha["back_on"], aicha["reassigned"]) == (None, True)
    assert aicha["absences"] == [{"first": "2027-08-03", "last": None}]
    assert (oliver["deputy"], oliver["reassigned"]) == ("c-001", True)
    assert (found["c-005"]["team"], found["c-005"]["hours"]) == ("Contentieux", {"from": "09:00", "to": "18:00"})
    assert (found["c-001"]["on_duty"], found["c-001"]["back_on"], found["c-001"]["deputy"]) == (True, None, None)


def test_absences_to_come_are_shown_and_those_that_are_over_are_not(firm_file: Path, kept: Path) -> None:
    before, after = (people(firm_file, kept, "--on", day)["c-002"] for day in ("2027-08-03", "2027-08-05"))
    assert (before["on_duty"], before["absences"]) == (True, [{"first": "2027-08-04", "last": "2027-08-04"}])
    assert (after["on_duty"], after["absences"]) == (True, [])


def test_why_somebody_is_away_is_shown_to_nobody(firm_file: Path, kept: Path) -> None:
    shown = run(firm_file, kept, "--on", "2027-08-04").stdout + run(firm_file, kept, "--json").stdout
    assert "Aïcha" in shown
    assert "grippe" not in shown
    assert "dentiste" not in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            ("mer. 4 août 2027", "en poste", "absence : intérim c-001", "absence : dossiers réattribués", "jusqu'à"),
        ),
        ("en", ("Wed 4 Aug 2027", "on duty", "away: c-001 stands in", "away: complaints reassigned", "further notice")),
    ],
)
def test_people_read_it_in_their_language(firm_file: Path, kept: Path, language: str, words: tuple[str, ...]) -> None:
    done = run(firm_file, kept, "--on", "2027-08-04", "--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    assert not [word for word in words if word not in done.stdout], done.stdout


def test_who_is_away_is_shown_without_a_register_too(firm_file: Path, tmp_path: Path) -> None:
    assert people(firm_file, tmp_path / "nothing")["c-001"]["load"] is None
    assert not (tmp_path / "nothing").exists(), "looking makes no register"
    (tmp_path / "register.db").write_bytes(b"")
    done = run(firm_file, tmp_path, "--lang", "en", "--on", "2027-08-04")
    assert done.returncode == 0
    assert "run `complaints setup`" in done.stderr
    assert "?: the register does not say" in done.stdout


def test_a_day_that_is_none_is_refused(firm_file: Path, kept: Path) -> None:
    done = run(firm_file, kept, "--on", "yesterday", "--lang", "en")
    assert done.returncode == 2
    assert "“yesterday” is no date" in done.stderr
