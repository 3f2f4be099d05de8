"""The register's database: how it is reached, and how its tables are brought up to date."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from activities.register.tables import Base, table_of

_MIGRATIONS = Path(__file__).parent / "migrations"
_WAITS_SECONDS = 10
_READERS = 16
"""Connections that are kept for the next who reads."""
_SYNCHRONOUS = "synchronous"
"""How SQLite waits for the disk, as this connection was told last."""
_MIGRATING = 0x636F6D70
"""The key of PostgreSQL's lock that one migration at a time holds; any number that nobody else uses."""


class RegisterNotReady(RuntimeError):
    """The register's database cannot be used as it is; the message says what to run."""


class Register:
    """One database, shared by the threads of a process. Nothing is read or written when it is made.

    Its faults are SQLAlchemy's: `OperationalError` where the database does not answer, and then nothing was written.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """Reach the database at a SQLAlchemy URL (`sqlite:///…`, `postgresql+psycopg://…`).

        `durable`: what was written outlives a power cut; a rehearsal on SQLite does without.

        Raises:
            RegisterNotReady: the URL is none.

        """
        try:
            self.url = make_url(url)
        except ArgumentError:
            raise RegisterNotReady("the register's address is no database URL: see COMPLAINTS_REGISTER_URL") from None
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self._turn: AbstractContextManager[object] = nullcontext()
        if self.is_sqlite and self.url.database:
            Path(self.url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
            # Values stay out of the faults' texts, which end up in logs and in Temporal's history.
            # SQLite has one writer at a time and no queue: who waits by asking again can starve. So threads queue here.
            self._turn = threading.Lock()
            self.engine = create_engine(
                self.url,
                hide_parameters=True,
                pool_size=_READERS,
                max_overflow=-1,  # who reads waits for nobody: there is a connection for each thread
                connect_args={"timeout": _WAITS_SECONDS},
            )
            _prepare_sqlite(self.engine, durable)
            self._soon: Engine = self.engine.execution_options(soon=True)
            self._reader = self.engine.execution_options(reading=True)
        else:
            self.engine = create_engine(
                self.url,
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args={"connect_timeout": _WAITS_SECONDS},
            )
            self._soon = self.engine
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def place(self) -> str:
        """Name it for people, without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Give one transaction: kept when the block ends, undone when it raises.

        For statements that are made once and run for every letter and every step. One that is not `lasting` waits for
        no disk: a power cut, and nothing else, may take its last moments back. For what would be found out again.
        """
        with self._turn, (self.engine if lasting else self._soon).begin() as connection:
            if not lasting and not self.is_sqlite:
                connection.execute(text("SET LOCAL synchronous_commit TO off"))
            yield connection

    @contextmanager
    def session(self, *, lasting: bool = True) -> Iterator[Session]:
        """Give one transaction as `transaction` does, for what is read and written as rows of the tables' classes."""
        with self.transaction(lasting=lasting) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give one transaction to read in: all that is read is of one moment, and it holds up no writer."""
        with Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Give one transaction to read in, as `reading` does, for statements that are made once."""
        with self._reader.begin() as connection:
            yield connection

    def migrate(self) -> list[str]:
        """Bring the tables up to date, several at once or not; says what was changed, nothing when all was there."""
        with self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
            before = _revision(connection)
            command.upgrade(_configuration(connection), "head")
            after = _revision(connection)
        return [] if before == after else [f"register: {before or 'empty'} → {after}"]

    def require_current(self) -> None:
        """Refuse to go on when the tables are not those of this code.

        Raises:
            RegisterNotReady: they are not.

        """
        with self._reader.connect() as connection:
            found = _revision(connection)
        wanted = ScriptDirectory.from_config(_configuration()).get_current_head()
        if found != wanted:
            raise RegisterNotReady(
                f"the register at {self.place} is at revision {found or 'none'}, this release needs {wanted}: "
                "run `complaints setup`"
            )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def insert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can say what to do on a conflict: both databases have it, each by its own name."""
    return insert_on(session.get_bind().dialect.name, table_of(table))


def insert_on(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT as `insert` does, for a statement that is made once for all transactions of a database."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _into_wal(cursor: Any) -> None:
    """Have the file written ahead. SQLite does not wait for others to be done with that, so it is asked again."""
    give_up_at = time.monotonic() + _WAITS_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


def _prepare_sqlite(engine: Engine, durable: bool) -> None:
    """Let several processes share the file: readers beside one writer, and a writer that waits for its turn."""

    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would begin by itself, and too late to wait
        cursor = connection.cursor()
        _into_wal(cursor)
        cursor.close()

    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        # With a file written ahead, NORMAL leaves the disk to the next transaction that waits for it.
        synchronous = "OFF" if not durable else "NORMAL" if options.get("soon") else "FULL"
        if connection.info.get(_SYNCHRONOUS) != synchronous:
            connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
            connection.info[_SYNCHRONOUS] = synchronous
        # Two that read and then want to write would each wait for the other.
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
