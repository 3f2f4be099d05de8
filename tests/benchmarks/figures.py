"""The figures, their goals, and what is said of them: met, missed, or missed within the noise of the floor."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Rounds = Sequence[dict[str, float]]


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    key: str
    label: str
    at_least: float | None = None
    at_most: float | None = None

    def verdict(self, ratio: float, noise: Sequence[float]) -> str:
        """Compare a ratio with the goal; `noise` is the floor over itself, round by round.

        What the floor is off from itself, up or down, in the median round: one wild round excuses nothing.
        """
        off = statistics.median(max(each, 1 / each) for each in noise)
        if self.at_least is not None:
            missed, excused = ratio < self.at_least, ratio * off >= self.at_least
        elif self.at_most is not None:
            missed, excused = ratio > self.at_most, ratio / off <= self.at_most
        else:
            return ""
        return ("within noise" if excused else "missed") if missed else "met"

    @property
    def goal(self) -> str:
        """The goal as it is written."""
        if self.at_least is not None:
            return f"≥ {self.at_least:.2f}"
        return f"≤ {self.at_most:.2f}" if self.at_most is not None else ""


FIGURES = (
    Figure("lives_s", "ordinary lives a second", at_least=0.90),
    Figure("starts_s", "starts accepted a second"),
    Figure("intakes_s", "starts a second, to the first letter"),
    Figure("answers_s", "answers (signals) a second, to their letter"),
    Figure("first_letter_p50", "start → first letter, p50 ms", at_most=1.25),
    Figure("first_letter_p99", "start → first letter, p99 ms", at_most=1.50),
    Figure("act_p50", "event → next act, p50 ms", at_most=1.25),
    Figure("act_p99", "event → next act, p99 ms", at_most=1.50),
    Figure("events", "history events of a life", at_most=1.05),
    Figure("bytes", "history bytes of a life", at_most=1.50),
    Figure("server_cpu", "server CPU of a life, ms", at_most=1.10),
    Figure("worker_cpu", "worker CPU of a life, ms", at_most=1.50),
    Figure("worker_mb", "worker memory of 1,000 open, MB", at_most=1.60),
)
REPLAYS = (
    Figure("life_sandboxed", "replay of a life, both sandboxed, ms", at_most=1.30),
    Figure("life_bare", "replay of a life, both unsandboxed, ms", at_most=1.30),
    Figure("long_sandboxed", "replay of 500 events, both sandboxed, ms"),
    Figure("long_bare", "replay of 500 events, both unsandboxed, ms"),
)


def table(figures: Iterable[Figure], product: Rounds, floor: Rounds, again: Rounds) -> str:
    """Write the Markdown table: minimum, median and maximum of each over the rounds."""
    lines = [
        "| | complaint | floor | complaint ÷ floor | floor ÷ itself | goal | |",
        "|---|---|---|---|---|---|---|",
    ]
    for figure in figures:
        ours, bare, twice = ([each[figure.key] for each in rounds] for rounds in (product, floor, again))
        ratios, noise = _over(ours, bare), _over(twice, bare)
        cells = [
            figure.label, spread(ours), spread(bare), f"**{statistics.median(ratios):.2f}** {_ends(ratios)}",
            spread(noise), figure.goal, figure.verdict(statistics.median(ratios), noise),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def beside_letters(product: Rounds, lettered: Rounds) -> str:
    """Write what a complaint takes beside a floor that sends the same letters: what is left is not their cost."""
    lines = ["| | complaint | floor with letters | complaint ÷ it |", "|---|---|---|---|"]
    for figure in FIGURES:
        ours, theirs = ([each[figure.key] for each in rounds] for rounds in (product, lettered))
        ratios = _over(ours, theirs)
        ratio = f"**{statistics.median(ratios):.2f}** {_ends(ratios)}"
        lines.append(f"| {figure.label} | {spread(ours)} | {spread(theirs)} | {ratio} |")
    return "\n".join(lines)


def spread(values: Sequence[float]) -> str:
    """Write a median with its minimum and maximum."""
    return f"{number(statistics.median(values))} {_ends(values)}"


def _over(these: Sequence[float], those: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(these, those, strict=True)]


def _ends(values: Sequence[float]) -> str:
    return f"({number(min(values))}–{number(max(values))})"


def number(value: float) -> str:
    """Write a figure with three digits, more or less."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
