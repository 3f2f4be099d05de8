"""The durable timers of a complaint: at most one for each running clock, named after it on the timeline."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class ClockTimers:
    """Keeps one timer for each clock, re-armed only when its instant changes; calls `ring` when one fires."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """Start without timers; `ring` is called in the workflow when one fires."""
        self._ring = ring
        self._armed: dict[str, tuple[datetime, asyncio.Task[None]]] = {}

    def set(self, wanted: dict[str, tuple[datetime, str]]) -> None:
        """Have exactly these timers: key -> (aware instant, label)."""
        for key, (instant, task) in list(self._armed.items()):
            if key not in wanted or wanted[key][0] != instant:
                task.cancel()
                del self._armed[key]
        for key, (instant, label) in wanted.items():
            if key not in self._armed:
                self._armed[key] = (instant, asyncio.create_task(self._wait(key, instant, label)))

    async def _wait(self, key: str, instant: datetime, label: str) -> None:
        # A timer that was set in the past fires at once: what is overdue is acted on, never skipped.
        duration = max(instant - workflow.now(), timedelta(0))
        await workflow.sleep(duration, summary=label)
        del self._armed[key]
        self._ring()
