"""Draws bars as SVG: static files of their own, with a title, a source and a text for those who cannot see them.

Tones rather than hues tell the parts apart, so that a grey printout reads as well; the last one may be hatched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"

WIDTH = 760
"""Of every chart, in pixels; heights differ."""
_LEFT, _RIGHT, _TOP, _FOOT = 48, 16, 100, 62
_PLOT = 220
_EDGE = 16
_GAP = 0.36
"""Between two columns, as a part of their step."""
_TICKS = 4
_NAME_WIDTH = 250
_RANKED_TOP, _ROW, _BAR, _BEFORE = 86, 38, 15, 8
_LONGEST_NAME = 38
_SMALLEST_LABELLED = 13
"""Pixels: a lower part bears no number, which the table beside the chart has."""


@dataclass(frozen=True)
class Tone:
    """How a part is filled, and what is written on it."""

    fill: str
    ink: str
    hatched: bool = False


PALE = Tone("#cfe0ec", "#16324f")
LIGHT = Tone("#93b8d3", "#0e2438")
MIDDLE = Tone("#4d84ad", "#ffffff")
DARK = Tone("#16324f", "#ffffff")
HATCHED = Tone("#ffffff", "#16324f", hatched=True)


@dataclass(frozen=True)
class Series:
    """One part of every column: its name, its tone, its values in the order of the columns."""

    name: str
    tone: Tone
    values: Sequence[int]


@dataclass(frozen=True)
class Rect:
    """A filled rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone


@dataclass(frozen=True)
class Label:
    """A text at a point; `style` is a class of the template."""

    x: float
    y: float
    text: str
    style: str = "label"
    anchor: str = "middle"
    tone: Tone | None = None
    """What it is written on; None: on the page."""


@dataclass(frozen=True)
class Rule:
    """A horizontal line."""

    x1: float
    x2: float
    y: float


@dataclass
class Chart:
    """What a chart shows, and where. `described` says in words what is to be seen."""

    name: str
    """Of the file, and of the parts within it: several charts may stand on one page."""
    title: str
    subtitle: str
    described: str
    source: str
    language: str
    height: float
    width: float = WIDTH
    rects: list[Rect] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def svg(self) -> str:
        """Give the picture as a file of its own, which stands as well within a page of HTML."""
        return environment().get_template("chart.svg.j2").render(chart=self)


@cache
def environment() -> Environment:
    """Give the templates of charts and reports: what goes into them is escaped, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("svg.j2", "html.j2"), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def stacked(chart: Chart, columns: Sequence[str], series: Sequence[Series]) -> Chart:
    """Draw a column for each name, made of its parts from the bottom up, with totals, a scale and a legend."""
    totals = [sum(values) for values in zip(*(part.values for part in series), strict=True)]
    top, step = _scale(max(totals, default=0))
    bottom = _TOP + _PLOT
    pixels = _PLOT / top
    chart.height = bottom + _FOOT
    for tick in range(0, top + 1, step):
        y = bottom - tick * pixels
        chart.rules.append(Rule(_LEFT, WIDTH - _RIGHT, y))
        chart.labels.append(Label(_LEFT - 8, y + 4, str(tick), "axis", "end"))
    wide = (WIDTH - _LEFT - _RIGHT) / len(columns)
    for number, (name, total) in enumerate(zip(columns, totals, strict=True)):
        x, y = _LEFT + number * wide + wide * _GAP / 2, float(bottom)
        middle = x + wide * (1 - _GAP) / 2
        for part in series:
            height = part.values[number] * pixels
            if not height:
                continue
            y -= height
            chart.rects.append(Rect(x, y, wide * (1 - _GAP), height, part.tone))
            if height >= _SMALLEST_LABELLED:
                count = str(part.values[number])
                chart.labels.append(Label(middle, y + height / 2 + 4, count, "count", tone=part.tone))
        if total:
            chart.labels.append(Label(middle, y - 6, str(total), "total"))
        chart.labels.append(Label(middle, bottom + 18, name, "axis"))
    _legend(chart, [(part.name, part.tone) for part in series])
    return chart


def ranked(chart: Chart, rows: Sequence[tuple[str, int, int]], now: str, before: str) -> Chart:
    """Draw a bar for each row (name, now, before), the earlier value as a thin bar below, with a legend."""
    most = max((max(value, earlier) for _, value, earlier in rows), default=0) or 1
    pixels = (WIDTH - _NAME_WIDTH - _RIGHT - 40) / most
    chart.height = _RANKED_TOP + len(rows) * _ROW + 40
    for number, (name, value, earlier) in enumerate(rows):
        y = _RANKED_TOP + number * _ROW
        chart.labels.append(Label(_NAME_WIDTH - 10, y + _BAR - 2, _short(name), "name", "end"))
        chart.rects.append(Rect(_NAME_WIDTH, y, max(value * pixels, 1), _BAR, DARK))
        chart.labels.append(Label(_NAME_WIDTH + value * pixels + 7, y + _BAR - 3, str(value), "total", "start"))
        chart.rects.append(Rect(_NAME_WIDTH, y + _BAR + 2, max(earlier * pixels, 1), _BEFORE, LIGHT))
        after = _NAME_WIDTH + earlier * pixels + 7
        chart.labels.append(Label(after, y + _BAR + _BEFORE + 2, str(earlier), "small", "start"))
    _legend(chart, [(now, DARK), (before, LIGHT)])
    return chart


def _legend(chart: Chart, entries: Sequence[tuple[str, Tone]]) -> None:
    x = float(_EDGE)
    for name, tone in entries:
        chart.rects.append(Rect(x, 56, 12, 12, tone))
        chart.labels.append(Label(x + 17, 66, name, "legend", "start"))
        x += 17 + len(name) * 6.2 + 22


def _scale(highest: int) -> tuple[int, int]:
    """Give the top of the scale and its step: whole complaints, in steps of 1, 2 or 5 and their tens."""
    step, tens = 1, 1
    while step * _TICKS < highest:
        step, tens = next(((each * tens, tens) for each in (1, 2, 5) if each * tens > step), (10 * tens, 10 * tens))
    return step * max(-(-highest // step), 1), step


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"
