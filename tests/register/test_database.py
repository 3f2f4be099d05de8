"""The register's database: its tables come and go by migrations, and a stale one is refused with a sentence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

import activities.register.database as database
from activities.register.database import Register, RegisterNotReady
from activities.register.tables import Base, ProposalRow
from tests.register.conftest import owned
from tests.rehearsal import MONDAY, paris

MIGRATIONS = Path(database.__file__).parent / "migrations"


def alembic(step: Callable[[Config, str], None], url: str, revision: str) -> None:
    """Run Alembic as an operator would, beside the register."""
    register = Register(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with register.engine.begin() as connection:
        config.attributes["connection"] = connection
        step(config, revision)
    register.close()


def tables(url: str) -> set[str]:
    register = Register(url)
    found = set(sa.inspect(register.engine).get_table_names())
    register.close()
    return found


def test_the_tables_go_up_down_and_up_again(empty_url: str) -> None:
    register = Register(empty_url)
    assert register.migrate() == ["register: empty → 0007"]
    assert set(Base.metadata.tables) < tables(empty_url)
    assert register.migrate() == []
    alembic(command.downgrade, empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    alembic(command.upgrade, empty_url, "head")
    register.require_current()
    register.close()


def test_of_answers_begun_at_the_same_instant_before_the_later_stays(empty_url: str) -> None:
    alembic(command.upgrade, empty_url, "0006")
    register, begun = Register(owned(empty_url)), paris(MONDAY, 9)
    rows = [
        ProposalRow(
            id=name, reference=reference, state=state, revision=1, answer={}, journal_lines=1,
            composed_by="c-001", composed_at=begun + timedelta(minutes=minutes),
        )
        for name, reference, state, minutes in [
            ("first", "REC-A", "proposed", 0), ("later", "REC-A", "draft", 1), ("last", "REC-A", "returned", 1),
            ("gone", "REC-A", "released", 2), ("only", "REC-B", "draft", 0),
        ]
    ]  # fmt: skip
    with register.session() as session:
        session.add_all(rows)
    assert register.migrate() == ["register: 0006 → 0007"]
    with register.reading() as session:
        states = {row.id: row.state for row in session.scalars(sa.select(ProposalRow))}
    register.close()
    assert states == {
        "first": "dropped", "later": "draft", "last": "dropped", "gone": "released", "only": "draft",
    }  # fmt: skip


def test_the_migrations_make_exactly_what_the_models_say(register: Register) -> None:
    with register.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_model_without_its_migration_would_be_found(url: str) -> None:
    register = Register(owned(url))
    with register.engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX uq_attempts_may_have_left"))
        context = MigrationContext.configure(connection)
        assert [difference[0] for difference in compare_metadata(context, Base.metadata)] == ["add_index"]
    register.close()


def test_several_that_migrate_at_once_do_it_once(empty_url: str) -> None:
    registers = [Register(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(len(registers)) as threads:
        done = list(threads.map(lambda register: register.migrate(), registers))
    assert sorted(done) == [[], [], [], ["register: empty → 0007"]]
    for register in registers:
        register.close()


@pytest.mark.parametrize(("revision", "said"), [("0000-of-long-ago", "0000-of-long-ago"), (None, "none")])
def test_a_register_at_another_revision_is_refused(url: str, revision: str | None, said: str) -> None:
    register = Register(owned(url))
    with register.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    with pytest.raises(
        RegisterNotReady, match=f"is at revision {said}, this release needs 0007: run `complaints setup`"
    ):
        register.require_current()
    register.close()


def test_an_empty_database_is_refused_until_it_is_set_up(empty_url: str) -> None:
    register = Register(empty_url)
    with pytest.raises(RegisterNotReady, match="run `complaints setup`"):
        register.require_current()
    register.migrate()
    register.require_current()
    register.close()


def test_an_address_that_is_none_is_refused_without_being_repeated() -> None:
    with pytest.raises(RegisterNotReady, match="COMPLAINTS_REGISTER_URL") as refused:
        Register("my secret pass phrase")
    assert "secret" not in str(refused.value)


def test_the_place_is_named_without_its_password() -> None:
    register = Register("postgresql://someone:secret@db.example.org/complaints")
    assert register.place == "postgresql+psycopg://someone:***@db.example.org/complaints"
    register.close()


def test_reading_holds_up_no_writer_and_sees_one_moment(register: Register) -> None:
    count = sa.text("SELECT count(*) FROM webhook_calls")
    with register.reading() as reader:
        assert reader.scalar(count) == 0
        with register.session() as writer:
            writer.execute(sa.text("INSERT INTO webhook_calls VALUES ('while it reads', '2026-11-23 08:00:00')"))
        assert reader.scalar(count) == 0
    with register.reading() as reader:
        assert reader.scalar(count) == 1


def test_what_is_read_from_cannot_be_written_by_mistake_in_postgresql(request: pytest.FixtureRequest) -> None:
    register = Register(request.getfixturevalue("postgres").migrated())
    with pytest.raises(sa.exc.DBAPIError, match="read-only transaction"), register.reading() as session:
        session.execute(sa.text("INSERT INTO webhook_calls VALUES ('x', '2026-11-23 08:00:00')"))
    register.close()
