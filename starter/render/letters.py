"""What `complaints letters check` found: kind, language and way, and below, each fault with the cases that show it."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.letters.check import Found
from starter.letters.trials import WAYS
from starter.render.words import Words, shown
from workflows.procedure.vocabulary import Channel, Language, LetterKind

_CASES_SHOWN = 4


def render_check(found: Sequence[Found], says: Language) -> RenderableType:
    """Show every letter as fit to leave, or with what is wrong."""
    words = Words(says)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (words.choose("lettre", "letter"), words.choose("langue", "language")):
        table.add_column(heading)
    for way in WAYS:
        table.add_column(words("channel", way))
    for kind in dict.fromkeys(each.trial.kind for each in found):
        for language in Language:
            cells = [_cell([f for f in found if _is(f, kind, language, way)], words) for way in WAYS]
            table.add_row(shown(words("letter", kind)), shown(language), *cells)
    faults = _by_fault(found)
    lines = [_line(fault, cases, words) for fault, cases in faults.items()]
    total = words.choose("{} lettres composées, {} défaut(s).", "{} letters written, {} fault(s).")
    return Group(table, *lines, Text(total.format(len(found), len(faults))))


def _is(found: Found, kind: LetterKind, language: Language, way: Channel) -> bool:
    trial = found.trial
    return (trial.kind, trial.language, trial.way) == (kind, language, way)


def _cell(found: Sequence[Found], words: Words) -> Text:
    if not found:
        return Text(words.nobody)
    faults = list(dict.fromkeys(fault for each in found for fault in each.faults))
    if not faults:
        return Text("ok", style="green")
    more = words.choose(" (+ {})", " (+ {})").format(len(faults) - 1) if len(faults) > 1 else ""
    return shown(faults[0] + more, "bold red")


def _by_fault(found: Iterable[Found]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for each in found:
        trial = each.trial
        for fault in each.faults:
            faults.setdefault(fault, []).append(f"{trial.kind}@{trial.language}, {trial.way}, {trial.case}")
    return faults


def _line(fault: str, cases: Sequence[str], words: Words) -> Text:
    more = len(cases) - _CASES_SHOWN
    said = "; ".join(cases[:_CASES_SHOWN]) + (
        words.choose("; et {} autres", "; and {} more").format(more) if more > 0 else ""
    )
    return shown(f"{fault} [{said}]", longest=1_000)
