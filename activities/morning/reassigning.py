"""The activity that has the complaints of absent people given to others, before anybody is told of the day."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import date
from typing import Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.firm.schema import Firm
from workflows.morning_messages import REASSIGN_FOR_ABSENCES, Reassigned, ReassignRequest

_SIGNAL = "contact_reassigned"
_BY = "system"
_HEARTBEAT_EVERY = 20


class Reassignment(Protocol):
    """An open complaint that another person is to take over."""

    @property
    def reference(self) -> str:
        """The complaint."""

    @property
    def event(self) -> Mapping[str, str]:
        """What it is to be sent: a `contact_reassigned` with an id that stays the same however often it is asked."""


class Reassigning(Protocol):
    """Lists what is to be reassigned on a Paris civil date; `open_of`: each person's open complaints, by their id."""

    def __call__(self, firm: Firm, on: date, open_of: Mapping[str, Sequence[str]]) -> Sequence[Reassignment]:
        """Give them in any order."""


class Reassigner:
    """Sends complaints the word that their person is away; each then chooses whoever can take it."""

    def __init__(
        self,
        client: Client,
        firm_source: Callable[[], Firm],
        reassignments: Reassigning,
        open_of: Callable[[], Mapping[str, Sequence[str]]],
        threads: Executor | None = None,
    ) -> None:
        """`open_of` is asked in one of `threads`."""
        self._client, self._firm_source = client, firm_source
        self._reassignments, self._open_of, self._threads = reassignments, open_of, threads

    @activity.defn(name=REASSIGN_FOR_ABSENCES)
    async def reassign_for_absences(self, request: ReassignRequest) -> Reassigned:
        """Have every complaint of people who are away given to another; sent again, the same word changes nothing.

        Raises:
            RPCError: Temporal does not answer.
            OperationalError: the register does not.

        """
        open_of = await asyncio.get_running_loop().run_in_executor(self._threads, self._open_of)
        told = 0
        for count, each in enumerate(self._reassignments(self._firm_source(), request.on, open_of)):
            if count % _HEARTBEAT_EVERY == 0:
                activity.heartbeat()
            told += await self._told(each)
        return Reassigned(complaints=told)

    async def _told(self, reassignment: Reassignment) -> bool:
        event = {name: value for name, value in reassignment.event.items() if name != "type"}
        try:
            await self._client.get_workflow_handle(reassignment.reference).signal(_SIGNAL, event | {"by": _BY})
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False  # closed since the register heard of it
            raise
        return True
