"""The Python client of complaints: what every door of ours calls. It knows no rule of the procedure."""

import asyncio
import logging
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.register.dossiers import Erased
from workflows import search_attributes
from workflows.messages import NOT_OPEN_YET
from workflows.procedure.calendar import paris_date
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.intake import Complaint, InvalidComplaint, read_complaint
from workflows.procedure.pinned import Procedure

WORKFLOW_TYPE = "Complaint"
_log = logging.getLogger(__name__)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: references are read over the phone
_PATIENCE = timedelta(seconds=10)
_LOOKS_WHILE_OPENING, _BETWEEN_LOOKS_SECONDS = 20, 0.1


class ComplaintError(Exception):
    """Something a person must know; the message is a sentence for them."""


class NoSuchComplaint(ComplaintError):
    """No complaint has that reference."""


class EventRefused(ComplaintError):
    """The event cannot be accepted; nothing was recorded."""


class AlreadyOpen(ComplaintError):
    """A complaint with that reference exists."""


class ErasedComplaint(NoSuchComplaint):
    """The complaint was erased; its reference stays taken."""


class NotAnswering(ComplaintError):
    """No worker answered in time; what was sent may still be applied, so repeat it with the same id."""


@dataclass(frozen=True)
class Listed:
    """One complaint as the list shows it: from search attributes alone, so nothing personal."""

    reference: str
    open: bool
    level: str | None
    stage: str | None
    contact: str | None
    handling_party: str | None
    insurer: str | None
    next_deadline: datetime | None
    overdue: bool
    needs_attention: bool
    refused: int


def new_reference(today: date) -> str:
    """Make a reference such as REC-2026-7F3K9Q."""
    return f"REC-{today.year}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


