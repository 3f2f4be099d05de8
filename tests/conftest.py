"""The real server with its time skipping, one for each test process; a worker with the real activities."""

import os
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.stage import Stage
from tests.workers import Workers
from worker.embedded import time_skipping
from worker.settings import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let stories be told with changing workers, and the fault run be longer or be played again."""
    parser.addoption("--fresh-workers", action="store_true", help="another worker before whatever happens in a story")
    parser.addoption("--fault-seconds", type=int, default=75, help="how long the fault run breaks things")
    parser.addoption("--fault-seed", type=int, help="the fault run's seed, as a run that failed printed it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With changing workers, tell only what is told on a worker that can change: all else has been tested without."""
    if config.getoption("--fresh-workers"):
        told = {item for item in items if "hosted" in getattr(item, "fixturenames", ())}
        config.hook.pytest_deselected(items=[item for item in items if item not in told])
        items[:] = [item for item in items if item in told]


def pytest_configure(config: pytest.Config) -> None:
    """Have workflows run in the sandbox, where the product goes without; the processes that tests start are as shipped.

    So what is not deterministic is found here. Random lives are the same ones in every run, so that a suite that was
    green stays so, and a loaded machine is no failure; `--hypothesis-profile explore` tries others.
    """
    os.environ.setdefault("COMPLAINTS_SANDBOX", "true")
    patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.register_profile("repeatable", patient, derandomize=True)
    hypothesis.settings.register_profile("explore", patient, derandomize=False)
    hypothesis.settings.load_profile(config.getoption("--hypothesis-profile") or "repeatable")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """Run one real server for the session."""
    async with time_skipping() as running:
        yield running


@pytest.fixture
def hosted(environment: WorkflowEnvironment, request: pytest.FixtureRequest) -> Callable[[Settings], Workers]:
    """Host complaints by settings: by one worker, or by another before whatever happens when the run asks for it."""
    fresh = bool(request.config.getoption("--fresh-workers"))
    return lambda settings: Workers(environment.client, settings, fresh=fresh)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    environment: WorkflowEnvironment, tmp_path: Path, hosted: Callable[[Settings], Workers]
) -> AsyncIterator[Stage]:
    """Give a task queue of its own, a worker on it, and an outbox in a temporary folder."""
    settings = Settings(data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", durable=False)
    async with hosted(settings) as workers:
        yield Stage(environment, settings, workers)
