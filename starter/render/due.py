"""The answer of `complaints due`: every clock's dates in a table, and under it how each was counted.

With another firm's file, the dates under both.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.render.days import day, explained, instant, shift
from starter.render.words import Words, shown
from workflows.procedure.calendar import Deadline
from workflows.procedure.vocabulary import ClockName, Language


def render_due(
    clocks: Sequence[Mapping[str, Any]], deadlines: Mapping[ClockName, Deadline], language: Language
) -> RenderableType:
    """Show the clocks of `due --json`; `deadlines` says how long each is."""
    words = Words(language)
    return Group(_table(clocks, words), Text(""), _explanations(clocks, deadlines, words), Text(""), _notes(words))


def render_both(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    deadlines: Mapping[ClockName, Deadline],
    language: Language,
) -> RenderableType:
    """Show the clocks under two firm's files side by side; `deadlines` are those of the second, which is explained."""
    words = Words(language)
    changed = [now for now, then in zip(after, before, strict=True) if now != then]
    if not changed:
        return Text(words.choose("Rien ne changerait.", "Nothing would change."))
    explained_ones = _explanations(changed, deadlines, words)
    return Group(_side_by_side(before, after, words), Text(""), explained_ones, Text(""), _notes(words))


def _side_by_side(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = words.choose(
        "échéance|dernier jour : avant|après|écart|le cabinet agit : avant|après",
        "deadline|last day: before|after|by|the firm acts: before|after",
    )
    for heading in headings.split("|"):
        table.add_column(heading)
    for then, now in zip(before, after, strict=True):
        days = (date.fromisoformat(now["due_on"]) - date.fromisoformat(then["due_on"])).days
        style = "bold" if now != then else "dim"
        cells = (
            words("clock", now["clock"]),
            day(then["due_on"], words),
            day(now["due_on"], words),
            shift(days, days, words) if days else "",
            _act(then, words),
            _act(now, words),
        )
        table.add_row(*(shown(cell, style) for cell in cells))
    return table


def _table(clocks: Sequence[Mapping[str, Any]], words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in words.choose(
        "échéance|nature|à compter du|dernier jour|le cabinet agit", "deadline|kind|counted from|last day|the firm acts"
    ).split("|"):
        table.add_column(heading)
    for clock in clocks:
        table.add_row(
            shown(words("clock", clock["clock"]), "bold"),
            shown(words("kind", clock["kind"])),
            shown(day(clock["starts_on"], words)),
            shown(day(clock["due_on"], words), "bold"),
            shown(_act(clock, words)),
        )
    return table


def _act(clock: Mapping[str, Any], words: Words) -> str:
    match clock["clock"]:
        case "mediation_window":
            opens = words.choose("s'ouvre le {}", "opens on {}")
            return opens.format(day(clock["opens_on"], words))
        case "resolution_letter":
            said = words.choose("une personne, le {} au plus tard", "a person, by {}")
            return said.format(day(clock["act_on"], words))
        case "final_answer":
            said = words.choose("{} : lettre des deux mois", "{}: two-months letter")
            return said.format(instant(clock["act_at"], words))
        case _:
            return instant(clock["act_at"], words)


def _explanations(clocks: Sequence[Mapping[str, Any]], deadlines: Mapping[ClockName, Deadline], words: Words) -> Table:
    table = Table.grid(padding=(0, 1))
    for clock in clocks:
        name, basis = words("clock", clock["clock"]), words("basis", clock["clock"])
        counted = explained(clock, words, deadlines.get(ClockName(clock["clock"])))
        line = Text.assemble((name, "bold"), f" ({basis})", words.choose(" : ", ": "))
        table.add_row(Text("•"), line.append_text(shown(f"{counted}.", longest=1_000)))
    return table


def _notes(words: Words) -> Text:
    return Text(
        words.choose(
            "Le jour de l'événement ne compte pas. Un envoi automatique ne part que si rien n'a tenu l'échéance ; "
            "il peut partir plus tard dans le délai d'étalement des envois. Après un simple appel téléphonique, les "
            "échéances réglementaires ne partent que de l'écrit.",
            "The day of the event does not count. An automatic letter leaves only if nothing has kept its deadline, "
            "and may leave later, within the spread of the day's letters. After a mere phone call the regulatory "
            "deadlines start with the writing.",
        ),
        style="dim",
    )
