"""The floor: a bare workflow that takes the durable steps of an ordinary life, and does nothing else.

Plain JSON, no sandbox, no models, activities that return at once: what is left is what Temporal itself costs for these
steps. Its clocks are given to it as instants, read from the history of a real complaint.
`python -m tests.benchmarks.floor ADDRESS QUEUE` runs its worker.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

NAME = "Floor"
FIRST_CLOCKS = ("holding", "status", "final", "window")
PROMISES = ("promise", "second_promise")
CACHED = 1000  # as the product's worker
_TAKES = timedelta(seconds=30)
_STAGE = SearchAttributeKey.for_keyword("ComplaintStage")
_DEADLINE = SearchAttributeKey.for_datetime("NextDeadline")
_AT_FIRST = (
    SearchAttributeKey.for_keyword("ComplaintLevel").value_set("1"),
    SearchAttributeKey.for_keyword("ComplaintContact").value_set("c-001"),
    SearchAttributeKey.for_keyword("HandlingParty").value_set("broker"),
    SearchAttributeKey.for_keyword("Insurer").value_set("insurer"),
    SearchAttributeKey.for_bool("Overdue").value_set(False),
    SearchAttributeKey.for_bool("NeedsAttention").value_set(False),
    SearchAttributeKey.for_int("Refused").value_set(0),
)


@activity.defn
async def look_up(what: str) -> str:
    """Stand for a local activity."""
    return what


@activity.defn
async def letter(what: str) -> str:
    """Stand for a letter."""
    return what


@workflow.defn(name=NAME)
class Floor:
    """The steps of docs/history-of-an-ordinary-life.md, in their order."""

    def __init__(self) -> None:
        self._clocks: dict[str, asyncio.Task[None]] = {}
        self._due: set[str] = set()
        self._kept: set[str] = set()
        self._answer = False
        self._notes = 0

    @workflow.run
    async def run(self, instants: dict[str, str]) -> str:
        """Open, write when a clock or the answer says so, end with the last clock."""
        self._instants = {name: datetime.fromisoformat(at) for name, at in instants.items()}
        await self._look_up("procedure")
        await self._look_up("contact")
        await self._write("acknowledgement", "investigating", *_AT_FIRST)
        self._arm(*FIRST_CLOCKS)
        await self._look_up("record")
        while "window" not in self._due:
            await workflow.wait_condition(lambda: bool(self._due or self._answer or self._notes))
            if self._answer:
                self._answer = False
                await self._write("resolution", "answered")
                self._cancel()
                await self._look_up("record")
            elif self._notes:
                self._notes = 0
                await self._look_up("record")
            elif "window" not in self._due:
                # Day 40 and the promised date are one instant and one letter, even if a timer is late by a moment.
                due = self._due - self._kept
                self._due.clear()
                if due:
                    self._kept |= due | ({"promise", "status"} if due & {"promise", "status"} else set())
                    await self._write("status", "investigating")
                    self._arm("second_promise" if "promise" in self._kept else "promise")
                    await self._look_up("record")
        await self._look_up("record")
        self._show("closed")
        return "closed"

    @workflow.signal
    async def response_given(self, _: dict[str, Any]) -> None:
        """Take the answer."""
        self._answer = True

    @workflow.signal
    async def note_added(self, _: dict[str, Any]) -> None:
        """Take a note: it is recorded, no more."""
        self._notes += 1

    def _arm(self, *names: str) -> None:
        for name in names:
            self._clocks[name] = asyncio.create_task(self._wait(name))

    async def _wait(self, name: str) -> None:
        await workflow.sleep(max(self._instants[name] - workflow.now(), timedelta(0)), summary=name)
        del self._clocks[name]
        self._due.add(name)

    def _cancel(self) -> None:
        for name in [name for name in self._clocks if name != "window"]:
            self._clocks.pop(name).cancel()

    @staticmethod
    def _show(stage: str, *more: Any) -> None:
        workflow.upsert_search_attributes([_STAGE.value_set(stage), _DEADLINE.value_set(workflow.now()), *more])

    @staticmethod
    async def _look_up(what: str) -> None:
        await workflow.execute_local_activity(look_up, what, start_to_close_timeout=_TAKES, summary=what)

    async def _write(self, what: str, stage: str, *more: Any) -> None:
        await workflow.execute_activity(letter, what, start_to_close_timeout=_TAKES, summary=what)
        self._show(stage, *more)


async def main(address: str, queue: str) -> None:
    """Work until killed."""
    client = await Client.connect(address)
    await Worker(
        client,
        task_queue=queue,
        workflows=[Floor],
        activities=[look_up, letter],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED,
    ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
