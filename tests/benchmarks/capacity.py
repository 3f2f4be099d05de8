"""The arithmetic of docs/capacity.md: what one complaint was measured to take, times how many there are.

`python -m tests.benchmarks.capacity` prints the page's plan. When a figure is measured anew it is changed here, once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

# Measured: docs/capacity.md says by which run.
ACTIONS = 23
HISTORY_OPEN_KB, HISTORY_CLOSED_KB = 20, 35
DATABASE_OPEN_KB, DATABASE_CLOSED_KB = 31, 79
REGISTER_KB, OUTBOX_KB, OUTBOX_FILES = 208, 325, 26
WORKER_CPU_LIFE, WORKER_CPU_LETTER, SERVER_CPU_LETTER = 0.167, 0.053, 0.038
JOURNAL_LINES = 9
DRAINED_A_SECOND = 13.7
DIGEST_A_COMPLAINT = 0.001

# Assumed.
OPEN_DAYS, OFFICE_SECONDS, MORNING_PEAK = 252, 9 * 3600, 4
OPEN_YEARS, RETENTION_YEARS, REGISTER_YEARS = 13 / 12, 90 / 365, 5
LETTERS_OF_CLOCKS, BUSIEST_DAY, SPREAD_SECONDS = 2, 3, 30 * 60
ACTIONS_OF_A_LETTER, TIMERS_EACH = 4, 1.5
BUSY = 0.5
CLOCKS_DUE, DAYS_LOOKED_AHEAD = 3, 4

_GB = 1e6
"""Kilobytes."""


@dataclass(frozen=True)
class Scale:
    """How many complaints there are."""

    name: str
    a_year: float
    open_if_given: float | None = None

    @property
    def open(self) -> float:
        """How many are open at a time."""
        return self.open_if_given or self.a_year * OPEN_YEARS

    @property
    def retained(self) -> float:
        """How many closed ones Temporal still knows."""
        return self.a_year * RETENTION_YEARS

    @property
    def starts(self) -> float:
        """Starts a second in opening hours."""
        return self.a_year / OPEN_DAYS / OFFICE_SECONDS

    @property
    def letters(self) -> float:
        """Letters that clocks send on the busiest day."""
        return self.a_year * LETTERS_OF_CLOCKS / OPEN_DAYS * BUSIEST_DAY

    @property
    def letters_a_second(self) -> float:
        """The same, within the spread as shipped."""
        return self.letters / SPREAD_SECONDS

    @property
    def letter_cores(self) -> float:
        """Worker cores busy with them; each complaint has left the cache since its last step."""
        return self.letters_a_second * WORKER_CPU_LETTER


SCALES = (
    Scale("one broker", 2_000),
    Scale("a group", 50_000),
    Scale("a market platform", 1_000_000),
    Scale("a nation", 10_000_000, 30_000_000),
)
LINES: dict[str, Callable[[Scale], float]] = {
    "complaints a year": lambda scale: scale.a_year,
    "open at a time": lambda scale: scale.open,
    "timers waiting": lambda scale: scale.open * TIMERS_EACH,
    "starts a second in opening hours": lambda scale: scale.starts,
    "… in the morning's peak": lambda scale: scale.starts * MORNING_PEAK,
    "worker cores in that peak, at most": lambda scale: scale.starts * MORNING_PEAK * WORKER_CPU_LIFE,
    "letters of clocks, an average open day": lambda scale: scale.letters / BUSIEST_DAY,
    "… the busiest day": lambda scale: scale.letters,
    "… a second, within 30 minutes": lambda scale: scale.letters_a_second,
    "worker cores for that": lambda scale: scale.letter_cores,
    "worker processes, two at the least": lambda scale: max(2, math.ceil(scale.letter_cores / BUSY)),
    "Temporal server cores for that": lambda scale: scale.letters_a_second * SERVER_CPU_LETTER,
    "spread one machine of two cores needs, minutes": lambda scale: scale.letters / DRAINED_A_SECOND / 60,
    "actions a year": lambda scale: scale.a_year * ACTIONS,
    "actions a second while letters leave": lambda scale: scale.letters_a_second * ACTIONS_OF_A_LETTER,
    "histories of open complaints (active), GB": lambda scale: scale.open * HISTORY_OPEN_KB / _GB,
    "histories of closed ones (retained), GB": lambda scale: scale.retained * HISTORY_CLOSED_KB / _GB,
    "Temporal's own database, GB": lambda scale: (
        (scale.open * DATABASE_OPEN_KB + scale.retained * DATABASE_CLOSED_KB) / _GB
    ),
    "rows of visibility": lambda scale: scale.open + scale.retained,
    "register, GB a year": lambda scale: scale.a_year * REGISTER_KB / _GB,
    f"register after {REGISTER_YEARS} years, GB": lambda scale: scale.a_year * REGISTER_KB / _GB * REGISTER_YEARS,
    "lines of journals a year": lambda scale: scale.a_year * JOURNAL_LINES,
    "outbox as a folder, GB a year": lambda scale: scale.a_year * OUTBOX_KB / _GB,
    "… files a year": lambda scale: scale.a_year * OUTBOX_FILES,
    "complaints the team's digest reads": lambda scale: scale.a_year / OPEN_DAYS * CLOCKS_DUE * DAYS_LOOKED_AHEAD,
    "… seconds it reads": lambda scale: scale.a_year / OPEN_DAYS * CLOCKS_DUE * DAYS_LOOKED_AHEAD * DIGEST_A_COMPLAINT,
}


def plan() -> str:
    """Write the plan as a Markdown table."""
    lines = [f"| | {' | '.join(scale.name for scale in SCALES)} |", "|---|" + "---:|" * len(SCALES)]
    lines += [f"| {what} | {' | '.join(_rounded(of(scale)) for scale in SCALES)} |" for what, of in LINES.items()]
    return "\n".join(lines)


def _rounded(value: float) -> str:
    """Two digits: more would pretend to know."""
    value = float(f"{value:.2g}")
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


if __name__ == "__main__":
    print(plan())
