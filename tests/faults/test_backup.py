"""What a backup brings back, and what not: the real server, workers and databases, lost and restored.

The numbers in docs/backup.md are those asserted here.
"""

import asyncio
import hashlib
import shutil
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.access.api_keys import ApiKeys, Scope
from activities.firm.load import FirmFile
from activities.register.backup import copy_register
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.grants import WRITER
from starter.client import ComplaintError, Complaints
from starter.register.check import MISSING, check
from starter.register.rebuild import rebuild
from starter.register.recompose import by_the_present_words
from starter.register.resume import Resumed, resume
from tests.faults.processes import World
from tests.postgres import PostgresServer
from tests.register import lives
from tests.register.conftest import owned, postgres
from tests.stage import Stage, Told

__all__ = ["postgres"]
pytestmark = pytest.mark.slow

_PATIENCE = 240.0
NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


class File:
    """A register on SQLite, its copy, and its loss."""

    def __init__(self, stage: Stage) -> None:
        self.file = stage.settings.data_dir / "register.db"
        self.copy = self.file.with_name("copy.db")
        self.url = f"sqlite:///{self.file}"
        register = Register(self.url)
        register.migrate()
        register.close()

    def back_up(self) -> None:
        register = Register(self.url)
        copy_register(register, self.copy)
        register.close()

    def lose_and_restore(self) -> None:
        for left in self.file.parent.glob("register.db*"):
            left.unlink()
        shutil.copy(self.copy, self.file)


