"""A server and its workers, each a process that can be killed."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.faults.processes import World


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    there = World(tmp_path)
    try:
        await there.start()
        yield there
    finally:
        await there.end()
        sys.stdout.write(there.logs())  # shown when the test failed
