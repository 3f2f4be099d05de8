"""Makes what people typed harmless, once, before it reaches a letter, a header or a page."""

import re
import unicodedata
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel

LONGEST_LINE = 200
"""Characters kept of a name or another single line: enough for any real one, too few to bury a letter."""

_SEVERAL_LINES = frozenset({"postal_address", "situation", "reasons", "terms"})
_JOINERS = "\u200c\u200d"  # Persian and Indic names need them
_UNSEEN = frozenset({"Cf", "Cs", "Co"})  # bidirectional overrides, lone surrogates, private use
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_MARKER = re.compile(r"^[-|#*]+ ")

Model = TypeVar("Model", bound=BaseModel)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Give `text` as one line without control or direction-changing characters, at most `longest` characters."""
    line = _flat(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def several_lines(text: str) -> str:
    """Give `text` with its lines and paragraphs, each cleaned; nothing is cut, since reasons must be whole."""
    # A leading hyphen becomes a dash: in a letter only the template decides what is a list.
    lines = [_MARKER.sub("– ", _flat(line)) for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def cleaned(model: Model) -> Model:
    """Give a copy of `model` with every text in it cleaned, to whatever depth; other values stay as they are."""
    return model.model_copy(update={name: _clean(name, getattr(model, name)) for name in type(model).model_fields})


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, BaseModel):
        return cleaned(value)
    if isinstance(value, tuple):
        return tuple(_clean(name, item) for item in value)
    if isinstance(value, str) and not isinstance(value, Enum):
        return several_lines(value) if name in _SEVERAL_LINES else one_line(value)
    return value


def _flat(text: str) -> str:
    return " ".join("".join(map(_visible, unicodedata.normalize("NFC", text))).split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKS:
        return " "
    return "" if category in _UNSEEN and character not in _JOINERS else character
