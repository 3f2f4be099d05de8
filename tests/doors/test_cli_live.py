"""The commands on complaints through the real program, against the embedded server and a worker of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

PROGRAM = Path(sys.executable).with_name("complaints")
REFERENCE = re.compile(r"REC-\d{4}-[2-9A-Z]{6}")
BRACKETED = "Anne [bold]Martin[/]"
_COMES_UP_WITHIN = 60.0


class Firm:
    """A server and a worker of their own, and the program with their settings."""

    def __init__(self, folder: Path, port: int, ui_port: int) -> None:
        self.port, self.ui_port, self.http_port = port, ui_port, free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
        self.environment = kept | {
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "COMPLAINTS_DATA_DIR": str(folder),
            "COLUMNS": "300",
        }

    def run(self, *words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        for _ in range(3):
            done = self._run_once(*words, stdin=stdin, **environment)
            # A machine that is busy with other tests may keep the worker waiting: the message says to repeat.
            if "no worker answered" not in done.stderr:
                break
        return done

    def _run_once(self, *words: str, stdin: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *words], env=self.environment | environment, input=stdin, capture_output=True, text=True,
            encoding="utf-8", check=False, timeout=120,
        )  # fmt: skip

    def json(self, *words: str, stdin: str = "") -> Any:
        done = self.run(*words, "--json", stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def opened(self, **changes: Any) -> str:
        done = self.run("open", "-", stdin=json.dumps(complaint(**changes)))
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    def listed(self, *words: str, wanted: str) -> list[dict[str, Any]]:
        """List until `wanted` is there: visibility lags by moments."""
        for _ in range(40):
            found: list[dict[str, Any]] = self.json("list", *words)
            if any(each["reference"] == wanted for each in found):
                return found
            time.sleep(0.25)
        raise AssertionError(f"{wanted} never came into the list")


def complaint(**changes: Any) -> dict[str, Any]:
    received = datetime.now(UTC) - timedelta(hours=1)
    return {
        "received_at": received.isoformat(timespec="seconds"),
        "channel": "email",
        "received_by": "broker",
        "complainant": {"name": BRACKETED, "email": "anne.martin@example.org"},
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
        **changes,
    }


def started(firm: Firm, log: Path) -> subprocess.Popen[bytes]:
    """Run `up` until it has said where everything is."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(PROGRAM), "up", "--port", str(firm.port), "--ui-port", str(firm.ui_port),
                "--http-port", str(firm.http_port),
            ],
            env=firm.environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    give_up_at = time.monotonic() + _COMES_UP_WITHIN
    while "Ctrl-C" not in log.read_text("utf-8"):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < give_up_at, log.read_text("utf-8")
        time.sleep(0.1)
    return process


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    here = Firm(folder, free_port(), free_port())
    process = started(here, folder / "up.log")
    yield here
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, (folder / "up.log").read_text("utf-8")


def test_a_complaint_is_opened_and_shown(firm: Firm) -> None:
    done = firm.run("open", "-", stdin=json.dumps(complaint()))
    assert (done.returncode, done.stderr) == (0, "")
    reference = done.stdout.strip()
    assert REFERENCE.fullmatch(reference)
    french = firm.run("show", reference).stdout
    assert f"{reference}  niveau 1" in french
    assert BRACKETED in french
    assert "lettre d'attente" in french
    english = firm.run("show", reference, "--lang", "en").stdout
    assert "What is owed next" in english
    dossier = firm.json("show", reference)
    assert (dossier["reference"], dossier["level"], dossier["stage"]) == (reference, "1", "investigating")


def test_a_reference_of_ones_own_from_a_file(firm: Firm, tmp_path: Path) -> None:
    file = tmp_path / "complaint.json"
    file.write_text(json.dumps(complaint(reference="REC-OWN-1")), "utf-8")
    assert firm.json("open", str(file)) == {"reference": "REC-OWN-1"}
    again = firm.run("open", str(file))
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("REC-OWN-1: ")


