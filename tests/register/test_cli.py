"""`complaints register` and `complaints setup` through the real program: sentences, JSON, exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from activities.register.tables import AttemptState, SettledBy
from tests.doors.test_cli_live import Firm, complaint, started
from tests.ports import free_port
from tests.register import lives
from tests.rehearsal import MONDAY, paris

PROGRAM = Path(sys.executable).with_name("complaints")
LETTER = f"{lives.REFERENCE}/1/acknowledgement/1"


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program without the caller's settings, and without any Temporal: nothing listens there."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    clean |= {"TEMPORAL_ADDRESS": "127.0.0.1:9", "COLUMNS": "300", **environment}
    return subprocess.run(
        [str(PROGRAM), *words], env=clean, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120
    )


# Without Temporal ------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(url: str, dossiers: Dossiers, ledger: Ledger) -> str:
    """Give the address of a register that holds one complaint, one letter of which was accepted."""
    ledger.begin(lives.REFERENCE, LETTER, "sendgrid", b"bytes", "message/rfc822", "t@fr/1", paris(MONDAY, 9))
    ledger.settle(LETTER, 1, AttemptState.ACCEPTED, SettledBy.ANSWER, provider_id="id-\0\x1b[31m-1")
    dossiers.record(lives.ordinary()[-1])
    return url


def test_a_complaint_is_shown_without_temporal_in_the_readers_language(kept: str) -> None:
    for language, words in (
        ("fr", ("Au registre le", "clos", "Acheminement", "acceptée", "SHA-256")),
        ("en", ("In the register on", "closed", "Delivery", "accepted", "SHA-256")),
    ):
        done = run("register", "show", lives.REFERENCE, "--lang", language, COMPLAINTS_REGISTER_URL=kept)
        assert (done.returncode, done.stderr) == (0, "")
        assert all(word in done.stdout for word in words)
        assert "Anne Martin" in done.stdout
        assert "\x1b" not in done.stdout, "what a carrier said moves no cursor"


def test_programs_get_the_dossier_and_each_attempt_without_its_bytes(kept: str) -> None:
    done = run("register", "show", lives.REFERENCE, "--json", COMPLAINTS_REGISTER_URL=kept)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert sorted(said) == ["attempts", "dossier", "events", "written_at"]
    assert (said["dossier"]["stage"], said["dossier"]["closed_by"]) == ("closed", "customer_accepts")
    assert len(said["dossier"]["journal"]) == len(lives.ordinary()[-1].journal)
    (attempt,) = said["attempts"]
    assert (attempt["letter_id"], attempt["number"], attempt["state"], attempt["bytes"]) == (LETTER, 1, "accepted", 5)
    assert attempt["started_at"] == "2026-11-23T09:00:00+01:00"


def test_an_unknown_reference_is_said(kept: str) -> None:
    done = run("register", "show", "REC-2026-NONE", "--lang", "en", COMPLAINTS_REGISTER_URL=kept)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "REC-2026-NONE: not in the register.\n")


def test_a_register_that_was_never_set_up_says_what_to_run(empty_url: str) -> None:
    done = run("register", "show", "REC-2026-NONE", COMPLAINTS_REGISTER_URL=empty_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `complaints setup`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_said_in_one_sentence() -> None:
    address = f"postgresql://someone:secret@127.0.0.1:{free_port()}/complaints"
    for language, said in (("fr", "Le registre ne répond pas ("), ("en", "The register does not answer (")):
        done = run("register", "show", "REC", "--lang", language, COMPLAINTS_REGISTER_URL=address)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(said)
        assert done.stderr.count("\n") == 1
        assert "secret" not in done.stderr


# Beside Temporal -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    here = Firm(folder, free_port(), free_port())
    process = started(here, folder / "up.log")
    yield here
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, (folder / "up.log").read_text("utf-8")


def test_setup_makes_the_tables_says_so_and_repeated_changes_nothing(firm: Firm, empty_url: str) -> None:
    first = firm.run("setup", "--lang", "en", COMPLAINTS_REGISTER_URL=empty_url)
    assert (first.returncode, first.stderr) == (0, "")
    assert "  register: empty → 0007\n" in first.stdout
    second = firm.run("setup", "--json", COMPLAINTS_REGISTER_URL=empty_url)
    said = json.loads(second.stdout)
    assert (sorted(said), said["changed"]) == (["changed", "connection", "register"], [])
    assert said["register"].startswith(("sqlite:///", "postgresql+psycopg://"))
    register = Register(empty_url)
    register.require_current()
    register.close()


def test_a_register_is_checked_rebuilt_and_up_to_date_again(firm: Firm, make_url: Callable[[], str]) -> None:
    reference = firm.opened()
    firm.listed(wanted=reference)
    url = make_url()
    environment = {"COMPLAINTS_REGISTER_URL": url}
    lagging = firm.run("register", "check", reference, "--json", **environment)
    assert (lagging.returncode, lagging.stderr) == (1, "")
    assert json.loads(lagging.stdout) == [{"reference": reference, "differs": ["missing"]}]
    rebuilt = firm.run("register", "rebuild", reference, "--json", **environment)
    assert rebuilt.returncode == 0, rebuilt.stderr
    done = json.loads(rebuilt.stdout)
    assert (done["complaints"], done["read"], done["written"], done["unread"]) == (1, 1, 1, {})
    current = firm.run("register", "check", reference, "--lang", "en", **environment)
    assert (current.returncode, current.stdout) == (0, "The register is up to date.\n")
    shown: dict[str, Any] = json.loads(firm.run("register", "show", reference, "--json", **environment).stdout)
    assert shown["dossier"] == firm.json("show", reference)


def test_a_rebuild_makes_the_tables_of_a_register_that_is_lost(firm: Firm, empty_url: str) -> None:
    reference = firm.opened()
    firm.listed(wanted=reference)
    done = firm.run("register", "rebuild", reference, "--lang", "fr", COMPLAINTS_REGISTER_URL=empty_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"au registre maintenant +1\b", done.stdout)


def test_a_complaint_that_temporal_lost_runs_again_from_the_register(firm: Firm, dossiers: Dossiers, url: str) -> None:
    carried = lives.renamed(lives.ordinary()[0], f"REC-2026-{uuid.uuid4().hex[:6].upper()}")
    dossiers.record(carried)
    words, environment = ("register", "resume", carried.reference), {"COMPLAINTS_REGISTER_URL": url}
    done = firm.run(*words, "--lang", "en", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{carried.reference}: unknown to Temporal, runs again\n"
    journal = [entry["id"] for entry in firm.json("show", carried.reference)["journal"]]
    assert journal[: len(carried.journal)] == [entry.id for entry in carried.journal]
    again = firm.run(*words, "--lang", "fr", **environment)
    assert (again.returncode, again.stdout) == (0, "Rien à reprendre.\n")
    said = json.loads(firm.run(*words, "--json", **environment).stdout)
    assert said == {"unknown": [], "behind": {}, "closed": []}


def test_an_opening_under_a_reference_the_register_holds_is_refused(firm: Firm, dossiers: Dossiers, url: str) -> None:
    dossiers.record(lives.ordinary()[-1])
    file = Path(firm.environment["COMPLAINTS_DATA_DIR"]) / "again.json"
    file.write_text(json.dumps(complaint(reference=lives.REFERENCE)))
    done = firm.run("open", str(file), COMPLAINTS_REGISTER_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{lives.REFERENCE}: a complaint with this reference exists already.\n"
