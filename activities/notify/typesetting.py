"""Sets pages with typst: data goes in as JSON, never as markup; the same data gives the same bytes, on any machine."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

_NO_GLYPH = "\N{WHITE SQUARE}"
_UNDISPLAYED = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_LONG_WORD = re.compile(r"(?![0-9a-f]{64}(?!\S))\S{44,}")
"""A SHA-256 is none: it must read the same when it is copied from the page."""
_MAY_BREAK = "\u200b"
_ROUNDS = 3


class Unreadable(Exception):
    """A text that must be read has characters no font of ours can show; it is not repeated."""


def typeset(layout: Path, data: Mapping[str, Any], dated: datetime, *, legible: Iterable[str] = ()) -> bytes:
    """Give as a PDF what `layout` makes of `data` (its `sys.inputs.data`, as JSON); it bears the instant `dated`.

    It is fit for archives, with its fonts within, and for readers who hear it (PDF/A-2b, PDF/UA-1). What no font of
    ours has (Chinese, Thai, emoji) becomes an empty square.

    Raises:
        Unreadable: that would befall one of the texts that must be `legible`.
        typst.TypstError: the layout is at fault.

    """
    held = _as_json(data)
    for left in reversed(range(_ROUNDS)):
        try:
            pdf: bytes = _compiled(layout, held, dated, format="pdf", pdf_standards=["a-2b", "ua-1"])
        except typst.TypstError as error:
            missing = _missing(error)
            if not missing or not left:
                raise
            if any(sign in missing for text in legible for sign in text):
                raise Unreadable("a text has characters that cannot be printed") from None
            # No sign of JSON's own is among them: these are not ASCII.
            held = held.translate({ord(sign): _NO_GLYPH for sign in missing})
        else:
            return pdf
    raise AssertionError("the last round returns or raises")


def pictured(layout: Path, data: Mapping[str, Any], dated: datetime, pixels_per_inch: float) -> list[bytes]:
    """Give each page as a PNG. Raises typst.TypstError when the layout is at fault."""
    pages: bytes | list[bytes] = _compiled(layout, _as_json(data), dated, format="png", ppi=pixels_per_inch)
    return [pages] if isinstance(pages, bytes) else pages


def _as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(_breakable(data), ensure_ascii=False, default=date.isoformat)


def _compiled(layout: Path, held: str, dated: datetime, **form: Any) -> Any:
    return typst.compile(
        layout,
        root=layout.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": held},
        timestamp=dated.astimezone(UTC).replace(microsecond=0),
        **form,
    )


@cache
def _fonts() -> typst.Fonts:
    """Give typst's own fonts and no other: a page looks the same on any machine."""
    return typst.Fonts(include_system_fonts=False)


def _missing(error: typst.TypstError) -> frozenset[str]:
    """List the characters that no font has; empty when the error is about something else."""
    told = "".join(_UNDISPLAYED.findall(error.diagnostic))
    plain = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), told)
    return frozenset(character for character in plain if not character.isascii() and not character.isspace())


def _breakable(value: Any) -> Any:
    """Let every word that is too long for a line break anywhere, but not between a letter and its accents."""
    match value:
        case str():
            return _LONG_WORD.sub(_opened, value)
        case Mapping():
            return {name: _breakable(part) for name, part in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return _breakable(value._asdict())
        case list() | tuple():
            return [_breakable(part) for part in value]
        case _:
            return value


def _opened(word: re.Match[str]) -> str:
    return "".join(
        sign if unicodedata.category(sign).startswith("M") else _MAY_BREAK + sign for sign in word[0]
    ).removeprefix(_MAY_BREAK)
