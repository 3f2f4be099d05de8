"""Holding letters all due in one minute of real time: how fast they leave, and how late.

Every complaint's own clock is taken to shortly before its day 10, by the same span for all, and from there runs in real
time: nothing is skipped while letters leave.
"""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from temporalio.api.history.v1 import HistoryEvent
from temporalio.common import SearchAttributeKey

from tests.benchmarks import histories
from tests.benchmarks.figures import Figure, number
from tests.benchmarks.load import Handle, Load, Party, each, rate
from tests.benchmarks.parties import AGAIN, FLOOR, PRODUCT
from tests.benchmarks.processes import Server, cpu_seconds, product_worker
from worker.settings import Settings

Drained = dict[str, dict[str, float]]
"""The figures of each party, by its name."""
SPREAD = "product, spread"
_SPREAD_A_MINUTE = 500
"""Less than one worker writes. As shipped the spread is half an hour, however many they are."""
_FIGURES = (
    Figure("drained_s", "letters a second, first clock due → last letter", at_least=0.85),
    Figure("late_p50", "letter after its instant, p50 s"),
    Figure("late_max", "letter after its instant, the latest, s"),
    Figure("timer_p50", "… of it the timer after the instant, p50 s"),
    Figure("wait_p50", "… of it the letter after the timer, p50 s"),
    Figure("server_cpu", "server CPU of a letter, ms"),
    Figure("worker_cpu", "worker CPU of a letter, ms"),
)
_COUNTS = {"early": "clocks that rang before their instant", "next_day": "letters on another day than due"}
_LEAD_SECONDS, _MARGIN = 10, 1.5
"""How long before the letters the clocks are taken ahead: so long, and so many times what that takes."""
_TRIED_WITH, _TRIED_BY = 200, timedelta(hours=1)
"""With how many of them, and by how much, it is tried how long that takes."""
_PARIS = ZoneInfo("Europe/Paris")
_NEXT_DEADLINE = SearchAttributeKey.for_datetime("NextDeadline")


class NoBurst(AssertionError):
    """Some clocks were due before all had been taken ahead."""


@dataclass(frozen=True)
class _Letter:
    """One holding letter, in real time."""

    due: datetime
    rang: datetime
    left: datetime
    on_its_day: bool

    @classmethod
    def of(cls, events: Sequence[HistoryEvent], due: datetime) -> "_Letter":
        """Read it from a history, which is written by the complaint's own clock."""
        rang, left, ahead = histories.rings(events)[0], histories.letters(events)[1], histories.taken_ahead(events)
        return cls(due - ahead, rang - ahead, left - ahead, left.astimezone(_PARIS).date() == due.date())


def spread_minutes(count: int) -> int:
    """Say over how many minutes so many letters are spread."""
    return max(2, round(count / _SPREAD_A_MINUTE))


async def burst(folder: Path, product: Party, floor: Party, count: int) -> tuple[str, Drained]:
    """Have each party write so many letters, on a server of its own; give the table, and the figures by party."""
    parties = {
        PRODUCT: _with_spread(product, folder, 0),
        FLOOR: floor,
        AGAIN: floor,
        SPREAD: _with_spread(product, folder, spread_minutes(count)),
    }
    found = Drained()
    for name, party in parties.items():
        print(f"burst: {name}, {count:,} letters", file=sys.stderr)
        found[name] = await _drained(Server(folder / name.replace(", ", "-").replace(" ", "-")), party, count)
        print(f"burst: {name}: {found[name]}", file=sys.stderr)  # the whole may take an hour
    return _table(found, count), found


def _with_spread(product: Party, folder: Path, minutes: int) -> Party:
    """Give its firm another spread of the letters, in a copy of the firm's file."""
    shipped = Settings().firm_file.read_text(encoding="utf-8")
    copied, times = re.subn(r"(?m)^letters_spread_minutes *=.*$", f"letters_spread_minutes = {minutes}", shipped)
    assert times == 1
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"spread-{minutes}.toml"
    copy.write_text(copied, encoding="utf-8")
    return replace(product, worker=partial(product_worker, settings={"COMPLAINTS_FIRM_FILE": str(copy)}))


