"""Restores the register from the workflows: every complaint that Temporal still knows, open and closed."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.restoring import Gap, Recompose, attempts_missing, restore_attempts
from starter.register.temporal import PATIENCE, Runs, known_complaints, last_state, orders_of
from workflows.procedure.dossier import Carried

_AT_ONCE = 8
"""Complaints read at the same time: a worker replays each of them."""
_UNREAD = (RPCError, WorkflowQueryFailedError, ValidationError)


@dataclass
class Rebuilt:
    """What was restored, and what could not be."""

    complaints: int = 0
    """Those Temporal knows."""
    read: int = 0
    written: int = 0
    """Of these, those whose state is now in the register; of the others, a later one was there."""
    never_opened: int = 0
    """Starts that failed: there is no dossier."""
    attempts: int = 0
    contents: int = 0
    """Attempts that were there, and got their bytes back."""
    gaps: dict[str, Gap] = field(default_factory=dict)
    """Letters whose bytes as sent could not be restored, by their ids."""
    unread: dict[str, str] = field(default_factory=dict)
    """Complaints that could not be read, by their references, and why."""


async def rebuild(
    client: Client,
    register: Register,
    recompose: Recompose,
    references: Collection[str] = (),
    tell: Callable[[Rebuilt], None] | None = None,
    patience: timedelta = PATIENCE,
) -> Rebuilt:
    """Write what the register lacks, complaint by complaint; what is there and later stays, and nothing is deleted.

    Workers may go on meanwhile; the one that hosts the complaints must, since running ones are asked. `recompose`
    writes letters again; `references`: only these complaints; `tell` hears of the count after each of them;
    `patience`: how long each complaint is waited for.

    Raises:
        RPCError: Temporal does not answer at all.
        OperationalError: the register does not.

    """
    found = await known_complaints(client, references)
    done, gate = Rebuilt(complaints=len(found)), asyncio.Semaphore(_AT_ONCE)

    async def restore(runs: Runs) -> None:
        async with gate:
            try:
                carried = await last_state(client, runs.reference, patience)
                if carried is None:
                    done.never_opened += 1
                else:
                    await _restore(client, register, recompose, runs, carried, done)
            except _UNREAD as error:
                done.unread[runs.reference] = _why(error)
        done.read += 1
        if tell:
            tell(done)

    await asyncio.gather(*map(restore, found))
    return done


async def _restore(
    client: Client, register: Register, recompose: Recompose, runs: Runs, carried: Carried, done: Rebuilt
) -> None:
    if await asyncio.to_thread(attempts_missing, register, carried):
        # Before the dossier, which says what became of them since.
        orders = await orders_of(client, runs)
        restored = await asyncio.to_thread(restore_attempts, register, carried, orders, recompose)
        done.attempts += restored.attempts
        done.contents += restored.contents
        done.gaps |= restored.gaps
    written = await asyncio.to_thread(Dossiers(register).record, carried)
    done.written += written


def _why(error: RPCError | WorkflowQueryFailedError | ValidationError) -> str:
    """Say what happened without repeating what the complaint holds."""
    if isinstance(error, RPCError):
        return f"{error.status.name}: {error.message}"
    if isinstance(error, WorkflowQueryFailedError):
        return error.message
    return f"not readable: {', '.join('.'.join(map(str, each['loc'])) for each in error.errors()[:3])}"
