"""Cut in the middle: whatever dies while a dossier is written, nothing is half-written, and the next call works."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from tests.postgres import PostgresServer
from tests.register import lives
from tests.rehearsal import MONDAY, paris
from workflows.procedure.dossier import Carried

STATEMENTS = [
    "INSERT INTO dossiers",
    "INSERT INTO assignments",
    "INSERT INTO procedures",
    "INSERT INTO journal",
    "INSERT INTO letters",
]


def before_the(register: Register, statement: str, happens: Callable[[Any], None]) -> None:
    """Have something happen once, just before the first statement that begins so."""
    done: list[str] = []

    def before(connection: Any, _: Any, about_to_run: str, *__: Any) -> None:
        if about_to_run.startswith(statement) and not done:
            done.append(about_to_run)
            happens(connection)

    sa.event.listen(register.engine, "before_cursor_execute", before)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_process_killed_while_it_records_leaves_nothing(
    url: str, register: Register, dossiers: Dossiers, tmp_path: Path, statement: str
) -> None:
    carried = lives.ordinary()[-1]
    file = tmp_path / "dossier.json"
    file.write_text(carried.model_dump_json(), "utf-8")
    killed = subprocess.run(
        [sys.executable, "-m", "tests.register.dies", url, str(file), statement], check=False, timeout=60
    )
    assert killed.returncode == -9
    assert not any(lives.everything(register).values())
    assert dossiers.record(carried)
    assert dossiers.carried(carried.reference) == carried


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Iterator[Register]:
    register = Register(postgres.migrated())
    yield register
    register.close()


def cut_off(postgres: PostgresServer, connection: sa.Connection) -> None:
    """Have the server end the process behind a connection."""
    driver: Any = connection.connection.driver_connection
    postgres.run(f"SELECT pg_terminate_backend({driver.info.backend_pid})")


def recorded_in_part(register: Register) -> tuple[Carried, dict[str, Any]]:
    """Record the beginning of a life; give its end, and what the register holds."""
    states = lives.ordinary()
    Dossiers(register).record(states[0])
    return states[-1], lives.everything(register)


@pytest.mark.parametrize("statement", [each for each in STATEMENTS if each != "INSERT INTO procedures"])
def test_postgresql_ends_the_connection_in_the_middle(
    postgres: PostgresServer, on_postgres: Register, statement: str
) -> None:
    last, held = recorded_in_part(on_postgres)

    before_the(on_postgres, statement, partial(cut_off, postgres))
    dossiers = Dossiers(on_postgres)
    with pytest.raises(sa.exc.OperationalError) as cut:
        dossiers.record(last)
    assert "Martin" not in str(cut.value)
    assert lives.everything(on_postgres) == held
    assert dossiers.record(last)
    assert dossiers.carried(last.reference) == last


def test_postgresql_is_stopped_in_the_middle_and_started_again(postgres: PostgresServer, on_postgres: Register) -> None:
    last, held = recorded_in_part(on_postgres)
    dossiers = Dossiers(on_postgres)
    before_the(on_postgres, "INSERT INTO letters", lambda _: postgres.stop())
    try:
        with pytest.raises(sa.exc.OperationalError):
            dossiers.record(last)
        with pytest.raises(sa.exc.OperationalError):
            dossiers.record(last)
    finally:
        postgres.start()
    assert lives.everything(on_postgres) == held
    assert dossiers.record(last)
    assert dossiers.carried(last.reference) == last


def test_an_attempt_whose_commit_was_cut_was_not_begun(postgres: PostgresServer, on_postgres: Register) -> None:
    ledger = Ledger(on_postgres)

    sa.event.listen(on_postgres.engine, "commit", partial(cut_off, postgres), once=True)
    begin = ("REC", "REC/1/holding/1", "sendgrid", b"x", "text/plain", "t", paris(MONDAY))
    with pytest.raises(sa.exc.OperationalError):
        ledger.begin(*begin)
    assert ledger.standing("REC/1/holding/1") is None
    assert ledger.begin(*begin)[1]
