"""What the pages of a dossier are made of: sections of facts, tables and paragraphs; every text in them is harmless."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from activities.notify.clean import several_lines


class Style(StrEnum):
    """How a text is set."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    ALERT = "alert"
    CODE = "code"


@dataclass(frozen=True)
class Line:
    """A text of one line or more, in one style."""

    text: str
    style: Style = Style.PLAIN


Cell = tuple[Line, ...]


@dataclass(frozen=True)
class Facts:
    """Labels and what stands under them."""

    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Table:
    """A table. `widths`: shares of the page's width."""

    headings: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Section:
    """A heading and what follows it; one of `depth` 2 belongs to the section before it."""

    title: str
    paragraphs: Sequence[Line] = ()
    body: Facts | Table | None = None
    depth: int = 1


@dataclass(frozen=True)
class Pages:
    """The whole, before it is set."""

    language: str
    title: str
    subtitle: str
    reference: str
    author: str
    letterhead: Sequence[str]
    page_of: str
    """How a page says its number: `{page}` and `{pages}` stand for it and for the last."""
    sections: Sequence[Section]


def line(text: str, style: Style = Style.PLAIN) -> Line:
    """Give a text as a line: without control or direction-changing characters, and none of it cut."""
    return Line(several_lines(text), style)


def cell(*lines: Line | str | None) -> Cell:
    """Give the lines that say something."""
    made = (each if isinstance(each, Line) else line(each or "") for each in lines)
    return tuple(each for each in made if each.text)
