"""One turn of one party: a worker of its own, warmed up; first without load, then so many lives together."""

import statistics
import time
from collections.abc import Awaitable

from temporalio.client import Client

from tests.benchmarks import histories
from tests.benchmarks.load import ANSWERED, INVESTIGATING, Load, Party, rate
from tests.benchmarks.processes import Server, cpu_seconds, resident_mb

_WARMING = 40
"""Opened before anything is measured: threads, caches and pools have what they need, and memory is per complaint."""


async def turn(server: Server, client: Client, party: Party, lives: int, alone: int) -> dict[str, float]:
    """Give each figure of the turn, by name."""
    worker = await party.worker(server, party.queue)
    try:
        load = Load(client, party)
        await load.lives(1)
        before = await load.opened(_WARMING)
        firsts, answers = zip(*[await load.alone() for _ in range(alone)], strict=True)
        held = resident_mb(worker.pid)
        spent = cpu_seconds(server.pid), cpu_seconds(worker.pid)

        begun = time.perf_counter()
        handles, starts = await load.starts(lives)
        await load.until(INVESTIGATING, _WARMING + lives)
        took = time.perf_counter() - begun
        open_mb = resident_mb(worker.pid) - held
        took += await _seconds(load.to_day_40(handles))
        begun = time.perf_counter()
        await load.answer(handles)
        await load.until(ANSWERED, lives)
        took += time.perf_counter() - begun
        took += await _seconds(load.to_the_end(handles))

        server_cpu, worker_cpu = cpu_seconds(server.pid) - spent[0], cpu_seconds(worker.pid) - spent[1]
        written = await load.histories(handles)
        await load.end(before)
    finally:
        await worker.stop()
    return {
        "lives_s": lives / took,
        "starts_s": starts,
        "intakes_s": rate(
            [histories.at(each[0]) for each in written], [histories.letters(each)[0] for each in written]
        ),
        "answers_s": rate(
            [histories.signals(each)[0] for each in written], [histories.letters(each)[-1] for each in written]
        ),
        "first_letter_p50": statistics.median(firsts),
        "first_letter_p99": _p99(firsts),
        "act_p50": statistics.median(answers),
        "act_p99": _p99(answers),
        "events": statistics.mean(len(histories.kinds(each)) for each in written),
        "bytes": statistics.mean(histories.size(each) for each in written),
        "server_cpu": 1000 * server_cpu / lives,
        "worker_cpu": 1000 * worker_cpu / lives,
        "worker_mb": 1000 * open_mb / lives,
    }


async def _seconds(act: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await act
    return time.perf_counter() - begun


def _p99(values: tuple[float, ...]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
