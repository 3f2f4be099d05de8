"""Copies of the register taken while it is written: of one moment, whole, and restored by the programs one has."""

import itertools
import json
import sqlite3
import stat
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from activities.register.backup import copy_register
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.grants import WRITER
from tests.postgres import PostgresServer
from tests.register import lives
from tests.register.conftest import owned
from tests.register.test_cli import run

AT_ONCE, COPIES = 4, 4
UNEVEN = sa.text(
    "SELECT reference FROM dossiers"
    " WHERE revision <> (SELECT count(*) FROM journal WHERE reference = dossiers.reference)"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "register.db"


@pytest.fixture
def kept(file: Path) -> Iterator[Register]:
    register = Register(f"sqlite:///{file}")
    register.migrate()
    yield register
    register.close()


@contextmanager
def written_meanwhile(register: Register) -> Iterator[list[str]]:
    """Write one complaint after the other, from several threads, until the block ends; gives those that are written."""
    first, numbers, done, enough = lives.ordinary()[0], itertools.count(1), list[str](), Event()

    def write() -> None:
        while not enough.is_set():
            reference = f"REC-2026-{next(numbers):04d}"
            assert Dossiers(register).record(lives.renamed(first, reference))
            done.append(reference)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        writing = [threads.submit(write) for _ in range(AT_ONCE)]
        try:
            yield done
        finally:
            enough.set()
    for each in writing:
        each.result()  # no writer was turned away


def some_more(done: list[str]) -> set[str]:
    """Wait until more complaints are written; gives all that are."""
    wanted, give_up_at = len(done) + 10, time.monotonic() + 60
    while len(done) < wanted:
        assert time.monotonic() < give_up_at, "nobody writes"
        time.sleep(0.01)
    return set(done)


def whole(register: Register) -> set[str]:
    """Give the complaints of a copy in which none is half there."""
    with register.reading() as session:
        assert session.scalars(UNEVEN).all() == []
    return set(Dossiers(register).references())


def test_copies_taken_while_complaints_are_written_are_each_of_one_moment(kept: Register, tmp_path: Path) -> None:
    taken = []
    with written_meanwhile(kept) as done:
        for number in range(COPIES):
            before = some_more(done)
            taken.append((before, copy_register(kept, tmp_path / f"copy-{number}.db")))
        some_more(done)
    for number, (before, copied) in enumerate(taken):
        copy = Register(f"sqlite:///{tmp_path / f'copy-{number}.db'}")
        copy.require_current()
        held = whole(copy)
        assert before <= held, "what was written before the copy began is in it"
        assert copied.complaints == len(held)
        copy.close()


def test_a_copy_is_the_register(kept: Register, tmp_path: Path) -> None:
    for carried in lives.ordinary():
        Dossiers(kept).record(carried)
    copied = copy_register(kept, tmp_path / "copy.db")
    copy = Register(f"sqlite:///{tmp_path / 'copy.db'}")
    assert lives.everything(copy) == lives.everything(kept)
    assert (copied.complaints, copied.journal_lines) == (1, len(lives.ordinary()[-1].journal))
    copy.close()


def test_nobody_else_reads_a_copy_and_it_replaces_none(kept: Register, tmp_path: Path) -> None:
    copy_register(kept, tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    before = (tmp_path / "copy.db").read_bytes()
    with pytest.raises(FileExistsError):
        copy_register(kept, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == before


def test_a_copy_that_cannot_be_made_leaves_nothing(kept: Register, file: Path, tmp_path: Path) -> None:
    kept.close()
    for left in tmp_path.glob("register.db*"):
        left.unlink()
    file.write_bytes(b"this is no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        copy_register(kept, tmp_path / "copy.db")
    assert list(tmp_path.glob("copy*")) == []


def test_the_command_says_what_it_copied(kept: Register, file: Path, tmp_path: Path) -> None:
    Dossiers(kept).record(lives.ordinary()[-1])
    address, lines = f"sqlite:///{file}", len(lives.ordinary()[-1].journal)
    done = run("register", "backup", str(tmp_path / "c.db"), "--json", COMPLAINTS_REGISTER_URL=address)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["complaints"], said["journal_lines"]) == (1, lines)
    again = run("register", "backup", str(tmp_path / "c.db"), "--lang", "en", COMPLAINTS_REGISTER_URL=address)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.endswith("c.db exists already: nothing was replaced.\n")


def test_postgresql_has_its_own_program(postgres: PostgresServer, tmp_path: Path) -> None:
    done = run(
        "register", "backup", str(tmp_path / "c.db"), "--lang", "en", COMPLAINTS_REGISTER_URL=postgres.migrated()
    )
    assert (done.returncode, done.stderr) == (1, "The register is on PostgreSQL: use pg_dump.\n")


def test_a_dump_taken_while_complaints_are_written_is_restored_with_its_roles(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.migrated()
    register = Register(url)
    with written_meanwhile(register) as done:
        before = some_more(done)
        postgres.program("pg_dump", "--format=custom", "--file", str(tmp_path / "register.dump"), owned(url))
        some_more(done)
    register.close()

    name = postgres.create(uuid.uuid4().hex)
    postgres.program("pg_restore", "--exit-on-error", "--dbname", postgres.url(name), str(tmp_path / "register.dump"))
    restored = Register(postgres.url(name, WRITER))
    restored.require_current()
    assert before <= whole(restored)
    assert Dossiers(restored).record(lives.ordinary()[-1]), "who works may go on at once"
    restored.close()
