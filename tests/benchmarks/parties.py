"""The two parties, made comparable: the floor has a real complaint's clocks, and its steps are checked against it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import zip_longest

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tests.benchmarks import floor, histories
from tests.benchmarks.load import INVESTIGATING, Load, Party, complaint
from tests.benchmarks.processes import Server, floor_worker, product_worker
from worker.conversion import encrypting
from worker.encryption.keyring import KeyRing

PRODUCT, FLOOR, AGAIN, LETTERED = "product", "floor", "floor again", "floor with letters"
_THE_NEXT_NOON = timedelta(hours=20)
_OF_A_TASK = {"WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"}
_DAY_40 = floor.FIRST_CLOCKS.index("status")


class NotTheSameSteps(AssertionError):
    """The floor no longer takes the steps of a complaint: its ratios would mean nothing."""


async def reference(
    server: Server, client: Client, queue: str, settings: dict[str, str] | None = None, keys: KeyRing | None = None
) -> tuple[Party, list[HistoryEvent]]:
    """Live one complaint; give the product's party, and its history.

    `settings` of its worker, by their names; `keys`: those its messages are encrypted with.
    """
    hired = partial(product_worker, settings=settings)
    converter = encrypting(keys) if keys else None
    first = Party(PRODUCT, "Complaint", queue, complaint(), timedelta(0), hired, converter)
    worker = await hired(server, queue)
    try:
        load = Load(client, first)
        handles, _ = await load.starts(1)
        await load.until(INVESTIGATING, 1)
        (events,) = await load.histories(handles)
        day_40 = sorted(histories.clocks(events))[_DAY_40]
        party = replace(first, answered_after=day_40 - histories.at(events[0]) + _THE_NEXT_NOON)
        await load.end(handles)
        load = Load(client, party)
        (events,) = await load.histories(await load.lives(1))
    finally:
        await worker.stop()
    return party, events


def beside(product: Party, life: Sequence[HistoryEvent], queue: str) -> Party:
    """Make the floor of that life."""
    clocks = histories.clocks(life)
    first = sorted(clocks[: len(floor.FIRST_CLOCKS)])
    instants = dict(zip(floor.FIRST_CLOCKS + floor.PROMISES, first + clocks[len(first) :], strict=True))
    opening = {name: instant.isoformat() for name, instant in instants.items()}
    return Party(FLOOR, floor.NAME, queue, opening, product.answered_after, floor_worker)


async def require_same_steps(server: Server, client: Client, base: Party, life: Sequence[HistoryEvent]) -> None:
    """Print the steps of both, side by side.

    Two clocks are due at one instant: whether they share a workflow task is the server's chance, so one is let pass.

    Raises:
        NotTheSameSteps: they differ in more.

    """
    worker = await base.worker(server, base.queue)
    try:
        load = Load(client, base)
        (events,) = await load.histories(await load.lives(1))
    finally:
        await worker.stop()
    ours, bare = histories.kinds(life), histories.kinds(events)
    print(f"{'':>4} {'complaint':<45} floor")
    for number, (one, other) in enumerate(zip_longest(ours, bare, fillvalue=""), start=1):
        print(f"{number:>4} {one:<45} {other}")
    more, less = Counter(ours) - Counter(bare), Counter(bare) - Counter(ours)
    if set(more + less) - _OF_A_TASK or max((more + less).values(), default=0) > 1:
        raise NotTheSameSteps(f"only the complaint: {dict(more)}; only the floor: {dict(less)}")
