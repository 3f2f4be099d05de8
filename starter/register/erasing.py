"""Erases a closed complaint everywhere the product keeps it: its runs in Temporal, the register, the outbox."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.notify.names import folder_name
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.erasing import Erasures, NotErasable
from starter.figures.lines import line_of
from starter.figures.reading import anonymous
from starter.register.temporal import listed


@dataclass(frozen=True)
class Removed:
    """What an erasure removed: runs of the workflow, rows of the register, whether a folder of letters."""

    runs: int
    rows: int
    folder: bool


async def erase(client: Client, register: Register, outbox: Path, reference: str, by: str, now: datetime) -> Removed:
    """Erase a complaint. Interrupted, it is done to its end by being repeated.

    Raises:
        NotErasable: it is unknown, open, held, or was reopened in this very moment.
        RPCError: Temporal does not answer; what was removed so far is gone.
        OperationalError: the register does not answer.

    """
    erasures = Erasures(register)
    if await asyncio.to_thread(erasures.erased_at, reference) is None:
        await _require_closed(client, reference)
        carried = await asyncio.to_thread(Dossiers(register).carried, reference)
        if carried is None:
            raise NotErasable("unknown")
        # First of all: from here on no door reopens it from what is still there.
        await asyncio.to_thread(erasures.begin, reference, anonymous(line_of(carried)), by, now)
    runs = await _delete_runs(client, reference)
    rows = await asyncio.to_thread(erasures.finish, reference)
    folder = outbox / folder_name(reference)
    there = folder.is_dir()
    if there:
        await asyncio.to_thread(shutil.rmtree, folder)
    await _require_closed(client, reference)
    return Removed(runs, rows, there)


async def _require_closed(client: Client, reference: str) -> None:
    """Refuse while Temporal runs the complaint.

    Raises:
        NotErasable: `open`.

    """
    last = await _last(client, reference)
    if last is not None and last.status is WorkflowExecutionStatus.RUNNING:
        raise NotErasable("open")


async def _last(client: Client, reference: str) -> WorkflowExecutionDescription | None:
    """Describe the last run; None where Temporal knows none."""
    try:
        return await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def _delete_runs(client: Client, reference: str) -> int:
    """Delete the closed runs; the server does it in the background, in moments."""
    runs = {run.run_id async for run in listed(client, [reference], "ExecutionStatus!='Running'")}
    # Lists lag by moments: the last run, which may have ended just now, is asked for by itself.
    last = await _last(client, reference)
    if last is not None and last.status is not WorkflowExecutionStatus.RUNNING:
        runs.add(last.run_id)
    for run_id in runs:
        execution = WorkflowExecution(workflow_id=reference, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        try:
            await client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # else it went since it was listed
                raise
    return len(runs)
