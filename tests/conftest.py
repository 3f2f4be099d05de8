"""The real server with its time skipping, one for each test process; a worker with the real activities."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.stage import Stage
from worker.embedded import time_skipping
from worker.hosting import build_worker
from worker.settings import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the suite run with another worker cache, and the fault run be longer or be played again.

    Without a cache every step is replayed from the history.
    """
    parser.addoption("--cached-workflows", type=int, default=1000, help="the worker's workflow cache (0: replay all)")
    parser.addoption("--fault-seconds", type=int, default=75, help="how long the fault run breaks things")
    parser.addoption("--fault-seed", type=int, help="the fault run's seed, as a run that failed printed it")


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


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    environment: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """Give a task queue of its own, a worker on it, and an outbox in a temporary folder."""
    cached = int(request.config.getoption("--cached-workflows"))
    settings = Settings(
        data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", cached_workflows=cached, durable=False
    )
    async with build_worker(environment.client, settings):
        yield Stage(environment, settings)
