"""The list of complaints, sorted by what is due next. It shows search attributes only, so nothing personal."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.client import Listed
from starter.render.days import instant
from starter.render.words import Words, shown
from workflows.procedure.calendar import PARIS
from workflows.procedure.vocabulary import Language

_NEVER = datetime.max.replace(tzinfo=UTC)


def by_deadline(complaints: Iterable[Listed]) -> list[Listed]:
    """Sort complaints: what is overdue first, then by the next deadline; what waits for nothing comes last."""
    return sorted(complaints, key=lambda each: (not each.overdue, each.next_deadline or _NEVER, each.reference))


def listed_view(complaint: Listed) -> dict[str, Any]:
    """Give one complaint of the list as JSON, its instant in Paris time."""
    when = complaint.next_deadline
    return {
        **asdict(complaint),
        "next_deadline": when.astimezone(PARIS).isoformat(timespec="seconds") if when else None,
    }


def render_listing(complaints: Sequence[Listed], language: Language) -> RenderableType:
    """Show complaints in a table, in the order given."""
    words = Words(language)
    if not complaints:
        return Text(words.choose("Aucun dossier.", "No complaint."))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = words.choose(
        "référence|niveau|état|interlocuteur|traité par|compagnie|prochaine échéance|à voir",
        "reference|level|stage|contact|handled by|insurer|next deadline|to look at",
    ).split("|")
    for heading in headings:
        table.add_column(heading, no_wrap=heading == headings[0])
    for each in complaints:
        table.add_row(
            shown(each.reference, "bold"),
            shown(each.level or words.nobody),
            shown(words("stage", each.stage) if each.stage else words.nobody),
            shown(each.contact or words.nobody),
            shown(words("party", each.handling_party) if each.handling_party else words.nobody),
            shown(each.insurer or words.nobody),
            shown(instant(each.next_deadline, words) if each.next_deadline else words.nobody),
            flags(each, words),
        )
    return table


def flags(complaint: Listed, words: Words) -> Text:
    """Say what a person should look at."""
    said = Text()
    if complaint.overdue:
        said.append(words.choose("en retard", "overdue"), style="bold red")
    if complaint.needs_attention:
        said.append(", " if said else "").append(words.choose("demande attention", "needs attention"), style="yellow")
    if complaint.refused:
        refused = words.choose("refus : {}", "refused: {}").format(complaint.refused)
        said.append(", " if said else "").append(refused)
    return said
