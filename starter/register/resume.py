"""Takes complaints up again from the register, when Temporal has lost them or was restored as it was some time ago."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.client import WORKFLOW_TYPE
from starter.register.temporal import PATIENCE, last_state
from workflows.procedure.dossier import SYSTEM, Carried
from workflows.procedure.vocabulary import Stage

_WHY = "older than the register: taken up again from there"


@dataclass
class Resumed:
    """What was done; all other open complaints go on as they are."""

    unknown: list[str] = field(default_factory=list)
    """Those Temporal knew nothing of: they run again."""
    behind: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that stood further in the register, and go on from there. By each: the ids of events that people or systems
    sent since Temporal was restored, which the register does not have: to be sent again."""
    closed: list[str] = field(default_factory=list)
    """Those that run, and are closed in the register: they were ended."""


async def resume(
    client: Client,
    register: Register,
    task_queue: str,
    references: Collection[str] = (),
    patience: timedelta = PATIENCE,
) -> Resumed:
    """Let every complaint (of `references`, if any) go on from the register where Temporal knows less of it.

    In a sound installation that is none: the register never stands further than the complaint it was told by. A worker
    must be running, since complaints are asked.

    Raises:
        RPCError: Temporal, or the worker, does not answer.
        OperationalError: the register does not.

    """
    dossiers, done = Dossiers(register), Resumed()
    for reference in sorted(references or await asyncio.to_thread(dossiers.references)):
        # The register first: what the complaint answers afterwards is at least as late, unless Temporal has lost some.
        held = await asyncio.to_thread(dossiers.carried, reference)
        standing = await asyncio.to_thread(dossiers.standing, reference)
        if held is None or standing is None:
            continue
        handle, closed = client.get_workflow_handle(reference), standing.stage is Stage.CLOSED
        try:
            status = (await handle.describe(rpc_timeout=patience)).status
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or "amespace" in error.message:
                raise
            # A closed one that Temporal does not know is forgotten, as it should be.
            if not closed and await _started(client, held, task_queue, WorkflowIDReusePolicy.REJECT_DUPLICATE):
                done.unknown.append(reference)
            continue
        if status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED):
            continue  # an operator ended it
        there = await last_state(client, reference, patience)
        if there is None or len(there.journal) >= len(held.journal):
            continue
        if status is WorkflowExecutionStatus.RUNNING:
            await handle.terminate(_WHY, rpc_timeout=patience)
        if closed:
            done.closed.append(reference)
        elif await _started(client, held, task_queue, WorkflowIDReusePolicy.ALLOW_DUPLICATE):
            done.behind[reference] = _sent_since(there, held)
    return done


def _sent_since(there: Carried, held: Carried) -> tuple[str, ...]:
    known = {(entry.id, entry.type, entry.at) for entry in held.journal}
    return tuple(
        entry.id for entry in there.journal if entry.by != SYSTEM and (entry.id, entry.type, entry.at) not in known
    )


async def _started(client: Client, held: Carried, task_queue: str, reuse: WorkflowIDReusePolicy) -> bool:
    """Start a complaint from its state in the register; False when somebody was quicker."""
    try:
        await client.start_workflow(
            WORKFLOW_TYPE,
            held.model_dump(mode="json"),
            id=held.reference,
            task_queue=task_queue,
            id_reuse_policy=reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
