"""What Temporal still knows of complaints: their last state, and the orders of the letters they sent."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from starter.client import WORKFLOW_TYPE, quoted
from workflows.messages import NOTIFY, NotifyRequest
from workflows.procedure.dossier import Carried
from workflows.procedure.orders import LetterOrder

PATIENCE = timedelta(seconds=20)
"""A query of a complaint that no worker has in memory replays its whole history first."""


@dataclass
class Runs:
    """One complaint and its runs: a new one begins when a history has grown long, and when it is reopened."""

    reference: str
    run_ids: set[str] = field(default_factory=set)


async def known_complaints(client: Client, references: Collection[str] = ()) -> list[Runs]:
    """List the complaints Temporal knows, open and closed (visibility lags by moments); `references`: only these."""
    found: dict[str, Runs] = {}
    async for execution in listed(client, references):
        found.setdefault(execution.id, Runs(execution.id)).run_ids.add(execution.run_id)
    return list(found.values())


async def listed(client: Client, references: Collection[str], also: str = "") -> AsyncIterator[WorkflowExecution]:
    """List the runs of all complaints, or of those named; `also`: a further condition of visibility."""
    conditions = [f"WorkflowType='{WORKFLOW_TYPE}'", *filter(None, [also])]
    for only in [f"WorkflowId={quoted(each)}" for each in references] or [""]:
        async for execution in client.list_workflows(" AND ".join([*conditions, *filter(None, [only])])):
            yield execution


async def last_state(client: Client, reference: str, patience: timedelta = PATIENCE) -> Carried | None:
    """Give a complaint's dossier as it stands, or stood at its end; None when its start failed, so that it has none.

    Raises:
        RPCError: no worker answers, or Temporal has just forgotten it.
        ValidationError: this code cannot read it.

    """
    described = await client.get_workflow_handle(reference).describe(rpc_timeout=patience)
    handle = client.get_workflow_handle(reference, run_id=described.run_id)
    if described.status is WorkflowExecutionStatus.COMPLETED:
        end: dict[str, Any] = await handle.result(rpc_timeout=patience)
        return Carried.model_validate(
            {"reference": reference, "journal": end["journal"], "procedures": end["procedures"]}
        )
    try:
        return Carried.model_validate(await handle.query("carried", rpc_timeout=patience))
    except WorkflowQueryFailedError:
        if described.status is WorkflowExecutionStatus.RUNNING:
            raise
        return None


async def orders_of(client: Client, runs: Runs) -> dict[str, list[LetterOrder]]:
    """Read what was ordered of each letter, by its id, from the histories that are still there and can be read.

    Raises:
        RPCError: Temporal does not answer.

    """
    found: defaultdict[str, list[LetterOrder]] = defaultdict(list)
    for run_id in runs.run_ids:
        try:
            history = await client.get_workflow_handle(runs.reference, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                continue  # forgotten since it was listed
            raise
        for event in history.events:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name != NOTIFY:
                continue
            with suppress(ValueError, RuntimeError):  # an order of a shape this code no longer reads
                (request,) = await client.data_converter.decode(scheduled.input.payloads, [NotifyRequest])
                for order in request.letters:
                    found[order.letter_id].append(order)
    return dict(found)
