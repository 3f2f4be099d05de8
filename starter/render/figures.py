"""The yearly figures on a screen."""

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.figures.figures import Figures, Lesson
from starter.figures.names import Names
from starter.figures.sections import Section, sections
from starter.render.words import shown


def render_figures(figures: Figures, names: Names) -> RenderableType:
    """Show the tables of the year beside the year before, then what was learnt."""
    words = names.words
    year, before = str(figures.year.year), str(figures.before.year)
    parts: list[RenderableType] = [shown(title(figures, names), "bold")]
    for section in sections(figures, names):
        parts += [_heading(section), _table(section, year, before)]
    if figures.year.lessons:
        parts.append(Text("\n" + words.choose("Causes profondes et actions", "Root causes and actions"), style="bold"))
        parts += [_lesson(lesson, names) for lesson in figures.year.lessons]
    return Group(*parts)


def title(figures: Figures, names: Names) -> str:
    """Say of what the figures are."""
    said = names.words.choose("Réclamations {}", "Complaints {}").format(figures.year.year)
    whose = f", {names.insurer(figures.insurer)}" if figures.insurer else ""
    return f"{said}{whose} · {names.firm.name}"


def _heading(section: Section) -> Text:
    return Text("\n").append(section.title, "bold underline").append("  ").append_text(shown(section.counts, "dim"))


def _table(section: Section, year: str, before: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", min_width=44)
    for heading in (year, "%", before):
        table.add_column(heading, justify="right", min_width=6)
    for row in section.rows:
        table.add_row(shown(row.name), shown(row.now, "bold"), shown(row.part, "dim"), shown(row.before, "dim"))
    return table


def _lesson(lesson: Lesson, names: Names) -> Text:
    line = shown(lesson.reference, "bold")
    said = (names.cause(lesson.cause) if lesson.cause else "", lesson.root_cause, lesson.corrective_action)
    for part in filter(None, said):
        line.append(" · ").append_text(shown(part, longest=1_000))
    return line