class Complaints:
    """Opens complaints, submits events, reads what they answer."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        procedure: Callable[[date, date], Procedure] | None = None,
        memory: Callable[[str], Carried | None] | None = None,
    ) -> None:
        """Talk through `client`. `procedure(first, last)` lets complaints start with their search attributes.

        `memory` gives the last state of a complaint by its reference, from the register: Temporal forgets closed ones
        after its retention. It is called in a thread, and raises `Erased` of one that was erased.
        """
        self._client = client
        self._task_queue = task_queue
        self._procedure = procedure
        self._memory = memory

    async def open(self, message: Any, reference: str | None = None, now: datetime | None = None) -> str:
        """Start a complaint from its JSON; returns its reference.

        Raises:
            InvalidComplaint: a field is missing, unknown or malformed; the message names it.
            AlreadyOpen: the reference is taken.

        """
        now = now or datetime.now(UTC)
        given = message.get("reference") if isinstance(message, dict) else None
        chosen = reference or (given if isinstance(given, str) and given else None)
        reference = chosen or new_reference(paris_date(now))
        complaint = read_complaint([message], reference, now)
        if chosen and await self._is_taken(chosen):
            raise _already_open(chosen)
        while not chosen and await self._is_surely_taken(reference):
            reference = new_reference(paris_date(now))
        attributes = self._attributes_at_start(complaint, reference, now)
        try:
            await self._client.start_workflow(
                WORKFLOW_TYPE,
                message,
                id=reference,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=attributes,
                static_summary=f"received by the {complaint.received_by}, by {complaint.channel}",
            )
        except WorkflowAlreadyStartedError:
            raise _already_open(reference) from None
        return reference

    async def unused_reference(self, now: datetime) -> str:
        """Make a reference that nobody bears.

        For whoever reserves one before opening, and takes "exists already" for its own call repeated: it could not tell
        another's complaint from its own.

        Raises:
            RPCError: Temporal does not answer.

        """
        while await self.exists(made := new_reference(paris_date(now))):
            pass
        return made

    async def exists(self, reference: str) -> bool:
        """Say whether a complaint has that reference, open or closed; one whose start failed does not count.

        Raises:
            RPCError: Temporal does not answer.

        """
        try:
            described = await self._client.get_workflow_handle(reference).describe(rpc_timeout=_PATIENCE)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or "amespace" in error.message:
                raise
        else:
            if described.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED):
                return True
        return await self._is_taken(reference)

    async def _is_taken(self, reference: str) -> bool:
        try:
            return await self._remembered(reference) is not None
        except ErasedComplaint:
            return True

    async def _is_surely_taken(self, reference: str) -> bool:
        """Say whether a reference just made is another's, one in a billion; a register that is away holds nothing up.

        Temporal refuses those it knows; the register knows those it has forgotten.
        """
        try:
            return await self._is_taken(reference)
        except Exception as error:
            _log.warning("%s is opened without asking the register: %s", reference, type(error).__name__)
            return False

    async def _remembered(self, reference: str) -> Carried | None:
        try:
            return await asyncio.to_thread(self._memory, reference) if self._memory else None
        except Erased:
            raise ErasedComplaint(f"{reference}: this complaint was erased.") from None

    async def _refuse_erased(self, reference: str) -> None:
        """Refuse to reopen from what Temporal still has while an erasure is under way."""
        try:
            await self._remembered(reference)
        except ErasedComplaint:
            raise
        except Exception as error:  # a register that is away holds up no reopening
            _log.warning("%s is reopened without the register: %s", reference, type(error).__name__)

    def _attributes_at_start(self, complaint: Complaint, reference: str, now: datetime) -> TypedSearchAttributes | None:
        if self._procedure is None:
            return None
        procedure = self._procedure(paris_date(complaint.received_at), paris_date(now))
        dossier = Dossier(reference, complaint, procedure, now)
        return search_attributes.at_start(search_attributes.values_of(dossier))

    async def submit(self, reference: str, kind: str, message: Any) -> dict[str, Any]:
        """Submit one event and return the receipt; a closed complaint is reopened by it.

        The event bears an id (given or made here), which is the update's id too: repeated, it is applied once.

        Raises:
            EventRefused: it cannot be accepted; nothing was recorded.
            NoSuchComplaint: no complaint has that reference.
            NotAnswering: no worker answered in time.

        """
        if not isinstance(message, dict):
            raise EventRefused("expected one JSON object")
        event = {**message, "type": kind}
        event["id"] = event.get("id") or f"s-{uuid.uuid4().hex[:12]}"
        event["at"] = event.get("at") or datetime.now(UTC).isoformat()
        handle = self._client.get_workflow_handle(reference)
        try:
            return await self._translated(
                reference,
                handle.execute_update("submit", event, id=str(event["id"]), rpc_timeout=_PATIENCE),
            )
        except _Closed:
            await self._refuse_erased(reference)
            return await self._reopen(reference, event, await self._last_state(reference))
        except NoSuchComplaint:
            remembered = await self._remembered(reference)
            if remembered is None:
                raise
            if Dossier.resume(remembered).case.closed_by is None:
                # It cannot have been forgotten: this is another namespace, or Temporal has lost its data.
                raise ComplaintError(
                    f"{reference}: open in the register, unknown to Temporal: is this the right namespace?"
                ) from None
            # Unless somebody was quicker: then it is known again, and goes on from the state it has now.
            start_only_if_forgotten = WorkflowIDReusePolicy.REJECT_DUPLICATE
            try:
                return await self._reopen(reference, event, remembered.model_dump(mode="json"), start_only_if_forgotten)
            except WorkflowAlreadyStartedError:
                return await self.submit(reference, kind, event)

    async def _last_state(self, reference: str) -> dict[str, Any]:
        try:
            last = await self._client.get_workflow_handle(reference).result(rpc_timeout=_PATIENCE)
        except WorkflowFailureError:
            raise NoSuchComplaint(f"{reference}: its start failed; open it again, corrected.") from None
        return {"reference": reference, "journal": last["journal"], "procedures": last["procedures"]}

    async def _reopen(
        self,
        reference: str,
        event: dict[str, Any],
        last_state: dict[str, Any],
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    ) -> dict[str, Any]:
        """Take a closed complaint up again with this event, from its last state."""
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW_TYPE,
            last_state,
            id=reference,
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=reuse,
        )
        try:
            return await self._translated(
                reference,
                self._client.execute_update_with_start_workflow(
                    "submit",
                    event,
                    id=str(event["id"]),
                    start_workflow_operation=start,
                    rpc_timeout=_PATIENCE,
                ),
            )
        except _Closed:
            raise ComplaintError(f"{reference}: it closed again before the event came; repeat it.") from None

    async def _translated(self, reference: str, call: Any) -> dict[str, Any]:
        """Await an update and turn Temporal's errors into sentences for the sender."""
        try:
            receipt: dict[str, Any] = await call
        except WorkflowUpdateFailedError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == "Refused":
                raise EventRefused(error.cause.message) from None
            raise _Closed from error
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise NotAnswering(
                f"{reference}: no worker answered; the event may still be applied: repeat it with the same id."
            ) from None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or "amespace" in error.message:
                raise
            if "completed" in error.message:
                raise _Closed from error
            raise NoSuchComplaint(f"{reference}: no complaint has this reference.") from None
        return receipt

    async def dossier(self, reference: str, language: str | None = None) -> dict[str, Any]:
        """Give the whole state (CONTRACT, "What a complaint answers"), its sentences in `language` (`fr`, `en`).

        Raises:
            NoSuchComplaint: no complaint has that reference.
            NotAnswering: no worker answered in time.

        """
        whole: dict[str, Any] = await self._query(reference, "dossier", *filter(None, [language]))
        return whole

    async def agenda_of(self, reference: str) -> list[dict[str, Any]]:
        """Give the running clocks of one complaint, soonest first; raises as `dossier`."""
        clocks: list[dict[str, Any]] = await self._query(reference, "agenda")
        return clocks

    async def carried(self, reference: str) -> Carried:
        """Give all there is to a dossier, to work it out from; raises as `dossier`."""
        return Carried.model_validate(await self._query(reference, "carried"))

    async def _query(self, reference: str, query: str, *inputs: str) -> Any:
        try:
            return await self._asked_until_open(reference, query, inputs)
        except WorkflowQueryFailedError as error:
            raise NotAnswering(f"{reference}: {error.message}") from None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and "amespace" not in error.message:
                raise NoSuchComplaint(f"{reference}: no complaint has this reference.") from None
            raise NotAnswering(f"{reference}: no worker answered; is one running?") from None

    async def _asked_until_open(self, reference: str, query: str, inputs: tuple[str, ...]) -> Any:
        """Ask; a complaint that was started a moment ago is given the moment that opening its dossier takes."""
        handle = self._client.get_workflow_handle(reference)
        for _ in range(_LOOKS_WHILE_OPENING):
            try:
                return await handle.query(query, args=list(inputs), rpc_timeout=_PATIENCE)
            except WorkflowQueryFailedError as error:
                if error.message != NOT_OPEN_YET:
                    raise
                await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
        return await handle.query(query, args=list(inputs), rpc_timeout=_PATIENCE)

    async def listed(
        self,
        *,
        level: str | None = None,
        stage: str | None = None,
        contact: str | None = None,
        overdue: bool = False,
        open_only: bool = True,
    ) -> AsyncIterator[Listed]:
        """List complaints by their search attributes, in no order of their own (visibility lags by moments)."""
        wanted = [f"WorkflowType='{WORKFLOW_TYPE}'"]
        wanted += ["ExecutionStatus='Running'"] if open_only else []
        wanted += [f"ComplaintLevel={quoted(level)}"] if level else []
        wanted += [f"ComplaintStage={quoted(stage)}"] if stage else []
        wanted += [f"ComplaintContact={quoted(contact)}"] if contact else []
        wanted += ["Overdue=true"] if overdue else []
        async for execution in self._client.list_workflows(" AND ".join(wanted)):
            yield _listed(execution)

    def handle(self, reference: str) -> WorkflowHandle[Any, Any]:
        """Give Temporal's own handle of a complaint."""
        return self._client.get_workflow_handle(reference)


