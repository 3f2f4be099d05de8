"""The load: starts, answers and waits as any client does, and counts by visibility and histories alone.

It knows the product by the name of its workflow and its JSON, never by its code: both parties are driven alike.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from tests.benchmarks import histories
from tests.benchmarks.processes import Server, WorkerProcess

Handle = WorkflowHandle[Any, Any]
ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}
INVESTIGATING, ANSWERED = "investigating", "answered"
_PATIENCE_SECONDS, _BETWEEN_COUNTS_SECONDS = 3600.0, 0.1
_AT_ONCE = 200


@dataclass(frozen=True)
class Party:
    """What is measured: a workflow, what it is opened with, and how its worker is started."""

    name: str
    workflow: str
    queue: str
    opening: dict[str, Any]
    answered_after: timedelta
    """From the start: the day after the second letter."""
    worker: Callable[[Server, str], Awaitable[WorkerProcess]]
    converter: DataConverter | None = None
    """How its messages are written, if not as plain JSON."""


def complaint() -> dict[str, Any]:
    """Give the complaint of an ordinary life: by e-mail, received today."""
    today = datetime.now(ZoneInfo("Europe/Paris")).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "received_at": today.isoformat(),
        "sent_on": today.date().isoformat(),
        "channel": "email",
        "received_by": "broker",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
        "policy_number": "AUTO-2024-118",
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
    }


async def each(acts: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Do all, so many at once; the results are in order."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(act: Callable[[], Awaitable[Any]]) -> Any:
        async with free:
            return await act()

    return list(await asyncio.gather(*(one(act) for act in acts)))


class Load:
    """Drives one party through one server."""

    def __init__(self, client: Client, party: Party) -> None:
        """`client` speaks plain JSON."""
        if party.converter:
            client = Client(**client.config() | {"data_converter": party.converter})
        self._client, self.party = client, party
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))

    async def start(self) -> Handle:
        """Start one."""
        return await self._client.start_workflow(
            self.party.workflow,
            self.party.opening,
            id=f"REC-{uuid.uuid4().hex[:12].upper()}",
            task_queue=self.party.queue,
        )

    async def starts(self, count: int) -> tuple[list[Handle], float]:
        """Start so many; also how many a second were taken."""
        begun = time.perf_counter()
        handles = await each([self.start] * count)
        return handles, count / (time.perf_counter() - begun)

    async def opened(self, count: int) -> list[Handle]:
        """Start so many, and wait until they are parked; nothing else of the party is open."""
        handles, _ = await self.starts(count)
        await self.until(INVESTIGATING, count)
        return handles

    async def until(self, stage: str, count: int) -> None:
        """Wait until so many stand at a stage."""
        query = f"ComplaintStage = '{stage}' AND TaskQueue = '{self.party.queue}' AND ExecutionStatus = 'Running'"
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await self._client.count_workflows(query)).count < count:  # noqa: ASYNC110 -- another process counts
                await asyncio.sleep(_BETWEEN_COUNTS_SECONDS)

    async def answer(self, handles: Sequence[Handle]) -> None:
        """Give the answer of each."""
        await each([partial(handle.signal, "response_given", ANSWER) for handle in handles])

    async def histories(self, handles: Sequence[Handle]) -> list[list[HistoryEvent]]:
        """Read what was written of each."""
        return [list((await handle.fetch_history()).events) for handle in handles]

    async def to_day_40(self, handles: Sequence[Handle]) -> None:
        """Let time pass up to the day after the second letter, for those that wait."""
        await self.take_ahead(handles, self.party.answered_after)

    async def take_ahead(self, handles: Sequence[Handle], span: timedelta) -> None:
        """Take each one's own clock so far ahead; from there it runs in real time again."""
        await each([partial(self._skipper.fast_forward, handle, span) for handle in handles])

    async def to_the_end(self, handles: Sequence[Handle]) -> None:
        """Let time pass up to the end of the mediator's year, for those that were answered."""
        await each([partial(self._skipper.fast_forward, handle) for handle in handles])

    async def lives(self, count: int) -> list[Handle]:
        """Live so many ordinary lives, each part of them together: time is skipped only where all wait."""
        handles = await self.opened(count)
        await self.to_day_40(handles)
        await self.answer(handles)
        await self.until(ANSWERED, count)
        await self.to_the_end(handles)
        return handles

    async def alone(self) -> tuple[float, float]:
        """Without load: milliseconds from the start to the first letter, and from the answer to its letter."""
        handle = await self.start()
        events = await self.until_letter(handle, 1)
        first = histories.letters(events)[0] - histories.at(events[0])
        await asyncio.sleep(0.05)  # it parks
        act = await self.act(handle)
        await handle.terminate()
        return _milliseconds(first), act

    async def act(self, handle: Handle) -> float:
        """Answer one that has its first letter: milliseconds from the event to the act it calls for."""
        await handle.signal("response_given", ANSWER)
        events = await self.until_letter(handle, 2)
        return _milliseconds(histories.letters(events)[1] - histories.signals(events)[0])

    async def noted(self, notes: int) -> Handle:
        """Open one and add notes, each when the one before is recorded: a long history."""
        handle = await self.start()
        await self.until_letter(handle, 1)
        for _ in range(notes):
            await handle.signal("note_added", {"text": "Le client a rappelé."})
            await asyncio.sleep(0.03)
        return handle

    async def end(self, handles: Sequence[Handle]) -> None:
        """Leave nothing open behind."""
        await each([handle.terminate for handle in handles])

    async def until_letter(self, handle: Handle, number: int) -> list[HistoryEvent]:
        """Follow a history up to so many letters."""
        events = []
        async for event in handle.fetch_history_events(wait_new_event=True):
            events.append(event)
            if len(histories.letters(events)) == number:
                break
        return events


def rate(since: Sequence[datetime], until: Sequence[datetime]) -> float:
    """Say how many a second were done, from the first that began to the last that was done."""
    return len(until) / (max(until) - min(since)).total_seconds()


def _milliseconds(span: timedelta) -> float:
    return 1000 * span.total_seconds()
