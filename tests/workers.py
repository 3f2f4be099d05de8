"""The worker of a test's complaints; a test run may ask for another one before whatever happens."""

from contextlib import AsyncExitStack
from typing import Self

from temporalio.client import Client

from worker.hosting import build_worker
from worker.settings import Settings


class Workers:
    """One worker after the other on a task queue, each without anything of what the one before had in memory."""

    def __init__(self, client: Client, settings: Settings, *, fresh: bool) -> None:
        """Prepare; `fresh`: whether `take_over` brings another worker, or leaves the only one at its work."""
        self._client, self._settings, self._fresh = client, settings, fresh
        self._present = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start the first."""
        await self._present.enter_async_context(build_worker(self._client, self._settings))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the present one."""
        await self._present.aclose()

    async def take_over(self) -> None:
        """Have another worker take over, as on a release: what it knows of a complaint, it replays."""
        if self._fresh:
            await self._present.aclose()
            await self.__aenter__()
