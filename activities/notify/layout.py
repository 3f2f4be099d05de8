"""The light markup of the letters' templates, and its two forms: HTML is made of the blocks, plain text here.

A blank line ends a paragraph, `- ` begins the item of a list, `| ` a line that stays a line of its own (addresses).
Other line ends of a template mean nothing, so that a template can be wrapped at will.
"""

import re
import textwrap
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from workflows.procedure.vocabulary import Language

TEXT_WIDTH = 76
_LINE_END = "\u2028"  # a line end inside a value; `clean` lets none come in from outside
_NO_BREAK = "\u00a0"
_WHOLE = re.compile(r"https?://[\w./-]{1,60}|[\w.+-]{1,40}@[\w.-]{1,40}|\b[A-Z]{2,5}-\d{4}-\w{1,12}\b")


class Block(NamedTuple):
    """One paragraph, list or group of lines."""

    kind: Literal["paragraph", "list", "lines"]
    lines: tuple[str, ...]


def prose(value: str) -> str:
    """Put a text of several lines into a paragraph (a filter of the templates): its lines and paragraphs are kept."""
    paragraphs = [_LINE_END.join(part.splitlines()) for part in re.split(r"\n{2,}", value.strip())]
    return "\n\n".join(paragraphs)


def lines(value: str) -> str:
    """Put a text of several lines where each is a line of its own (a filter of the templates)."""
    return "\n".join(f"| {line.strip()}" for line in value.splitlines() if line.strip())


def blocks(markup: str, language: Language) -> list[Block]:
    """Read what a template said."""
    parts = re.split(r"\n\s*\n", _spaced(markup, language))
    return [_block([line.strip() for line in part.strip().split("\n")]) for part in parts if part.strip()]


def as_text(block: Block) -> str:
    """Write a block as plain text, wrapped at `TEXT_WIDTH` but never inside a word, a number or a reference."""
    if block.kind == "lines":
        return "\n".join(f"    {line}" for line in block.lines)
    if block.kind == "list":
        return "\n".join(_wrap(line, first="- ", then="  ") for line in block.lines)
    return "\n".join(_wrap(line) for line in block.lines)


def _block(written: list[str]) -> Block:
    if all(line.startswith("| ") for line in written):
        return Block("lines", tuple(line[2:].strip() for line in written))
    if written[0].startswith("- "):
        items = re.split(r"(?:^|\n)- ", "\n".join(written))[1:]
        return Block("list", tuple(" ".join(item.split("\n")) for item in items))
    return Block("paragraph", tuple(part.strip() for part in " ".join(written).split(_LINE_END)))


def _spaced(markup: str, language: Language) -> str:
    """Set the spaces of French typography, so that no line begins with a colon or within an amount."""
    if language is not Language.FR:
        return markup
    return re.sub(r"(?<=\S) (?=[:;?!»])|(?<=«) |(?<=n°) |(?<=\d) (?=\d{3}\b|[€%])", _NO_BREAK, markup)


def unbroken(line: str) -> Markup:
    """Give a line as HTML that ends no line within a reference, a web or an e-mail address (a filter of the frame)."""
    # Escaped first: none of these has a sign that escaping changes.
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(line))))  # noqa: S704


def _wrap(line: str, first: str = "", then: str = "") -> str:
    return textwrap.fill(
        line,
        TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )
