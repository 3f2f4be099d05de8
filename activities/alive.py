"""Signs of life: an attempt whose worker was killed is made again within seconds, not when its whole time is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

_SIGNS_WITHIN_THE_TIME = 3


@asynccontextmanager
async def alive() -> AsyncIterator[None]:
    """Give signs of life (heartbeats) as long as the block runs; none for an activity that is not asked for any."""
    asked = activity.info().heartbeat_timeout
    if not asked:
        yield
        return
    signs = asyncio.create_task(_every(asked.total_seconds() / _SIGNS_WITHIN_THE_TIME))
    try:
        yield
    finally:
        signs.cancel()


async def _every(seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        activity.heartbeat()
