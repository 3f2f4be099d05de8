"""Records the stored histories anew: `python -m tests.replay.record`, or with the names of single lives after it.

Only for lives that are new, or that a released change of the workflow is meant to treat otherwise (`patched`): a
history that no longer replays tells of a change that would break running complaints.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from tests.replay import stored
from tests.replay.lives import LIVES, Life, OneComplaint, continued
from tests.replay.stored import GOLDEN, HISTORIES, Stored
from tests.stage import Told
from worker.conversion import data_converter
from worker.embedded import temporal_binary, time_skipping
from worker.hosting import build_worker
from worker.settings import Settings
from workflows import search_attributes

_AT_ONCE = 4
_PATIENCE = 300.0
_CONTINUED = "continued"
_SHORT_RUNS = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    "system.workflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
    "limit.historyCount.suggestContinueAsNew=45",  # as shipped: thousands
)


async def main(wanted: list[str]) -> None:
    """Record the lives named, or all."""
    everything = not wanted
    if everything:
        for path in HISTORIES.glob("*.json.gz"):
            path.unlink()
    golden: dict[str, Any] = {} if everything else json.loads(GOLDEN.read_text(encoding="utf-8"))
    lives = {name: live for name, live in LIVES.items() if everything or name in wanted}
    async with time_skipping() as environment:
        await _record(environment, lives, golden)
    if everything or _CONTINUED in wanted:
        async with _server_of_short_runs() as environment:
            await _record(environment, {_CONTINUED: continued}, golden)
    lines = (f"  {json.dumps(name)}: {_in_lines(golden[name])}" for name in sorted(golden))
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


async def _record(environment: WorkflowEnvironment, lives: dict[str, Life], golden: dict[str, Any]) -> None:
    free = asyncio.Semaphore(_AT_ONCE)
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), task_queue="recorded", durable=False)

        async def lived(name: str, live: Life) -> None:
            async with free, asyncio.timeout(_PATIENCE):
                told = await live(OneComplaint(environment, settings, f"REC-{name.upper()}"))
                await _at_rest(told)
                runs = await _runs(environment, told)
                for number, history in enumerate(runs, start=1):
                    each = Stored(f"{name}-{number}" if len(runs) > 1 else name, history)
                    stored.write(each)
                    if each.end is not None:
                        golden[each.name] = stored.clocks_of(stored.view_of(each.end, told.reference))
                sys.stdout.write(f"{name}\n")

        async with build_worker(environment.client, settings):
            ended = await asyncio.gather(*(lived(*one) for one in lives.items()), return_exceptions=True)
    for name, problem in zip(lives, ended, strict=True):
        if problem is not None:
            raise RuntimeError(f"the life {name!r} was not lived to its end") from problem


async def _at_rest(told: Told) -> None:
    """Wait until nothing is under way any more; a complaint that was closed has ended then."""
    while True:
        described = (await told.handle.describe()).raw_description
        if not described.pending_activities and not described.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.05)


async def _runs(environment: WorkflowEnvironment, told: Told) -> list[WorkflowHistory]:
    """Fetch the history of each run of a complaint, the first one first."""
    latest = (await told.handle.describe()).run_id
    found: dict[str, datetime] = {}
    while latest not in found:  # the list lags by moments
        query = f"WorkflowId='{told.reference}'"
        found = {run.run_id: run.start_time async for run in environment.client.list_workflows(query)}
    handles = [
        environment.client.get_workflow_handle(told.reference, run_id=run_id)
        for run_id in sorted(found, key=lambda run_id: found[run_id])
    ]
    return [await handle.fetch_history() for handle in handles]


@asynccontextmanager
async def _server_of_short_runs() -> AsyncIterator[WorkflowEnvironment]:
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_log_level="error",
        ts_config=TimeSkippingConfig(enabled=False),
        search_attributes=list(search_attributes.ALL),
        data_converter=data_converter,
        dev_server_extra_args=[word for flag in _SHORT_RUNS for word in ("--dynamic-config-value", flag)],
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


def _in_lines(clocks: list[list[Any]]) -> str:
    return "[\n" + ",\n".join(f"    {json.dumps(clock)}" for clock in clocks) + "\n  ]"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
