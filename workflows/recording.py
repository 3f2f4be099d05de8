"""Keeps the register up with a complaint: its dossier is written there before each wait, and before the end.

Usually at the cost of one event of the history, by a local activity. While the register is away the complaint goes on
without it; one ordinary activity waits until it is back, and everything is written then.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.messages import RECORD, RecordRequest
    from workflows.procedure.dossier import Dossier

_TAKES = timedelta(seconds=10)
_AT_ONCE = RetryPolicy(maximum_attempts=2)
_WHEN_IT_IS_BACK = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))


class Recording:
    """Writes one complaint's dossier into the register, as often as it has changed."""

    def __init__(self, dossier: Callable[[], Dossier]) -> None:
        """`dossier` gives the dossier as it stands; it is asked only once there is one."""
        self._dossier = dossier
        self._lines = 0
        self._late: asyncio.Task[None] | None = None

    async def keep_up(self) -> None:
        """Have what is new recorded; when the register does not answer, leave it to be recorded later."""
        if self.up_to_date or (self._late and not self._late.done()):
            return
        try:
            lines = self._journal_lines
            await workflow.execute_local_activity(
                RECORD, self._request(), start_to_close_timeout=_TAKES, retry_policy=_AT_ONCE,
                summary="Record in the register",
            )  # fmt: skip
            self._lines = lines
        except FailureError as failure:
            # Not only ActivityError: of a local activity that was tried in vain, the failure itself may come.
            if is_cancelled_exception(failure):
                raise
            self._late = asyncio.create_task(self._later())

    async def finish(self) -> None:
        """Wait until what is known now is recorded: a complaint does not end before the register knows."""
        await self.keep_up()
        if self._late:
            await self._late

    async def _later(self) -> None:
        while not self.up_to_date:
            lines = self._journal_lines
            await workflow.execute_activity(
                RECORD, self._request(), start_to_close_timeout=_TAKES, retry_policy=_WHEN_IT_IS_BACK,
                summary="Record in the register, which was away",
            )  # fmt: skip
            self._lines = lines

    def _request(self) -> RecordRequest:
        return RecordRequest(dossier=self._dossier().carried())

    @property
    def _journal_lines(self) -> int:
        return len(self._dossier().journal)

    @property
    def up_to_date(self) -> bool:
        """Whether the register has every line of the journal."""
        return self._lines == self._journal_lines
