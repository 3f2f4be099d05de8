"""The rehearsal as one page that stands alone: what a compliance officer opens, reads and keeps."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from starter.rehearse.changes import Changes, Count, DayTotal
from starter.rehearse.marking import marked
from starter.rehearse.report import Rehearsal
from starter.rehearse.rows import rows_of
from starter.rehearse.sentences import summary
from starter.render.days import day, long_day
from starter.render.words import Words

_TEMPLATES = Path(__file__).parent / "templates"
_CHART_HEIGHT = 100


@dataclass(frozen=True)
class _Total:
    """A line of the totals."""

    name: str
    count: Count


@dataclass(frozen=True)
class _Bars:
    """The letters of one day, as two bars; heights in pixels of the chart."""

    label: str
    count: Count
    before: int
    after: int


def page(rehearsal: Rehearsal, words: Words) -> str:
    """Write the page: one HTML file that needs no other, no script and no network."""
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    changes = rehearsal.changes
    return pages.get_template("report.html.j2").render(
        rehearsal=rehearsal,
        changes=changes,
        words=words,
        choose=words.choose,
        long_day=lambda when: long_day(when, words),
        marked=marked,
        summary=summary(changes, words),
        totals=_totals(changes, words),
        bars=_bars(changes.days, words),
        details=[(each.reference, list(rows_of(each, words))) for each in changes.details],
    )


def _totals(changes: Changes, words: Words) -> list[_Total]:
    lines = [_Total(words("letter", each.kind), each.letters) for each in changes.letters]
    missed = words.choose("échéance manquée : {}", "missed deadline: {}")
    lines += [
        _Total(missed.format(words("clock", each.clock)), each.breaches)
        for each in changes.clocks
        if each.breaches.before or each.breaches.after
    ]
    return [
        *lines,
        _Total(words.choose("avis au personnel", "notices to staff"), changes.notices),
        _Total(words.choose("messages à l'autre Partie", "messages to the other Party"), changes.calls),
    ]


def _bars(days: tuple[DayTotal, ...], words: Words) -> list[_Bars]:
    most = max((max(each.letters.before, each.letters.after) for each in days), default=1)

    def height(letters: int) -> int:
        return round(_CHART_HEIGHT * letters / most)

    return [
        _Bars(day(each.on, words), each.letters, height(each.letters.before), height(each.letters.after))
        for each in days
    ]
