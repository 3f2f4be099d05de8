"""The durable timers of a complaint: at most one for each running clock, named after it on the timeline."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

LOOKED_AT_AGAIN_AFTER = timedelta(hours=1)
"""What rang and still stands after all was done would ring at once, and for ever: it is looked at now and then."""


class ClockTimers:
    """Keeps one timer for each clock, re-armed only when its instant changes; calls `ring` when one fires."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """Start without timers; `ring` is called in the workflow when one fires."""
        self._ring = ring
        self._armed: dict[str, tuple[datetime, asyncio.Task[None]]] = {}
        self._rang: dict[str, datetime] = {}

    def set(self, wanted: dict[str, tuple[datetime, str]]) -> None:
        """Have exactly these timers: key -> (aware instant, label); to be called when nothing is left to do."""
        self._rang = {key: instant for key, instant in self._rang.items() if key in wanted}
        for key, (instant, task) in list(self._armed.items()):
            if key not in wanted or wanted[key][0] != instant:
                task.cancel()
                del self._armed[key]
        for key, (instant, label) in wanted.items():
            if key not in self._armed:
                self._armed[key] = (instant, asyncio.create_task(self._wait(key, instant, label)))

    async def _wait(self, key: str, instant: datetime, label: str) -> None:
        # A timer that was set in the past fires at once: what is overdue is acted on, never skipped.
        at_least = LOOKED_AT_AGAIN_AFTER if self._rang.get(key) == instant else timedelta(0)
        await workflow.sleep(max(instant - workflow.now(), at_least), summary=label)
        del self._armed[key]
        self._rang[key] = instant
        self._ring()
