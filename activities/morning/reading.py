"""Goes through the complaints a reader may hear of: Temporal's lists page by page, states from the register."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import Executor
from datetime import UTC, datetime, time
from typing import TypeVar

from temporalio.client import Client

from activities.morning.matters import Day, News, horizon
from activities.morning.seen import Complaint
from activities.register.watch import Happened, Watch
from workflows.morning_messages import THE_TEAM, Reader
from workflows.procedure.calendar import at_time

_Answer = TypeVar("_Answer")
_AT_ONCE = 200
"""Complaints whose state is in memory at a time: some megabytes."""


class Reading:
    """Reads for one digest at a time; threads wait for the register."""

    def __init__(self, client: Client, watch: Watch, threads: Executor | None = None) -> None:
        self._client, self._watch, self._threads = client, watch, threads

    async def complaints(
        self, reader: Reader, day: Day, after: datetime, until: datetime, going_on: Callable[[], None]
    ) -> AsyncIterator[tuple[Complaint, News]]:
        """Give each complaint that `reader` may hear of on `day`, once, with what happened `after` and up to `until`.

        Temporal's lists say which are open and fall due, are overdue or need attention, and in whose care; the register
        says why, and knows what happened since. `going_on` is called at each step.

        Raises:
            RPCError: Temporal does not answer.
            OperationalError: the register does not.

        """
        whose = None if reader.manager else reader.covers
        news = _by_complaint(await self._ask(self._watch.happened, after, until, whose))
        seen: set[str] = set()
        batch: list[str] = [*news, *await self._ask(self._watch.to_post, whose)]
        async for reference in self._listed(reader, day):
            batch.append(reference)
            if len(batch) >= _AT_ONCE:
                async for found in self._states(batch, seen, news, going_on):
                    yield found
                batch = []
        async for found in self._states(batch, seen, news, going_on):
            yield found

    async def _listed(self, reader: Reader, day: Day) -> AsyncIterator[str]:
        async for execution in self._client.list_workflows(query(reader, day), page_size=_AT_ONCE):
            yield execution.id

    async def _states(
        self, references: list[str], seen: set[str], news: dict[str, News], going_on: Callable[[], None]
    ) -> AsyncIterator[tuple[Complaint, News]]:
        new = [reference for reference in dict.fromkeys(references) if reference not in seen]
        seen.update(new)
        for first in range(0, len(new), _AT_ONCE):
            going_on()
            views = await self._ask(self._watch.views, new[first : first + _AT_ONCE])
            for reference, view in views.items():
                yield Complaint.model_validate(view), news.get(reference, News())

    async def _ask(self, question: Callable[..., _Answer], *inputs: object) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question, *inputs)


def query(reader: Reader, day: Day) -> str:
    """Write the visibility query: open complaints of whom the reader covers, or of all for managers and the team."""
    far = at_time(horizon(day), time.min).astimezone(UTC).isoformat().replace("+00:00", "Z")
    due = f"NextDeadline <= '{far}'"
    wrong = "(Overdue = true OR NeedsAttention = true)"
    if reader.id == THE_TEAM:
        chosen = f"({due} OR {wrong})"
    else:
        covered = ", ".join(f"'{each}'" for each in reader.covers)
        own = f"(ComplaintContact IN ({covered}) AND ({due} OR {wrong}))"
        chosen = f"({own} OR {wrong})" if reader.manager else own
    return f"WorkflowType = 'Complaint' AND ExecutionStatus = 'Running' AND {chosen}"


def _by_complaint(happened: Collection[Happened]) -> dict[str, News]:
    breached: defaultdict[str, set[str]] = defaultdict(set)
    bounced: defaultdict[str, set[str]] = defaultdict(set)
    for each in happened:
        if each.breached:
            breached[each.reference].add(each.breached)
        if each.bounced:
            bounced[each.reference].add(each.bounced)
    return {
        reference: News(frozenset(breached[reference]), frozenset(bounced[reference]))
        for reference in {*breached, *bounced}
    }
