"""A complaint on the real server, told by a test: open, let time pass, send, look."""

import asyncio
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from tests.workers import Workers
from worker.settings import Settings
from workflows.procedure.calendar import PARIS, at_time

_PATIENCE = 600.0
"""Seconds until what is waited for will never come: no test is about speed, and machines are shared."""


class Told:
    """One complaint and its own virtual clock."""

    def __init__(self, stage: "Stage", handle: WorkflowHandle[Any, Any]) -> None:
        """Wrap a started complaint."""
        self.stage, self.handle = stage, handle

    @property
    def reference(self) -> str:
        """The complaint's reference."""
        return self.handle.id

    async def now(self) -> datetime:
        """Give the complaint's present instant (UTC)."""
        return (await self.stage.environment.get_current_time(self.handle)).astimezone(UTC)

    async def until(self, moment: datetime) -> "Told":
        """Let time pass up to an instant of the complaint's clock; does nothing when it is past."""
        ahead = moment - await self.now()
        if ahead > timedelta(0):
            await self.stage.something_happens()
            await asyncio.wait_for(self.stage.environment.fast_forward(self.handle, ahead), _PATIENCE)
        return self

    async def until_day(self, days: int, hour: int = 12) -> "Told":
        """Let time pass up to `hour` o'clock in Paris, `days` civil days after the complaint was received."""
        return await self.until(self.day(days, hour))

    async def until_clock(self, name: str, later: timedelta = timedelta(minutes=1)) -> "Told":
        """Let time pass up to so much after the last clock of that name acts, whatever day of the week it began."""
        return await self.until(datetime.fromisoformat((await self.clock(name))["act_at"]) + later)

    def day(self, days: int, hour: int = 12) -> datetime:
        """Give `hour` o'clock in Paris, `days` civil days after the receipt."""
        return at_time(self.stage.today + timedelta(days=days), datetime.min.time().replace(hour=hour))

    async def signal(self, kind: str, *inputs: Any) -> None:
        """Send a signal with any number of inputs, and wait until the complaint has taken it up."""
        before = len((await self.dossier())["journal"])
        await self.stage.something_happens()
        await self.handle.signal(kind, args=list(inputs))
        give_up_at = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up_at:
            if len((await self.dossier())["journal"]) > before:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the signal {kind} left no entry in the journal")

    async def submit(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Submit an event and return its receipt."""
        message = {"type": kind, "at": (await self.now()).isoformat(), **fields}
        await self.stage.something_happens()
        return await asyncio.wait_for(self.handle.execute_update("submit", message), _PATIENCE)

    async def refused(self, kind: str, **fields: Any) -> str:
        """Submit an event that must be refused, and return the reason."""
        try:
            await self.submit(kind, **fields)
        except WorkflowUpdateFailedError as error:
            return str(error.cause)
        raise AssertionError(f"{kind} was accepted")

    async def dossier(self) -> dict[str, Any]:
        """Query the whole state."""
        return await asyncio.wait_for(self.handle.query("dossier"), _PATIENCE)

    async def settled(self) -> dict[str, Any]:
        """Wait until the complaint has done what it had to at this instant (no activity pending), and query it."""
        give_up_at = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up_at:
            described = await self.handle.describe()
            pending = described.raw_description.pending_activities
            if not pending and not described.raw_description.HasField("pending_workflow_task"):
                return await self.dossier()
            await asyncio.sleep(0.02)
        raise AssertionError("the complaint never comes to rest")

    async def kinds(self) -> list[str]:
        """List the kinds of the letters made so far."""
        return [letter["kind"] for letter in (await self.settled())["letters"]]

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        """List the journal's entries of one type."""
        return [entry for entry in (await self.dossier())["journal"] if entry["type"] == kind]

    async def clock(self, name: str) -> dict[str, Any]:
        """Give the last clock of that name."""
        clocks: list[dict[str, Any]] = (await self.settled())["clocks"]
        found = [clock for clock in clocks if clock["clock"] == name]
        assert found, f"no clock {name}"
        return found[-1]

    async def result(self) -> dict[str, Any]:
        """Wait for the end of a complaint that has one."""
        return await asyncio.wait_for(self.handle.result(), _PATIENCE)


def today() -> date:
    """Give the civil date in Paris."""
    return datetime.now(PARIS).date()


def complaint_of(day: date, **changes: Any) -> dict[str, Any]:
    """Give a complete complaint received on that day at midnight in Paris."""
    return {
        "received_at": at_time(day, datetime.min.time()).isoformat(),
        "sent_on": day.isoformat(),
        "channel": "email",
        "received_by": "broker",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
        "policy_number": "AUTO-2024-118",
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
        **changes,
    }


class Stage:
    """A server, a worker and an outbox on which complaints are played."""

    def __init__(self, environment: WorkflowEnvironment, settings: Settings, workers: Workers | None = None) -> None:
        """Take the running server, the settings of its worker, and who puts another in its place, if anybody."""
        self.environment, self.settings, self._workers = environment, settings, workers
        self.today = today()

    async def something_happens(self) -> None:
        """Let another worker take over first, where the test run asks for it."""
        if self._workers:
            await self._workers.take_over()

    def complaint(self, **changes: Any) -> dict[str, Any]:
        """Give a complete complaint received today at midnight in Paris."""
        return complaint_of(self.today, **changes)

    async def opens(self, **changes: Any) -> Told:
        """Start a complaint as a bare client would, and wait until its first acts are done."""
        told = await self.starts(self.complaint(**changes))
        give_up_at = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up_at:
            try:
                await told.settled()
                return told
            except (WorkflowQueryFailedError, RPCError):  # not open yet: the first query answers so
                await asyncio.sleep(0.02)
        raise AssertionError("the complaint did not open")

    async def starts(self, *inputs: Any) -> Told:
        """Start the workflow with any inputs."""
        handle = await self.environment.client.start_workflow(
            "Complaint", args=list(inputs), id=f"REC-{uuid.uuid4().hex[:10]}", task_queue=self.settings.task_queue
        )
        return Told(self, handle)
