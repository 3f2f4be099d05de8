"""How many open complaints each person has as Temporal shows it: what is gone by while the register is away."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from temporalio.client import WorkflowExecutionCount
from temporalio.service import RPCError

_log = logging.getLogger(__name__)

_OPEN = "WorkflowType='Complaint' AND ExecutionStatus='Running' AND ComplaintContact='{}'"


class Counts(Protocol):
    """The part of a Temporal client that is used here."""

    async def count_workflows(
        self, query: str | None = None, *, rpc_timeout: timedelta | None = None
    ) -> WorkflowExecutionCount:
        """Count the workflows that a visibility query finds."""


class Workload:
    """How many open complaints each person has.

    Temporal's visibility is asked once per person (the server groups by no keyword), at most every
    `kept_for`; what this process has assigned since then is added. When visibility does not answer, what is
    known goes on being used: a poorer balance is better than a complaint without a contact.
    """

    def __init__(
        self,
        client: Counts,
        *,
        kept_for: timedelta = timedelta(seconds=10),
        patience: timedelta = timedelta(seconds=2),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._kept_for = kept_for.total_seconds()
        self._patience = patience
        self._monotonic = monotonic  # the age of the counts only: never a complaint's time
        self._asked_at: float | None = None
        self._seen: dict[str, int] = {}
        self._assigned: Counter[str] = Counter()
        self._asking = asyncio.Lock()

    async def of(self, contact_ids: Iterable[str]) -> Mapping[str, int]:
        """Give the number of open complaints of each of these people; 0 where nothing is known."""
        ids = list(contact_ids)
        async with self._asking:
            if self._asked_at is None or self._monotonic() - self._asked_at >= self._kept_for:
                await self._ask(ids)
        return {each: self._seen.get(each, 0) + self._assigned[each] for each in ids}

    def add(self, contact_id: str) -> None:
        """Count a complaint that visibility does not show yet."""
        self._assigned[contact_id] += 1

    async def _ask(self, ids: list[str]) -> None:
        # Also after a failure: a server in difficulty is not asked again by every complaint.
        self._asked_at = self._monotonic()
        before = self._assigned.copy()
        try:
            counts = await asyncio.gather(*(self._count(each) for each in ids))
        except (RPCError, TimeoutError) as error:
            _log.warning("Open complaints could not be counted, the last counts stay in use: %s", error)
            return
        self._seen = dict(zip(ids, counts, strict=True))
        self._assigned -= before

    async def _count(self, contact_id: str) -> int:
        found = await self._client.count_workflows(_OPEN.format(contact_id), rpc_timeout=self._patience)
        return found.count
