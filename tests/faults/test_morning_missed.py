"""Temporal is down over two mornings: when it is back, one is held, not one for each. A day has twenty seconds here."""

import asyncio
import time as machine
import uuid
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, ScheduleActionStartWorkflow, ScheduleIntervalSpec, ScheduleSpec

from tests.ports import free_port
from worker.embedded import EmbeddedServer
from worker.hosting import build_worker
from worker.schedule import CATCHES_UP, SCHEDULE_ID, morning_schedule
from worker.settings import Settings
from workflows.morning_messages import MorningRequest

DAY = timedelta(seconds=20)
A_SUNDAY = datetime(2026, 11, 29, 9, tzinfo=UTC)
_REAL_DAY = timedelta(days=1)
_PATIENCE = 600.0

pytestmark = pytest.mark.slow


def morning_after(instant: datetime) -> datetime:
    """Give the next multiple of a day: intervals of a schedule are counted from the epoch."""
    days = int(instant.timestamp() // DAY.total_seconds()) + 1
    return datetime.fromtimestamp(days * DAY.total_seconds(), UTC)


async def until(instant: datetime) -> None:
    await asyncio.sleep(max(0.0, instant.timestamp() - machine.time()))


async def held(client: Client) -> set[str]:
    """Name the mornings that were started, by the instants they were due."""
    return {
        execution.id.removeprefix(f"{SCHEDULE_ID}-")
        async for execution in client.list_workflows("WorkflowType = 'Morning'")
    }


def named(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


async def wait_for(client: Client, morning: datetime) -> None:
    give_up_at = machine.monotonic() + _PATIENCE
    while named(morning) not in await held(client):
        assert machine.monotonic() < give_up_at, f"{morning} was not held: {await held(client)}"
        await asyncio.sleep(0.2)


async def test_two_mornings_missed_while_temporal_was_down_are_one_when_it_is_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", durable=False)
    server = EmbeddedServer(tmp_path / "temporal.db", free_port(), free_port())
    schedule = morning_schedule(time(9), settings.task_queue)
    schedule.spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=DAY)])
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    schedule.action.args = [MorningRequest(at=A_SUNDAY)]  # else it would wait, at night, until the office opens
    schedule.policy.catchup_window = DAY * (CATCHES_UP / _REAL_DAY)

    client = await server.start()
    try:
        async with build_worker(client, settings):
            await client.create_schedule(SCHEDULE_ID, schedule)
            # One that is due at this very moment may pass before the schedule stands.
            last = morning_after(datetime.now(UTC) + timedelta(seconds=4))
            await wait_for(client, last)
            await client.get_workflow_handle(f"{SCHEDULE_ID}-{named(last)}").result()
    finally:
        await server.stop()
    before = last + DAY, last + 2 * DAY
    await until(before[1] + timedelta(seconds=2))

    client = await server.start()
    try:
        async with build_worker(client, settings):
            await wait_for(client, before[1])
            await wait_for(client, before[1] + DAY)
            info = (await client.get_schedule_handle(SCHEDULE_ID).describe()).info
            assert named(before[0]) not in await held(client)
            assert info.num_actions_missed_catchup_window == 1
    finally:
        await server.stop()
