"""The register's three roles on a real PostgreSQL, as the deployment makes them: each may do its work, and no more."""

# ruff: noqa: S608 -- names of tables are the product's own

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from activities.access.api_keys import ApiKeys, Scope
from activities.mailbox.mailbox import Mailbox
from activities.register.database import Register
from activities.register.dossiers import Dossiers, Erased
from activities.register.erasing import Erasures, NotErasable
from activities.register.grants import READER, WRITER, grant, privileges
from activities.register.ledger import Ledger
from activities.register.tables import AttemptState, Base, DossierRow, SettledBy
from starter.evidence.received import received_of
from starter.figures.lines import line_of
from starter.figures.reading import anonymous
from tests.postgres import PostgresServer, running
from tests.register import lives
from worker.settings import Settings
from workflows.procedure.vocabulary import Stage

ROOT = Path(__file__).resolve().parents[2]
OWNER = "complaints_owner"
NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
DDL = (
    "CREATE TABLE mine (x int)", "CREATE TEMPORARY TABLE mine (x int)", "CREATE SCHEMA mine", "DROP TABLE persons",
    "ALTER TABLE persons ADD COLUMN x int", "CREATE INDEX x ON persons (name)", "TRUNCATE persons",
    "CREATE ROLE mine", "ALTER ROLE complaints_reader SUPERUSER", "SET ROLE complaints_owner",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running("roles") as server:
        with closing(Register(server.url("complaints", OWNER))) as migrated:
            assert migrated.migrate() == ["register: empty → 0007"]
            assert [line.split(" on ")[0] for line in grant(migrated)] == [f"register: {WRITER}", f"register: {READER}"]
        yield server


@pytest.fixture
def writer(server: PostgresServer) -> Iterator[Register]:
    register = Register(server.url("complaints", WRITER))
    yield register
    register.close()


@pytest.fixture
def reader(server: PostgresServer) -> Iterator[Register]:
    register = Register(server.url("complaints", READER))
    yield register
    register.close()


def refused(url: str, statement: str, beforehand: str = "") -> bool:
    """Whether the database itself does not let a role do something."""
    with psycopg.connect(url, autocommit=True) as connection:
        if beforehand:
            connection.execute(beforehand.encode())
        try:
            connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            return True
        return False


def test_the_writer_does_the_work_of_worker_and_door(writer: Register) -> None:
    writer.require_current()
    for carried in lives.ordinary():
        assert Dossiers(writer).record(carried)
    ledger = Ledger(writer)
    attempt, ours = ledger.begin(lives.REFERENCE, "L/1", "sendgrid", b"x", "message/rfc822", "t@fr/1", NOW)
    assert ours
    assert ledger.settle("L/1", attempt.number, AttemptState.ACCEPTED, SettledBy.ANSWER).state == AttemptState.ACCEPTED
    key, said = ApiKeys(writer).create("crm", [Scope.READ], NOW)
    assert ApiKeys(writer).known(said, NOW) == key
    assert ApiKeys(writer).revoke(key.id, NOW)


@pytest.mark.parametrize("statement", DDL)
def test_the_writer_changes_no_table_and_gives_nothing_away(server: PostgresServer, statement: str) -> None:
    assert refused(server.url("complaints", WRITER), statement)


def test_the_writer_deletes_only_where_the_product_does(server: PostgresServer) -> None:
    url = server.url("complaints", WRITER)
    for table in Base.metadata.tables:
        assert refused(url, f"DELETE FROM {table} WHERE false") == ("DELETE" not in privileges(WRITER, table)), table
    assert refused(url, "DELETE FROM alembic_version")
    assert refused(url, "UPDATE alembic_version SET version_num = 'x'")
    deleted_in_the_code = {
        row
        for folder in ("activities", "starter", "worker")
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "erasing.py"  # the owner's: below
        for row in re.findall(r"\bdelete\((\w+Row)\)", file.read_text("utf-8"))
    }
    tables = {mapper.class_.__name__: mapper.class_.__tablename__ for mapper in Base.registry.mappers}
    may = {table for table in Base.metadata.tables if "DELETE" in privileges(WRITER, table)}
    assert {tables[row] for row in deleted_in_the_code} == may


def test_only_the_owner_erases(server: PostgresServer, writer: Register) -> None:
    last = lives.renamed(lives.ordinary()[-1], "REC-2026-ERASED")
    Dossiers(writer).record(last)
    if Dossiers(writer).standing(last.reference).stage != Stage.CLOSED:  # type: ignore[union-attr]
        with writer.session() as session:
            session.get_one(DossierRow, last.reference).stage = Stage.CLOSED
    with pytest.raises(NotErasable, match="not_owner"):
        Erasures(writer).begin(last.reference, {}, "c-001", NOW)
    owner = Register(server.url("complaints", OWNER))
    try:
        Erasures(owner).begin(last.reference, anonymous(line_of(last)), "c-001", NOW)
        assert Erasures(owner).finish(last.reference) > 0
    finally:
        owner.close()
    assert Dossiers(writer).carried(last.reference) is None
    assert not Dossiers(writer).record(last), "what comes late does not bring it back"
    with pytest.raises(Erased):
        Dossiers(writer).remembered(last.reference)


def test_the_reader_reads_what_a_report_needs(server: PostgresServer, writer: Register, reader: Register) -> None:
    last = lives.ordinary()[-1]
    Dossiers(writer).record(last)
    reader.require_current()
    assert Dossiers(reader).carried(last.reference) == last
    assert Dossiers(reader).letters(last.reference) == Dossiers(writer).letters(last.reference)
    assert received_of(Mailbox(writer), last.reference) == ()
    assert received_of(Mailbox(reader), last.reference) is None, "an archive says that it has no e-mails"


def test_the_reader_writes_nothing_even_where_it_lifts_its_own_setting(server: PostgresServer) -> None:
    url = server.url("complaints", READER)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE mine (x int)")
    lifted = "SET default_transaction_read_only = off"
    for table in [*Base.metadata.tables, "alembic_version"]:
        column = "version_num" if table == "alembic_version" else Base.metadata.tables[table].columns.keys()[0]
        assert refused(url, f"DELETE FROM {table}", lifted), table
        assert refused(url, f"UPDATE {table} SET {column} = NULL", lifted), table
        assert refused(url, f"INSERT INTO {table} ({column}) VALUES (NULL)", lifted), table
    for statement in DDL:
        assert refused(url, statement, lifted), statement


@pytest.mark.parametrize("table", ["accounts", "api_keys", "sessions", "idempotency_keys", "messages", "proposals"])
def test_the_reader_sees_nothing_of_keys_passwords_and_drafts(server: PostgresServer, table: str) -> None:
    assert refused(server.url("complaints", READER), f"SELECT * FROM {table}")


def test_what_somebody_gave_by_hand_is_taken_back_by_the_next_set_up(server: PostgresServer) -> None:
    owner = Register(server.url("complaints", OWNER))
    assert grant(owner) == []
    with owner.engine.begin() as connection:
        connection.execute(sa.text(f"GRANT SELECT, UPDATE ON api_keys TO {READER}"))
        connection.execute(sa.text(f"REVOKE INSERT ON journal FROM {WRITER}"))
    assert grant(owner) == [f"register: {WRITER} on journal", f"register: {READER} on api_keys"]
    assert grant(owner) == []
    owner.close()


def test_a_worker_that_sets_the_register_up_changes_nothing(writer: Register) -> None:
    assert writer.migrate() == []
    assert grant(writer) == []


def test_the_roles_may_be_made_again(server: PostgresServer) -> None:
    before = server.run("SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles ORDER BY 1")
    passwords = [f"--set={role}_password=it's new" for role in ("owner", "writer", "reader")]
    server.psql("--file", str(ROOT / "deploy" / "postgresql" / "roles.sql"), *passwords)
    assert server.run("SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles ORDER BY 1") == before
    assert all(not any(rights) for name, *rights in before if str(name).startswith("complaints_"))


def test_figures_and_exports_are_made_as_the_reader(server: PostgresServer, writer: Register, tmp_path: Path) -> None:
    Dossiers(writer).record(lives.ordinary()[-1])
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_"))} | {
        "COMPLAINTS_REGISTER_URL": server.url("complaints", READER),
        "COMPLAINTS_DATA_DIR": str(tmp_path),
        "COMPLAINTS_FIRM_FILE": str(Settings(_env_file=None).firm_file),
    }
    program = str(Path(sys.executable).with_name("complaints"))
    for words in (
        ["register", "show", lives.REFERENCE, "--json"],
        ["register", "figures", "--year", "2026", "--format", "json"],
        ["register", "export", "--year", "2026", "--format", "json"],
        ["dossier", "export", lives.REFERENCE, "--out", str(tmp_path / "dossier.zip"), "--json"],
    ):
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr, done.stdout)
        assert json.loads(done.stdout)
