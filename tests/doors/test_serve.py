"""`complaints serve` through the real program: it says where it is, answers, ends in order, refuses in sentences."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from tests.ports import HOST, free_port

PROGRAM = Path(sys.executable).with_name("complaints")
_COMES_UP_WITHIN = 60.0


class Place:
    """A Temporal, a folder, and the program with their settings."""

    def __init__(self, folder: Path, temporal: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
        self.register = folder / "register.db"
        self.environment = kept | {
            "TEMPORAL_ADDRESS": temporal,
            "COMPLAINTS_DATA_DIR": str(folder),
            "COMPLAINTS_LANG": "en",
        }

    def prepare(self) -> None:
        register = Register(f"sqlite:///{self.register}")
        register.migrate()
        register.close()

    def started(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(PROGRAM), "serve", *words], env=self.environment | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def refused(self, *words: str, **environment: str) -> str:
        with self.started(*words, **environment) as process:
            said, complained = process.communicate(timeout=60)
            assert process.returncode == 1, (said, complained)
        return complained.strip()


@pytest.fixture
def place(environment: WorkflowEnvironment, tmp_path: Path) -> Place:
    return Place(tmp_path, environment.client.service_client.config.target_host)


@pytest.fixture
def port() -> int:
    return free_port()


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_answers_and_ends_in_order(place: Place, port: int, signum: signal.Signals) -> None:
    place.prepare()
    with place.started("--port", str(port)) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == (
            f"default@{place.environment['TEMPORAL_ADDRESS']}, http://{HOST}:{port}"
        )
        give_up_at = time.monotonic() + _COMES_UP_WITHIN
        while True:
            try:
                assert status_of(port, "/health") == 200
                break
            except ConnectionRefusedError:
                assert time.monotonic() < give_up_at
                time.sleep(0.05)
        assert status_of(port, "/ready") == 200
        process.send_signal(signum)
        _, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (0, "")


def test_a_register_that_is_not_ready_is_said(place: Place, port: int) -> None:
    said = place.refused("--port", str(port))
    assert said.endswith("run `complaints setup`")
    assert "\n" not in said


def test_a_port_that_is_taken_is_said(place: Place) -> None:
    place.prepare()
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert place.refused("--port", str(port)) == f"Cannot listen on {HOST}:{port}: Address already in use."


def test_an_event_key_that_is_none_is_said(place: Place, port: int) -> None:
    place.prepare()
    said = place.refused("--port", str(port), COMPLAINTS_SENDGRID_EVENT_KEY="SG.secret")
    assert "COMPLAINTS_SENDGRID_EVENT_KEY" in said
    assert "SG.secret" not in said


def test_a_temporal_that_does_not_answer_is_said(place: Place, port: int) -> None:
    place.prepare()
    said = place.refused("--port", str(port), TEMPORAL_ADDRESS=f"{HOST}:{port}")
    assert said == f"cannot reach Temporal at default@{HOST}:{port}."
