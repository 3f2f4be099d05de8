"""Pictures of what grows with the open complaints, and of the burst: pairs of bars, drawn as the register's are."""

from collections.abc import Sequence
from dataclasses import dataclass

from starter.figures.drawing import DARK, LIGHT, PALE, WIDTH, Chart, Label, Rect, Rule, Tone
from tests.benchmarks.burst import SPREAD, Drained, spread_minutes
from tests.benchmarks.figures import number
from tests.benchmarks.growth import Grown
from tests.benchmarks.parties import FLOOR, PRODUCT

_EDGE, _HEAD, _FOOT = 16, 82, 34
_PANEL_WIDTH, _PANEL_HEIGHT, _BARS_TOP, _BARS_HEIGHT = (WIDTH - 3 * _EDGE) / 2, 172, 36, 100
_GAP = 0.3
_GROWING = {
    "intakes_s": "Intakes a second",
    "newest": "Event → next act, p50, ms",
    "worker_mb": "Worker's memory, MB",
    "database_mb": "Temporal's database, MB",
}
_DRAINED = {"drained_s": "Letters a second", "late_max": "The latest letter, s after its instant"}
_LEGEND = (("complaint", DARK), ("floor", LIGHT), ("complaint, letters spread over minutes", PALE))


@dataclass(frozen=True)
class _Panel:
    title: str
    groups: Sequence[tuple[str, Sequence[tuple[float, Tone]]]]
    """A name for each group of bars, and its bars."""


def growth_chart(sizes: Sequence[int], growth: Grown) -> str:
    """Draw as SVG what grows with the number of open complaints, a panel for each."""
    rows = list(zip(sizes, growth[PRODUCT], growth[FLOOR], strict=True))
    panels = [
        _Panel(title, [(f"{size:,} open", ((ours[key], DARK), (bare[key], LIGHT))) for size, ours, bare in rows])
        for key, title in _GROWING.items()
    ]
    return _drawn("growth", "Growth: a complaint beside a bare workflow", _LEGEND[:2], panels)


def burst_chart(burst: Drained, count: int) -> str:
    """Draw as SVG how so many letters that are due together leave."""
    together, spread = f"{count:,} due together", f"spread over {spread_minutes(count)} min"
    panels = [
        _Panel(
            title,
            [
                (together, ((burst[PRODUCT][key], DARK), (burst[FLOOR][key], LIGHT))),
                (spread, ((burst[SPREAD][key], PALE),)),
            ],
        )
        for key, title in _DRAINED.items()
    ]
    return _drawn("burst", "Letters due together: a complaint beside a bare workflow", _LEGEND, panels)


def _drawn(name: str, title: str, legend: Sequence[tuple[str, Tone]], panels: Sequence[_Panel]) -> str:
    drawn = Chart(
        name=name,
        title=title,
        subtitle="One machine, one run: compare the two bars of a pair, not the figures with another machine's",
        described="; ".join(f"{panel.title}: {_in_words(panel)}" for panel in panels),
        source="make bench-full; docs/performance.md says how it is measured",
        language="en",
        height=_HEAD + (len(panels) + 1) // 2 * _PANEL_HEIGHT + _FOOT,
    )
    x = float(_EDGE)
    for meaning, tone in legend:
        drawn.rects.append(Rect(x, 56, 12, 12, tone))
        drawn.labels.append(Label(x + 17, 66, meaning, "legend", "start"))
        x += 17 + len(meaning) * 6.2 + 22
    for place, panel in enumerate(panels):
        column, row = place % 2, place // 2
        _draw(drawn, panel, _EDGE + column * (_PANEL_WIDTH + _EDGE), _HEAD + row * _PANEL_HEIGHT)
    return drawn.svg()


def _draw(drawn: Chart, panel: _Panel, left: float, top: float) -> None:
    bottom = top + _BARS_TOP + _BARS_HEIGHT
    highest = max(value for _, bars in panel.groups for value, _ in bars) or 1
    drawn.labels.append(Label(left, top + 14, panel.title, "name", "start"))
    drawn.rules.append(Rule(left, left + _PANEL_WIDTH, bottom))
    step = _PANEL_WIDTH / len(panel.groups)
    for place, (name, bars) in enumerate(panel.groups):
        wide = min(step * (1 - _GAP) / len(bars), 60)
        middle = left + (place + 0.5) * step
        drawn.labels.append(Label(middle, bottom + 16, name, "axis"))
        for nth, (value, tone) in enumerate(bars):
            x, height = middle + (nth - len(bars) / 2) * wide, value / highest * _BARS_HEIGHT
            drawn.rects.append(Rect(x, bottom - height, wide, height, tone))
            drawn.labels.append(Label(x + wide / 2, bottom - height - 4, number(value), "small"))


def _in_words(panel: _Panel) -> str:
    return ", ".join(f"{name} {' and '.join(number(value) for value, _ in bars)}" for name, bars in panel.groups)
