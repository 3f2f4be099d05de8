"""How long a history takes to replay: `python -m tests.benchmarks.replays FOLDER ROUNDS`, in a process of its own.

The folder has `product-life.json`, `floor-life.json` and the long ones; prints JSON. Both parties are replayed under
the same runner, sandboxed and not: what differs is the code of the workflow.
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.benchmarks.floor import Floor
from tests.benchmarks.parties import AGAIN, FLOOR, PRODUCT
from worker.conversion import data_converter
from workflows.complaint import Complaint

_TIMES = {"life": 6, "long": 2}
_RUNNERS = {"sandboxed": SandboxedWorkflowRunner, "bare": UnsandboxedWorkflowRunner}


async def main(folder: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Replay everything in turns; the first, unreported one warms up."""
    found: dict[str, list[dict[str, float]]] = {PRODUCT: [], FLOOR: [], AGAIN: []}
    for number in range(rounds + 1):
        for party, taken in found.items():
            file = PRODUCT if party == PRODUCT else FLOOR
            figures = {
                f"{what}_{runner}": await _milliseconds(
                    _read(folder / f"{file}-{what}.json"), file, runner, _TIMES[what]
                )
                for what in _TIMES
                for runner in _RUNNERS
            }
            if number:
                taken.append(figures)
    return found


def _read(path: Path) -> WorkflowHistory:
    kept = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(kept["id"], kept["history"])


async def _milliseconds(history: WorkflowHistory, party: str, runner: str, times: int) -> float:
    wiring: dict[str, Any] = {"workflows": [Floor]}
    if party == PRODUCT:
        wiring = {"workflows": [Complaint], "data_converter": data_converter}
    took = []
    for _ in range(times):
        replayer = Replayer(**wiring, workflow_runner=_RUNNERS[runner]())
        begun = time.perf_counter()
        await replayer.replay_workflow(history)
        took.append(1000 * (time.perf_counter() - begun))
    return statistics.median(took)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))))
