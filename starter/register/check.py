"""Does the register lag? Compares what Temporal's lists show of each complaint with what the register holds of it."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.kept import Standing
from starter.register.temporal import listed
from workflows import search_attributes

MISSING = "missing"
"""The register holds nothing of a complaint."""

_COMPARED = "Running", "Completed"
"""A start that failed has no dossier; a run that goes on in another is looked at there."""
_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True)
class Lag:
    """A complaint of which the register holds nothing (`missing`), or something else than Temporal shows."""

    reference: str
    differs: tuple[str, ...]
    """`missing`, or among `stage`, `level`, `contact`, `next_deadline`."""


async def check(client: Client, register: Register, references: Collection[str] = ()) -> list[Lag]:
    """Name the complaints (of `references`, if any) in which the register lags. What differs is looked at twice.

    Raises:
        RPCError: Temporal does not answer.
        OperationalError: the register does not.

    """
    dossiers = Dossiers(register)
    held = {standing.reference: standing for standing in await asyncio.to_thread(dossiers.standings)}
    statuses = ", ".join(f"'{status}'" for status in _COMPARED)
    runs = listed(client, references, f"ExecutionStatus IN ({statuses})")
    suspected = {run.id async for run in runs if _differences(run, held.get(run.id))}
    found = [await _second_look(client, dossiers, reference) for reference in sorted(suspected)]
    return [lag for lag in found if lag]


async def _second_look(client: Client, dossiers: Dossiers, reference: str) -> Lag | None:
    """Compare again, with what Temporal knows at this moment: its lists lag too, and show runs that are over."""
    try:
        described = await client.get_workflow_handle(reference).describe(rpc_timeout=_PATIENCE)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None  # forgotten meanwhile
        raise
    if described.status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED):
        return None
    differs = _differences(described, await asyncio.to_thread(dossiers.standing, reference))
    return Lag(reference, differs) if differs else None


def _differences(shown: WorkflowExecution, held: Standing | None) -> tuple[str, ...]:
    attributes = shown.typed_search_attributes
    if attributes.get(search_attributes.STAGE) is None:
        return ()  # it is being opened
    if held is None:
        return (MISSING,)
    pairs = {
        "stage": (attributes.get(search_attributes.STAGE), held.stage),
        "level": (attributes.get(search_attributes.LEVEL), held.level),
        "contact": (attributes.get(search_attributes.CONTACT), held.contact),
        "next_deadline": (_whole(attributes.get(search_attributes.NEXT_DEADLINE)), _whole(held.next_deadline)),
    }
    return tuple(name for name, (there, here) in pairs.items() if there != here)


def _whole(instant: datetime | None) -> datetime | None:
    """Leave out what a list rounds away."""
    return instant.replace(microsecond=0) if instant else None
