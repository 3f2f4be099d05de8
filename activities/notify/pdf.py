"""Prints a letter: A4, made for the window envelopes of France, fonts within, fit for archives (PDF/A-2b, PDF/UA-1).

`templates/print/letter.typ` is the layout. The letter goes in as JSON, never as markup: what a customer typed is text
there, whatever it looks like. The same letter gives the same bytes, on any machine.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from activities.notify.layout import Block
from activities.notify.sheet import Sheet

PRINT = Path(__file__).parent / "templates" / "print" / "letter.typ"

ADDRESS_LINES = 6
"""Lines of a postal address (NF Z 10-011)."""
_STANDARDS = ["a-2b", "ua-1"]
_NO_GLYPH = "\N{WHITE SQUARE}"
_UNDISPLAYED = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_PLACE = re.compile(r"letter\.typ:(\d+)")
_LONG_WORD = re.compile(r"\S{44,}")
_MAY_BREAK = "\u200b"
_ROUNDS = 3


class PrintError(Exception):
    """A letter cannot be printed; the message repeats nothing of the letter.

    `name` and `lineno` say where in the layout.
    """

    def __init__(self, what: str, lineno: int | None = None) -> None:
        self.name, self.lineno = PRINT.name, lineno
        super().__init__(what)


class Unaddressable(PrintError):
    """The address has characters that no font of ours can show, so no postman could read it."""


def printed(sheet: Sheet, *, by_post: bool = False) -> bytes:
    """Give the letter as a PDF.

    What no font of ours has (Chinese, Thai, emoji) becomes an empty square; the HTML and the text keep it.

    Raises:
        Unaddressable: that would befall the address of a letter that leaves by post.
        PrintError: the layout is at fault.

    """
    for _ in range(_ROUNDS):
        try:
            pdf: bytes = _compiled(sheet, "pdf", pdf_standards=_STANDARDS)
            return pdf
        except typst.TypstError as error:
            missing = _missing(error)
            if not missing:
                raise _fault(error) from None
        if by_post and any(sign in missing for line in sheet.addressed_to for sign in line):
            raise Unaddressable("the address has characters that cannot be printed")
        sheet = _with_squares(sheet, missing)
    raise PrintError("the letter has characters that cannot be printed")


def pictured(sheet: Sheet, pixels_per_inch: float = 110) -> list[bytes]:
    """Give each page of the letter as a PNG. Raises PrintError."""
    try:
        pages = _compiled(sheet, "png", ppi=pixels_per_inch)
    except typst.TypstError as error:
        raise _fault(error) from None
    return [pages] if isinstance(pages, bytes) else pages


def _compiled(sheet: Sheet, form: Literal["pdf", "png"], **options: Any) -> Any:
    return typst.compile(
        PRINT,
        root=PRINT.parent,
        format=form,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(asdict(_each(_in_the_window(sheet), _breakable)), default=_as_text)},
        # The letter's own date, so that printing it again gives the same bytes.
        timestamp=datetime.combine(sheet.on, time(), UTC),
        **options,
    )


@cache
def _fonts() -> typst.Fonts:
    """Give typst's own fonts and no other: a letter looks the same on any machine."""
    return typst.Fonts(include_system_fonts=False)


def _as_text(value: date) -> str:
    return value.isoformat()


def _in_the_window(sheet: Sheet) -> Sheet:
    """Put an address of many lines on as many as a window shows: those in the middle share one."""
    lines = list(sheet.addressed_to)
    if len(lines) > ADDRESS_LINES:
        head, tail = lines[:1], lines[-(ADDRESS_LINES - 2) :]
        lines = [*head, ", ".join(lines[1 : -len(tail)]), *tail]
    return replace(sheet, addressed_to=lines)


def _missing(error: typst.TypstError) -> frozenset[str]:
    """List the characters that no font has; empty when the error is about something else."""
    told = "".join(_UNDISPLAYED.findall(error.diagnostic))
    plain = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), told)
    return frozenset(character for character in plain if not character.isascii() and not character.isspace())


def _with_squares(sheet: Sheet, missing: frozenset[str]) -> Any:
    squares = str.maketrans(dict.fromkeys(missing, _NO_GLYPH))
    return _each(sheet, lambda text: text.translate(squares))


def _breakable(text: str) -> str:
    """Let a word that is too long for a line break anywhere, but not between a letter and its accents."""
    return _LONG_WORD.sub(
        lambda word: "".join(
            sign if unicodedata.category(sign).startswith("M") else _MAY_BREAK + sign for sign in word[0]
        ).removeprefix(_MAY_BREAK),
        text,
    )


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Give a copy of a sheet, or of a part of one, with `change` made to every text in it."""
    match value:
        case Sheet():
            return replace(value, **{name: _each(part, change) for name, part in vars(value).items()})
        case StrEnum():
            return value
        case str():
            return change(value)
        case Block():
            return Block(value.kind, _each(value.lines, change))
        case list() | tuple():
            return tuple(_each(part, change) for part in value)
        case _:
            return value


def _fault(error: typst.TypstError) -> PrintError:
    place = _PLACE.search(error.diagnostic)
    return PrintError("the letter's layout is at fault", int(place[1]) if place else None)
