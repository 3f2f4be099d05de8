"""Prints a letter: A4, made for the window envelopes of France. `templates/print/letter.typ` is the layout."""

import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst

from activities.notify import typesetting
from activities.notify.layout import Block
from activities.notify.sheet import Sheet

PRINT = Path(__file__).parent / "templates" / "print" / "letter.typ"

ADDRESS_LINES = 6
"""Lines of a postal address (NF Z 10-011)."""
_PARTS = ("body", "in_charge", "mediation", "closing")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)(?!\S*@)")
_PLACE = re.compile(r"letter\.typ:(\d+)")


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
    """Give the letter as a PDF: the same letter gives the same bytes, since it bears its own date.

    What no font of ours has becomes an empty square; the HTML and the text keep it.

    Raises:
        Unaddressable: that would befall the address of a letter that leaves by post.
        PrintError: the layout is at fault.

    """
    must_be_read = sheet.addressed_to if by_post else ()
    try:
        return typesetting.typeset(PRINT, _data(sheet), _dated(sheet), legible=must_be_read)
    except typesetting.Unreadable:
        raise Unaddressable("the address has characters that cannot be printed") from None
    except typst.TypstError as error:
        raise _fault(error) from None


def pictured(sheet: Sheet, pixels_per_inch: float = 110) -> list[bytes]:
    """Give each page of the letter as a PNG. Raises PrintError."""
    try:
        return typesetting.pictured(PRINT, _data(sheet), _dated(sheet), pixels_per_inch)
    except typst.TypstError as error:
        raise _fault(error) from None


def _data(sheet: Sheet) -> dict[str, Any]:
    parts = {name: list(map(_curved, getattr(sheet, name))) for name in _PARTS}
    return {
        **vars(sheet),
        **parts,
        "object": _curve(sheet.object),
        "addressed_to": _in_the_window(list(sheet.addressed_to)),
    }


def _curved(block: Block) -> Block:
    """Curve each apostrophe within a word, as the layout does with those it is left: here it costs next to nothing."""
    return block if block.kind == "lines" else block._replace(lines=tuple(map(_curve, block.lines)))


def _curve(text: str) -> str:
    return _APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", text)


def _dated(sheet: Sheet) -> datetime:
    return datetime.combine(sheet.on, time(), UTC)


def _in_the_window(lines: list[str]) -> list[str]:
    """Put an address of many lines on as many as a window shows: those in the middle share one."""
    if len(lines) <= ADDRESS_LINES:
        return lines
    head, tail = lines[:1], lines[-(ADDRESS_LINES - 2) :]
    return [*head, ", ".join(lines[1 : -len(tail)]), *tail]


def _fault(error: typst.TypstError) -> PrintError:
    place = _PLACE.search(error.diagnostic)
    return PrintError("the letter's layout is at fault", int(place[1]) if place else None)
