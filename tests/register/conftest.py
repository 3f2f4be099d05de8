"""Each test of the register runs on both databases: a file of SQLite, and a real PostgreSQL that the tests start."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.grants import WRITER
from activities.register.ledger import Ledger
from tests.postgres import PostgresServer, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give the PostgreSQL of this test process."""
    with running("postgres") as server:
        yield server


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