class Database:
    """A register on PostgreSQL, its dump, and its loss."""

    def __init__(self, postgres: PostgresServer, folder: Path) -> None:
        self._postgres, self._dump = postgres, folder / "register.dump"
        self.url = postgres.migrated()

    def back_up(self) -> None:
        self._postgres.program("pg_dump", "--format=custom", "--file", str(self._dump), owned(self.url))

    def lose_and_restore(self) -> None:
        name = self._postgres.create(uuid.uuid4().hex)
        self._postgres.program("pg_restore", "--exit-on-error", "--dbname", self._postgres.url(name), str(self._dump))
        self.url = self._postgres.url(name, WRITER)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_register_restored_from_an_older_copy_gets_back_from_temporal_all_that_is_on_complaints(
    world: World, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("register")
        there: File | Database = (
            File(stage) if backend == "sqlite" else Database(request.getfixturevalue("postgres"), tmp_path)
        )
        await world.start_worker(stage, COMPLAINTS_REGISTER_URL=there.url)
        old = await asyncio.gather(*(stage.opens() for _ in range(3)))
        await asyncio.gather(*(told.until_day(5) for told in old))
        await asyncio.gather(*(told.settled() for told in old))
        register = Register(there.url)
        _, key_before = ApiKeys(register).create("before", [Scope.READ], NOW)
        await asyncio.to_thread(there.back_up)

        # After the backup: an event and a letter on each of the three, two more complaints, one more key.
        for told in old:
            await told.submit("note_added", id="note-after", text="Le client a rappelé.")
            await told.until_day(20)
            assert await told.kinds() == ["acknowledgement", "holding"]
        new = [await stage.opens() for _ in range(2)]
        _, key_after = ApiKeys(register).create("after", [Scope.READ], NOW)
        lost = lives.everything(register)
        register.close()

        await world.kill_workers()
        await asyncio.to_thread(there.lose_and_restore)
        register = Register(there.url)
        restored = lives.everything(register)
        await world.start_worker(stage, COMPLAINTS_REGISTER_URL=there.url)
        client = stage.environment.client

        missing = {name: len(rows) - len(restored[name]) for name, rows in lost.items()}
        assert {name: count for name, count in missing.items() if count} == {
            "dossiers": 2, "persons": 2, "assignments": 2, "journal": 6 + 8, "letters": 3 + 2, "attempts": 3 + 2,
            "api_keys": 1,
        }  # fmt: skip
        lags = {lag.reference: lag.differs for lag in await check(client, register)}
        assert {reference for reference, differs in lags.items() if differs == (MISSING,)} == _references(*new)
        assert set(lags) == _references(*old, *new)

        recompose = by_the_present_words(FirmFile(stage.settings.firm_file)(), stage.settings.templates.resolve())
        done = await rebuild(client, register, recompose)
        assert (done.complaints, done.written, done.attempts, done.gaps, done.unread) == (5, 5, 5, {}, {})
        assert await check(client, register) == []
        again = lives.everything(register)
        assert {name for name in lost if again[name] != lost[name]} == {"api_keys"}, "no events, no e-mails came here"
        for row in again["attempts"]:
            assert hashlib.sha256(row["content"]).hexdigest() == row["sha256"], "each letter byte for byte as it left"

        keys = ApiKeys(register)
        assert keys.known(key_before, NOW)
        assert keys.known(key_after, NOW) is None, "Temporal knows nothing of keys and accounts"
        register.close()


class Restored:
    """Temporal's database copied, then four complaints that go on; the server lost, and a new one on the copy."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.copied_at: datetime
        self.untouched: Told
        self.behind: Told
        self.closed: Told
        self.unknown: Told

    async def play(self, world: World) -> Register:
        stage = self.stage
        await world.start_worker(stage)
        self.untouched, self.behind, self.closed = [await stage.opens() for _ in range(3)]
        for told in (self.untouched, self.behind, self.closed):
            await told.until_day(5)
            assert len((await told.settled())["journal"]) == 4
        self.copied_at = await self.behind.now()
        copy = world.folder / "copy.db"
        await asyncio.to_thread(copied_while_it_runs, world.folder / "temporal.db", copy)

        # After the copy: an event and a letter on one, the end of another, and one more complaint.
        await self.behind.submit("note_added", id="note-after", text="Le client a rappelé.")
        await self.behind.until_day(20)
        assert await self.behind.kinds() == ["acknowledgement", "holding"]
        assert len((await self.behind.settled())["journal"]) == 6
        await self.closed.submit("withdrawn", id="withdrawn-after")
        await self.closed.result()
        self.unknown = await stage.opens()

        await world.kill_workers()
        await world.kill_server()
        assert {left.name for left in world.folder.glob("temporal.db*")} >= {"temporal.db", "temporal.db-wal"}
        for left in world.folder.glob("temporal.db*"):
            left.unlink()
        shutil.copy(copy, world.folder / "temporal.db")
        await world.start()
        await world.start_worker(stage)
        return Register(stage.settings.register_address)


async def test_temporal_restored_from_an_older_copy_goes_on_and_what_came_after_the_copy_is_lost(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("temporal")
        story = Restored(stage)
        register = await story.play(world)
        client, dossiers, behind = stage.environment.client, Dossiers(register), story.behind

        for told in (story.untouched, behind, story.closed):
            assert len((await told.settled())["journal"]) == 4
        assert timedelta(0) <= await behind.now() - story.copied_at < timedelta(minutes=5), (
            "clocks stand where they stood"
        )
        complaints = Complaints(client, stage.settings.task_queue, memory=dossiers.carried)
        with pytest.raises(ComplaintError, match="open in the register, unknown to Temporal"):
            await complaints.submit(story.unknown.reference, "note_added", {"text": "x"})
        assert {lag.reference for lag in await check(client, register)} == _references(behind, story.closed)
        assert "note-after" in _events(dossiers, behind)

        # The letter that left after the copy falls due again; the register knows that it left.
        await behind.submit("note_added", id="note-since", text="Entre-temps.")
        await behind.until_day(20)
        assert await behind.kinds() == ["acknowledgement", "holding"]
        assert len(_letters(stage, "holding")) == 1
        # Overtaken, the register has lost the event too: `resume` has to come first.
        assert "note-after" not in _events(dossiers, behind)
        assert behind.reference not in (await resume(client, register, stage.settings.task_queue)).behind
        register.close()


async def test_complaints_go_on_from_the_register_where_a_restored_temporal_knows_less(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("resumed")
        story = Restored(stage)
        register = await story.play(world)
        client, dossiers, queue = stage.environment.client, Dossiers(register), stage.settings.task_queue
        await story.behind.submit("note_added", id="note-since", text="Entre-temps.")
        held = {reference: dossiers.carried(reference) for reference in dossiers.references()}

        assert await resume(client, register, queue) == Resumed(
            unknown=[story.unknown.reference],
            behind={story.behind.reference: ("note-since",)},
            closed=[story.closed.reference],
        )
        # Their handles may mean a run that was ended.
        untouched, behind, unknown = (
            Told(stage, client.get_workflow_handle(told.reference))
            for told in (story.untouched, story.behind, story.unknown)
        )
        for told in (untouched, behind, unknown):
            carried = held[told.reference]
            assert carried
            assert [entry["id"] for entry in (await told.settled())["journal"]] == [e.id for e in carried.journal]
        assert await resume(client, register, queue) == Resumed(), "repeated, it does nothing"
        assert {lag.reference for lag in await check(client, register)} <= _references(story.closed)

        # They go on: each has one holding letter, whether it had left before or not, and the clocks are kept.
        for told in (untouched, behind, unknown):
            await told.until_day(20)
            assert await told.kinds() == ["acknowledgement", "holding"]
            assert (await told.clock("holding_letter"))["state"] == "kept"
        assert len(_letters(stage, "holding")) == 3
        assert "note-after" in _events(dossiers, behind)
        register.close()


def copied_while_it_runs(database: Path, copy: Path) -> None:
    """Copy the server's database by SQLite's own means, which also take what stands only in its write-ahead log."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        assert target.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _references(*stories: Told) -> set[str]:
    return {told.reference for told in stories}


def _events(dossiers: Dossiers, told: Told) -> list[str]:
    carried = dossiers.carried(told.reference)
    assert carried
    return [entry.id for entry in carried.journal]


def _letters(stage: Stage, kind: str) -> list[Any]:
    return [path for path in stage.settings.outbox.rglob("*.eml") if f"_{kind}_" in path.name]
