"""Asked and told in the very moment in which a new worker knows nothing yet: every release, every crash is one."""

import asyncio
import uuid
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.stage import Stage, Told
from tests.workers import Workers
from worker.settings import Settings

_COMPLAINTS, _WORKERS, _QUESTIONS = 3, 12, 8
_APART = 0.01
"""Seconds between two questions: some are put while the worker replays, some while it records, some after."""


async def _asked_and_told(told: Told, number: int) -> None:
    async def ask(after: float) -> None:
        await asyncio.sleep(after)
        assert (await told.dossier())["reference"] == told.reference

    async with asyncio.TaskGroup() as at_once:
        for place in range(_QUESTIONS):
            at_once.create_task(ask(place * _APART))
        await asyncio.sleep(number % _QUESTIONS * _APART)
        await told.signal("note_added", {"text": f"Note {number}"})


@pytest.mark.slow
async def test_who_asks_while_a_new_worker_takes_over_is_answered_and_what_is_said_counts_once(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", durable=False)
    async with Workers(environment.client, settings, fresh=True) as workers:
        complaints = [await Stage(environment, settings).opens() for _ in range(_COMPLAINTS)]
        for number in range(_WORKERS):
            await workers.take_over()
            await asyncio.gather(*(_asked_and_told(told, number) for told in complaints))
        for told in complaints:
            await told.settled()
            notes = [entry["data"]["text"] for entry in await told.entries("note_added")]
            assert notes == [f"Note {number}" for number in range(_WORKERS)]