class _Closed(Exception):
    """The complaint has ended."""


def _already_open(reference: str) -> AlreadyOpen:
    return AlreadyOpen(f"{reference}: a complaint with this reference exists already.")


def quoted(value: str) -> str:
    """Write a value as a visibility query has it."""
    return "'" + value.replace("'", "") + "'"


def _listed(execution: WorkflowExecution) -> Listed:
    found = execution.typed_search_attributes
    return Listed(
        reference=execution.id,
        open=execution.status is WorkflowExecutionStatus.RUNNING,
        level=found.get(search_attributes.LEVEL),
        stage=found.get(search_attributes.STAGE),
        contact=found.get(search_attributes.CONTACT),
        handling_party=found.get(search_attributes.HANDLING_PARTY),
        insurer=found.get(search_attributes.INSURER),
        next_deadline=found.get(search_attributes.NEXT_DEADLINE),
        overdue=bool(found.get(search_attributes.OVERDUE)),
        needs_attention=bool(found.get(search_attributes.NEEDS_ATTENTION)),
        refused=int(found.get(search_attributes.REFUSED) or 0),
    )


__all__ = [
    "AlreadyOpen",
    "ComplaintError",
    "Complaints",
    "EventRefused",
    "InvalidComplaint",
    "Listed",
    "NoSuchComplaint",
    "NotAnswering",
    "new_reference",
]
