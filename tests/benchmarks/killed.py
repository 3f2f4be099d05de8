"""A worker killed with -9 under load, twice: is anything lost, stuck or sent twice, and when is all caught up?"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.benchmarks.load import ANSWERED, INVESTIGATING, Handle, Load, Party
from tests.benchmarks.processes import Server

_DEALT_WITH = 0.3
_LETTERS = ("acknowledgement", "resolution")


async def killed(server: Server, client: Client, product: Party, floor: Party, count: int) -> str:
    """Kill in the middle of the intake, and in the middle of the answers; the letters are counted as files."""
    ours, bare = [await _endured(server, client, party, count) for party in (product, floor)]
    lost, twice = _letters(server.folder, ours["handles"])
    lines = [
        "| worker killed with -9 | complaint | floor | ratio | goal | |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for what in ("intake", "answers"):
        one, other = ours[what], bare[what]
        said = "met" if one / other <= 0.5 else "missed"
        lines.append(
            f"| in the {what}: all caught up after, s | {one:.1f} | {other:.1f} | {one / other:.2f} | ≤ 0.50 | {said} |"
        )
    for what, number in (("lost", lost), ("twice", twice)):
        lines.append(
            f"| letters {what}, of {count * len(_LETTERS)} | {number} | | | 0 | {'missed' if number else 'met'} |"
        )
    return "\n".join([*lines, f"| stuck, of {count} | 0 | 0 | | 0 | met |"])


async def _endured(server: Server, client: Client, party: Party, count: int) -> dict[str, Any]:
    print(f"killed: {party.name}", file=sys.stderr)
    load, found = Load(client, party), dict[str, Any]()
    worker = await party.worker(server, party.queue)
    try:
        await load.end(await load.opened(5))
        handles, _ = await load.starts(count)
        found["handles"] = handles
        for what, stage in (("intake", INVESTIGATING), ("answers", ANSWERED)):
            if stage == ANSWERED:
                await load.answer(handles)
            await load.until(stage, int(_DEALT_WITH * count))
            await worker.kill()
            begun = time.perf_counter()
            worker = await party.worker(server, party.queue)
            await load.until(stage, count)  # one that is stuck would end the benchmark here
            found[what] = time.perf_counter() - begun
        await load.end(handles)
    finally:
        await worker.kill()
    return found


def _letters(folder: Path, handles: Sequence[Handle]) -> tuple[int, int]:
    """Count the letters that are missing, and those there more than once, in the outbox."""
    lost = twice = 0
    for handle in handles:
        files = (folder / "var" / "outbox" / handle.id).glob("*.eml")
        kinds = Counter(file.name.split("_")[1] for file in files)
        lost += sum(not kinds[kind] for kind in _LETTERS)
        twice += sum(number > 1 for number in kinds.values())
    return lost, twice
