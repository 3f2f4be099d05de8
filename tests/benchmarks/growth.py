"""What grows with the number of open complaints: each party fills a server of its own, parked on its clocks."""

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.load import INVESTIGATING, Handle, Load, Party
from tests.benchmarks.processes import Server, resident_mb

Grown = dict[str, list[dict[str, float]]]
"""The figures of each party at each size, by its name."""
_LOOKED_AT = 20
_COLUMNS = {
    "intakes_s": "intakes a second",
    "newest": "event → act, newest, p50 ms",
    "oldest": "event → act, oldest, p50 ms",
    "server_mb": "server MB",
    "worker_mb": "worker MB",
    "database_mb": "database MB",
    "restart_s": "worker killed → first answer handled, s",
}


async def growth(folder: Path, parties: Sequence[Party], sizes: Sequence[int]) -> tuple[str, Grown]:
    """Fill for each party in turn; give the table, with the ratios of the first to the second, and the figures."""
    found = Grown()
    for party in parties:
        (folder / party.name).mkdir(parents=True)
        found[party.name] = await _filled(Server(folder / party.name), party, sizes)
    lines = [f"| open | | {' | '.join(_COLUMNS.values())} |", "|" + "---|" * (2 + len(_COLUMNS))]
    for size, ours, bare in zip(sizes, *found.values(), strict=True):
        ratios = {key: ours[key] / bare[key] for key in ours}
        for name, row in zip((*found, "ratio"), (ours, bare, ratios), strict=True):
            cells = [f"{row[key]:,.2f}" if key in row else "" for key in _COLUMNS]
            lines.append(f"| {size:,} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines), found


async def _filled(server: Server, party: Party, sizes: Sequence[int]) -> list[dict[str, float]]:
    client = await server.start()
    worker = await party.worker(server, party.queue)
    load, parked, answered, rows = Load(client, party), list[Handle](), 0, []
    try:
        for size in sizes:
            print(f"growth: {party.name}, {size:,} open", file=sys.stderr)
            begun = time.perf_counter()
            more, _ = await load.starts(size - len(parked) - answered)
            parked += more
            await load.until(INVESTIGATING, len(parked))
            row = {"intakes_s": len(more) / (time.perf_counter() - begun)}
            oldest, parked, newest = parked[:_LOOKED_AT], parked[_LOOKED_AT:-_LOOKED_AT], parked[-_LOOKED_AT:]
            answered += 2 * _LOOKED_AT
            row["newest"] = statistics.median([await load.act(handle) for handle in newest])
            row["oldest"] = statistics.median([await load.act(handle) for handle in oldest])
            row |= {"server_mb": resident_mb(server.pid), "worker_mb": resident_mb(worker.pid)}
            rows.append(row | {"database_mb": server.database_mb})
            print(f"growth: {party.name}, {size:,} open: {rows[-1]}", file=sys.stderr)  # the whole takes hours
        await worker.kill()
        begun = time.perf_counter()
        worker = await party.worker(server, party.queue)
        await load.act(parked[-1])  # the dead worker had it in memory
        rows[-1]["restart_s"] = time.perf_counter() - begun
    finally:
        await worker.kill()
        await server.stop()
    return rows