async def _drained(server: Server, party: Party, count: int) -> dict[str, float]:
    server.folder.mkdir(parents=True)
    client = await server.start()
    worker = await party.worker(server, party.queue)
    try:
        load = Load(client, party)
        handles = await load.opened(count)
        due = dict(zip(handles, await each([partial(_instant, party, handle) for handle in handles]), strict=True))
        await _take_ahead(load, due)
        spent = cpu_seconds(server.pid), cpu_seconds(worker.pid)
        for handle in sorted(handles, key=due.__getitem__, reverse=True):  # the last one first: little is asked
            await load.until_letter(handle, 2)
        server_cpu, worker_cpu = cpu_seconds(server.pid) - spent[0], cpu_seconds(worker.pid) - spent[1]
        written = zip(await load.histories(handles), due.values(), strict=True)
        letters = [_Letter.of(events, instant) for events, instant in written]
    finally:
        await worker.kill()
        await server.stop()
    late = [(letter.left - letter.due).total_seconds() for letter in letters]
    return {
        "drained_s": rate([letter.rang for letter in letters], [letter.left for letter in letters]),
        "late_p50": statistics.median(late),
        "late_max": max(late),
        "timer_p50": statistics.median((letter.rang - letter.due).total_seconds() for letter in letters),
        "wait_p50": statistics.median((letter.left - letter.rang).total_seconds() for letter in letters),
        "server_cpu": 1000 * server_cpu / count,
        "worker_cpu": 1000 * worker_cpu / count,
        "due_within": (max(letter.due for letter in letters) - min(letter.due for letter in letters)).total_seconds(),
        "early": sum(letter.rang < letter.due for letter in letters),
        "next_day": sum(not letter.on_its_day for letter in letters),
    }


async def _instant(party: Party, handle: Handle) -> datetime:
    """When the holding letter of one that is parked is due, by its own clock; in Paris time."""
    if "holding" in party.opening:  # the floor is told, the product says so
        return datetime.fromisoformat(party.opening["holding"]).astimezone(_PARIS)
    shown = (await handle.describe()).typed_search_attributes[_NEXT_DEADLINE]
    return shown.astimezone(_PARIS)


async def _take_ahead(load: Load, due: dict[Handle, datetime]) -> None:
    """Make the first of these instants one shortly from now, by the same span for all; wait until then.

    Raises:
        NoBurst: that took longer than was thought.

    """
    handles = list(due)
    tried, others = handles[:_TRIED_WITH], handles[_TRIED_WITH:]
    begun = time.perf_counter()
    await load.take_ahead(tried, _TRIED_BY)
    each_takes = (time.perf_counter() - begun) / len(tried)
    begins = datetime.now(UTC) + timedelta(seconds=_LEAD_SECONDS + _MARGIN * each_takes * len(handles))
    span = min(due.values()) - begins
    await load.take_ahead(tried, span - _TRIED_BY)
    await load.take_ahead(others, span)
    left = (begins - datetime.now(UTC)).total_seconds()
    if left < 0:
        raise NoBurst(f"the clocks were taken ahead {-left:.1f} s too late")
    await asyncio.sleep(left)


def _table(found: Drained, count: int) -> str:
    product, floor, again, spread = (found[name] for name in (PRODUCT, FLOOR, AGAIN, SPREAD))
    lines = [
        f"| {count:,} letters due together, one run | complaint | floor | complaint ÷ floor | floor ÷ itself | goal | "
        f"| complaint, spread over {spread_minutes(count)} min |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for figure in _FIGURES:
        ours, bare = product[figure.key], floor[figure.key]
        ratio, noise = ours / bare, again[figure.key] / bare
        cells = [
            figure.label, number(ours), number(bare), f"**{ratio:.2f}**", f"{noise:.2f}", figure.goal,
            figure.verdict(ratio, [noise]), number(spread[figure.key]),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for key, label in _COUNTS.items():
        counts = [f"{party[key]:.0f}" for party in (product, floor, spread)]
        said = "met" if product[key] == spread[key] == 0 else "missed"
        lines.append(f"| {label} | {counts[0]} | {counts[1]} | | | 0 | {said} | {counts[2]} |")
    within = [f"{party['due_within']:.1f}" for party in (product, floor, spread)]
    return "\n".join([*lines, f"| instants lay within, s | {within[0]} | {within[1]} | | | | | {within[2]} |"])