def test_an_event_gives_a_receipt(firm: Firm) -> None:
    reference = firm.opened()
    done = firm.run("submit", reference, "note_added", "-", stdin='{"id": "e-1", "text": "Le client a rappelé."}')
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{reference} (niveau 1, en cours d'examen) : Enregistré.")
    receipt = firm.json("submit", reference, "withdrawn", "-", stdin='{"id": "e-2"}')
    assert (receipt["event_id"], receipt["reference"], receipt["stage"]) == ("e-2", reference, "closed")


def test_what_cannot_be_accepted_is_refused_with_its_reason(firm: Firm) -> None:
    reference = firm.opened()
    refused = firm.run("submit", reference, "mediation_ended", "-", stdin='{"outcome": "settled"}')
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Aucune médiation n'est en cours : enregistrez d'abord mediator_seized.\n"
    other = firm.run("submit", reference, "withdrawn", "-", stdin='{"type": "note_added"}')
    assert (other.returncode, other.stderr) == (1, "Le fichier porte un autre type que withdrawn.\n")


def test_mistakes_name_their_place(firm: Firm) -> None:
    broken = firm.run("open", "-", "--lang", "en", stdin='{"summary":\n "x",,}')
    assert (broken.returncode, broken.stdout) == (1, "")
    assert broken.stderr.startswith("standard input: invalid JSON, line 2, column 6")
    not_json = firm.run("open", "-", stdin='{"amount": NaN}')
    assert (not_json.returncode, not_json.stderr) == (1, "l'entrée standard : ce n'est pas du JSON en UTF-8.\n")
    incomplete = firm.run("open", "-", stdin="{}")
    assert incomplete.returncode == 1
    assert "received_at: Field required" in incomplete.stderr
    assert "Traceback" not in incomplete.stderr
    assert firm.run("open", "/nowhere/complaint.json").returncode == 2
    assert firm.run("submit", "REC-X", "no_such_event").returncode == 2
    unknown = firm.run("show", "REC-NOBODY")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "REC-NOBODY" in unknown.stderr


def test_lists_and_agenda(firm: Firm) -> None:
    level1, level2b = firm.opened(), firm.opened(source="lawyer")
    found = {each["reference"]: each for each in firm.listed("--level", "2b", wanted=level2b)}
    assert level1 not in found
    assert (found[level2b]["level"], found[level2b]["open"], found[level2b]["overdue"]) == ("2b", True, False)
    # From the start: whoever lists need not wait for the worker's first step.
    assert found[level2b]["next_deadline"]
    firm.listed("--stage", "investigating", wanted=level1)
    assert level1 in firm.run("list").stdout
    ahead = firm.json("agenda", "--days", "90")
    assert {level1, level2b} <= {each["reference"] for each in ahead}
    assert firm.run("list", "--level", "5").returncode == 2
    firm.json("submit", level1, "withdrawn", "-", stdin='{"id": "e-1"}')
    firm.listed("--stage", "closed", wanted=level1)
    assert level1 in {each["reference"] for each in firm.listed("--all", wanted=level2b)}


def test_the_evidence_of_a_living_complaint_is_written_and_verifies(firm: Firm, tmp_path: Path) -> None:
    reference, file = firm.opened(), str(tmp_path / "evidence.zip")
    firm.json("submit", reference, "note_added", "-", stdin='{"id": "e-1", "text": "Le client a rappelé."}')
    summary = firm.json("dossier", "export", reference, "--out", file)
    assert (summary["reference"], summary["missing"]) == (reference, 0)
    with zipfile.ZipFile(file) as archive:
        journal = json.loads(archive.read("evenements.json"))["journal"]
    assert "e-1" in {entry["id"] for entry in journal}, "what Temporal has taken, the register may not have yet"
    assert firm.json("dossier", "verify", file)["findings"] == []
    unknown = firm.run("dossier", "export", "REC-NOBODY")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "REC-NOBODY : aucune réclamation ne porte cette référence.\n"


def test_setup_repeated_changes_nothing(firm: Firm) -> None:
    again = firm.json("setup")
    assert again.pop("register").endswith("register.db")
    assert again == {"connection": f"default@127.0.0.1:{firm.port}", "changed": []}


def test_a_worker_in_a_namespace_that_is_not_there_says_so(firm: Firm) -> None:
    done = firm.run("worker", TEMPORAL_NAMESPACE="nowhere")
    assert done.returncode == 1
    assert done.stdout == f"nowhere@127.0.0.1:{firm.port}, file de tâches complaints\n"
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said_at_once(firm: Firm) -> None:
    done = firm.run("up", "--port", str(firm.port), "--ui-port", str(free_port()))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Le port {firm.port} n'est pas libre")


@pytest.mark.slow
def test_everything_survives_a_restart(tmp_path: Path) -> None:
    here = Firm(tmp_path, free_port(), free_port())
    process = started(here, tmp_path / "first.log")
    reference = here.opened()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process = started(here, tmp_path / "second.log")
    try:
        assert here.json("show", reference)["reference"] == reference
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_worker_of_its_own_works_until_told_to_stop(firm: Firm, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    environment = firm.environment | {"COMPLAINTS_TASK_QUEUE": "apart"}
    with log.open("wb") as output:
        process = subprocess.Popen([str(PROGRAM), "worker"], env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        opened = firm.run("open", "-", stdin=json.dumps(complaint()), COMPLAINTS_TASK_QUEUE="apart")
        reference = opened.stdout.strip()
        assert firm.json("show", reference)["reference"] == reference
        assert log.read_text("utf-8").startswith(f"default@127.0.0.1:{firm.port}, file de tâches apart")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
