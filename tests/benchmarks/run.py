"""How much of Temporal's own speed a complaint keeps: `make bench`.

`make bench-full` measures every part. Each party takes its turn on one embedded server, the floor twice: what the
floor differs from itself is noise.
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from tests.benchmarks import histories
from tests.benchmarks.burst import burst
from tests.benchmarks.chart import burst_chart, growth_chart
from tests.benchmarks.figures import FIGURES, REPLAYS, Rounds, beside_letters, table
from tests.benchmarks.growth import growth
from tests.benchmarks.killed import killed
from tests.benchmarks.load import Load, Party
from tests.benchmarks.parties import AGAIN, FLOOR, LETTERED, PRODUCT, beside, reference, require_same_steps
from tests.benchmarks.processes import Server, lettered_worker
from tests.benchmarks.turn import turn
from worker.encryption.keyring import KeyRing

_NOTES_OF_500_EVENTS = 96
"""Each note is five events, after the intake's eighteen."""


class Part(StrEnum):
    """What can be measured."""

    ROUNDS = "rounds"
    LETTERS = "letters"  # in the rounds, also a floor that sends letters
    KILLED = "killed"
    GROWTH = "growth"
    BURST = "burst"


async def _bench(given: argparse.Namespace, folder: Path) -> AsyncGenerator[str, None]:
    """Give the report part by part."""
    server = Server(folder)
    client = await server.start()
    try:
        product, life = await reference(server, client, "product", *_settings(given))
        base = beside(product, life, "floor")
        await require_same_steps(server, client, base, life)
        if Part.ROUNDS in given.parts:
            async for table_of_rounds in _rounds(given, server, client, product, base):
                yield table_of_rounds
            yield _cost(life)
        if Part.KILLED in given.parts:
            yield await killed(server, client, product, base, given.killed)
    finally:
        await server.stop()
    if Part.GROWTH in given.parts:
        table_of_growth, grown = await growth(folder / "growth", (product, base), given.sizes)
        yield table_of_growth
        _draw(given.charts, "growth", growth_chart(given.sizes, grown))
    if Part.BURST in given.parts:
        table_of_burst, drained = await burst(folder / "burst", product, base, given.burst)
        yield table_of_burst
        _draw(given.charts, "burst", burst_chart(drained, given.burst))


def _draw(beginning: Path | None, part: str, svg: str) -> None:
    if beginning:
        beginning.with_name(f"{beginning.name}-{part}.svg").write_text(svg, encoding="utf-8")


async def _rounds(
    given: argparse.Namespace, server: Server, client: Client, product: Party, base: Party
) -> AsyncIterator[str]:
    """Let the parties take their turns; give the tables."""
    parties = {PRODUCT: product, FLOOR: base, AGAIN: base}
    if Part.LETTERS in given.parts:
        parties[LETTERED] = replace(base, queue="lettered", worker=lettered_worker)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in parties}
    for number in range(1, given.rounds + 1):
        for name, party in parties.items():
            print(f"round {number} of {given.rounds}: {name}", file=sys.stderr)
            found[name].append(await turn(server, client, party, given.lives, given.alone))
    yield (
        f"{given.rounds} rounds in turns, {given.lives} lives together and {given.alone} alone in each; "
        f"{os.cpu_count()} cores. Median (minimum–maximum)."
    )
    yield table(FIGURES, found[PRODUCT], found[FLOOR], found[AGAIN])
    if LETTERED in found:
        yield beside_letters(found[PRODUCT], found[LETTERED])
    if not given.encrypted:  # a replay has no keys
        for party in (product, base):
            await _write_histories(server, client, party)
        yield table(REPLAYS, *await _replays(server.folder, given.rounds))


def _settings(given: argparse.Namespace) -> tuple[dict[str, str], KeyRing | None]:
    """Give the settings of the product's worker that are not those it is shipped with, and its keys."""
    found = {"COMPLAINTS_SANDBOX": "true"} if given.sandboxed else {}
    if not given.encrypted:
        return found, None
    key, stated = "benchmark", json.dumps({"benchmark": secrets.token_hex(32)})
    found |= {"COMPLAINTS_ENCRYPTION_KEY": key, "COMPLAINTS_ENCRYPTION_SECRETS": stated}
    return found, KeyRing(key, stated, None)


async def _reported(given: argparse.Namespace) -> None:
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # no process stays behind
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        async with aclosing(_bench(given, Path(folder))) as report:
            async for part in report:
                print(f"{part}\n")
                parts.append(part)
                if given.report:
                    given.report.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


async def _write_histories(server: Server, client: Client, party: Party) -> None:
    """Leave a life, and a longer history of many notes, for the replays."""
    worker = await party.worker(server, party.queue)
    try:
        load = Load(client, party)
        handles = {"life": (await load.lives(1))[0], "long": await load.noted(_NOTES_OF_500_EVENTS)}
        for what, handle in handles.items():
            history: WorkflowHistory = await handle.fetch_history()
            path = server.folder / f"{party.name}-{what}.json"
            # Under its own reference: the afternoon's spread of the letters comes from it.
            path.write_text(json.dumps({"id": handle.id, "history": history.to_json()}), encoding="utf-8")
        await load.end([handles["long"]])
    finally:
        await worker.stop()


async def _replays(folder: Path, rounds: int) -> Sequence[Rounds]:
    replaying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.replays", str(folder), str(rounds), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await replaying.communicate()
    assert replaying.returncode == 0
    return list(json.loads(output).values())


def _cost(life: Sequence[HistoryEvent]) -> str:
    actions = histories.cloud_actions(life)
    lines = ["| Temporal Cloud actions of an ordinary life | |", "|---|---|"]
    lines += [f"| {what} | {count} |" for what, count in actions.most_common()]
    return "\n".join([*lines, f"| **all** | **{actions.total()}** |"])


def _sizes(said: str) -> list[int]:
    return [int(size) for size in said.split(",")]


def _parts(said: str) -> list[Part]:
    return [Part(name) for name in said.split(",")]


def main() -> None:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lives", type=int, default=40, help="lives lived together in each turn")
    parser.add_argument("--alone", type=int, default=20, help="lives one after another in each turn, for the latency")
    parser.add_argument("--encrypted", action="store_true", help="the complaints' payloads are encrypted")
    parser.add_argument("--sandboxed", action="store_true", help="the complaints run in Temporal's sandbox")
    parser.add_argument("--parts", type=_parts, default=[Part.ROUNDS], help=f"which of {','.join(Part)}")
    parser.add_argument("--killed", type=int, default=150, help="complaints under way when the worker is killed")
    parser.add_argument("--sizes", type=_sizes, default=[1000, 5000], help="how many are open, such as 1000,5000")
    parser.add_argument("--burst", type=int, default=1000, help="letters due in the same minute")
    parser.add_argument("--report", type=Path, help="where to write the tables, as Markdown")
    parser.add_argument(
        "--charts", type=Path, help="how the files begin in which growth and burst are drawn; else as the report's does"
    )
    given = parser.parse_args()
    if given.report and not given.charts:
        given.charts = given.report.with_suffix("")
    asyncio.run(_reported(given))


if __name__ == "__main__":
    main()
