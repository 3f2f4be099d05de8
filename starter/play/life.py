"""One complaint played on the server that skips time: opened, heard, led through its months by its own clock."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from starter.client import ComplaintError, Complaints, InvalidComplaint, NotAnswering
from workflows import search_attributes
from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Carried

_PATIENCE = timedelta(minutes=2)
"""For one step, by the wall clock: a step takes moments, and a complaint that hangs must not stop the others."""
_STRIDE = timedelta(days=500)
"""The server skips at most 200 times in one go; a complaint acts a few dozen times in such a stretch."""
_STRIDES_TO_THE_END = 3
"""The right to the mediator, which keeps an answered complaint open, ends a year after it was sent."""
_LOOKS_AGAIN_SECONDS = 0.02

_Result = TypeVar("_Result")


class Stuck(Exception):
    """Why a complaint could not be played on; `args[0]` is a sentence."""


class PlayedLife:
    """A complaint and its own virtual clock. Every method raises `Stuck` when a step does not come to its end."""

    def __init__(self, environment: WorkflowEnvironment, task_queue: str, reference: str) -> None:
        """Prepare the life of `reference`; nothing runs before `opens`."""
        self.reference = reference
        self._environment = environment
        self._complaints = Complaints(environment.client, task_queue)
        self._handle = self._complaints.handle(reference)
        self._skipped = self.over = False

    async def opens(self, complaint: dict[str, Any]) -> None:
        """Receive the complaint. Raises as `Complaints.open`."""
        await self._in_time("opening", self._complaints.open(complaint, self.reference))

    async def until(self, instant: datetime) -> None:
        """Let it live until `instant` (aware), or to its end if that comes first.

        When the instant has passed already, until its first acts are done.
        """
        # Until its time is skipped for the first time, a complaint's clock is everybody's.
        now = await self._environment.get_current_time(self._handle) if self._skipped else datetime.now(UTC)
        left = instant - now
        if left <= timedelta(0) and not self._skipped:
            await self.at_rest()
        while left > timedelta(0) and not self.over:
            await self._skip(min(left, _STRIDE), f"{instant:%Y-%m-%d}")
            left -= _STRIDE

    async def hears(self, kind: str, event: dict[str, Any]) -> None:
        """Send it an event, now; one that it cannot accept stands in its journal as refused, after its end nowhere."""
        try:
            await self._in_time(kind, self._handle.signal(kind, event))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self.over = True

    async def until_the_end(self) -> None:
        """Let it live until it closes by itself."""
        for _ in range(_STRIDES_TO_THE_END):
            await self._skip(_STRIDE, "its end")
            if self.over:
                return
        raise Stuck(f"no end came within {(_STRIDE * _STRIDES_TO_THE_END).days} days of the answer")

    async def result(self) -> dict[str, Any]:
        """Give the last state of a complaint that is over."""
        last: dict[str, Any] = await self._in_time("its result", self._handle.result())
        return last

    async def at_rest(self) -> dict[str, Any]:
        """Give the dossier once the complaint has done all that it had to do at this instant."""
        return await self._in_time("its rest", dossier_at_rest(self._complaints, self.reference))

    async def carried(self) -> Carried:
        """Give all there is to its dossier."""
        return await self._in_time("its dossier", self._carried())

    async def _carried(self) -> Carried:
        while True:
            with suppress(NotAnswering):
                return await self._complaints.carried(self.reference)

    async def search_attributes(self) -> dict[str, str]:
        """Give its search attributes by their names, as text."""
        described = await self._in_time("its search attributes", self._handle.describe())
        ours = {key.name for key in search_attributes.ALL}
        return {
            pair.key.name: _as_text(pair.value)
            for pair in described.typed_search_attributes.search_attributes
            if pair.key.name in ours
        }

    async def _skip(self, duration: timedelta, until: str) -> None:
        self._skipped = True
        self.over = not await self._in_time(until, self._environment.fast_forward(self._handle, duration))

    async def _in_time(self, step: str, awaited: Awaitable[_Result]) -> _Result:
        try:
            return await asyncio.wait_for(awaited, _PATIENCE.total_seconds())
        except TimeoutError:
            raise Stuck(f"{self.reference}: waited {_PATIENCE.total_seconds():.0f} seconds for {step}") from None


def in_words(error: Exception) -> str:
    """Say why a complaint could not be played, for a report."""
    if isinstance(error, WorkflowFailureError) and isinstance(error.cause, ApplicationError):
        return f"the complaint failed: {error.cause.message}"
    told = isinstance(error, ComplaintError | InvalidComplaint | Stuck)
    return str(error) if told else f"{type(error).__name__}: {error}"


def _as_text(value: object) -> str:
    return value.astimezone(PARIS).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


async def dossier_at_rest(complaints: Complaints, reference: str) -> dict[str, Any]:
    """Wait until a complaint has done all that it had to do at this instant of its own, and give its dossier.

    Raises:
        WorkflowFailureError: it could not be opened.

    """
    handle = complaints.handle(reference)
    while True:
        execution = await handle.describe()
        described = execution.raw_description
        if execution.status is WorkflowExecutionStatus.FAILED:
            await handle.result()  # it says why
        if not described.pending_activities and not described.HasField("pending_workflow_task"):
            # Until its dossier is open a complaint cannot be asked.
            with suppress(NotAnswering):
                return await complaints.dossier(reference)
        await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
