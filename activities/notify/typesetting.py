"""Sets pages with typst: data goes in as JSON, never as markup; the same data gives the same bytes, on any machine."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
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


def typeset(layout: Path, data: Mapping[str, Any], dated: datetime) -> bytes:
    """Give as a PDF what `layout` makes of `data` (its `sys.inputs.data`, as JSON); it bears the instant `dated`.

    What no font of ours has (Chinese, Thai, emoji) becomes an empty square.

    Raises:
        typst.TypstError: the layout is at fault.

    """
    held = json.dumps(_breakable(data), ensure_ascii=False)
    for left in reversed(range(_ROUNDS)):
        try:
            pdf: bytes = typst.compile(
                layout,
                root=layout.parent,
                format="pdf",
                font_paths=_fonts(),
                ignore_system_fonts=True,
                sys_inputs={"data": held},
                timestamp=dated.astimezone(UTC).replace(microsecond=0),
                # Fit for archives, fonts within; and for readers who hear it.
                pdf_standards=["a-2b", "ua-1"],
            )
        except typst.TypstError as error:
            missing = _missing(error)
            if not missing or not left:
                raise
            # No sign of JSON's own is among them: these are not ASCII.
            held = held.translate({ord(sign): _NO_GLYPH for sign in missing})
        else:
            return pdf
    raise AssertionError("the last round returns or raises")


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
        case list() | tuple():
            return [_breakable(part) for part in value]
        case _:
            return value


def _opened(word: re.Match[str]) -> str:
    return "".join(
        sign if unicodedata.category(sign).startswith("M") else _MAY_BREAK + sign for sign in word[0]
    ).removeprefix(_MAY_BREAK)
