"""What the parts of the firm's file are made of: their fields, and how a fault is said with its place."""

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from workflows.procedure.intake import Line, Text, slug
from workflows.procedure.vocabulary import Language


class MisfitError(ValueError):
    """Faults of a table as a whole: each with its place below the table ("": the table) and what is wrong."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{place}: {what}" if place else what for place, what in faults))


def refuse(faults: Iterable[tuple[str, str]]) -> None:
    """Raise MisfitError when there are faults."""
    if listed := list(faults):
        raise MisfitError(listed)


def missing(expected: Iterable[str], given: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Name as faults what is expected and not given."""
    present = set(given)
    return ((name, "missing") for name in expected if name not in present)


def twice(ids: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Name as faults the ids that are given again."""
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            yield each, "this id is given twice"
        seen.add(each)


def _is_slug(text: str) -> str:
    if not text or slug(text) != text:
        raise ValueError("expected lower-case letters, digits and hyphens, such as assureur-exemple")
    return text


def _is_version(text: str) -> str:
    if "/" in text:
        raise ValueError("a slash is not possible here, it separates the parts of the procedure's version")
    return text


def _is_web_address(text: str) -> str:
    if re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", text) is None:
        raise ValueError("expected a web address that begins with https://")
    return text


def _not_a_number(value: Any) -> Any:
    # 16 would pass as 00:00:16, and a bare year as a number of seconds.
    if isinstance(value, int | float):
        raise ValueError('expected a date such as 2027-08-02, or a time such as "16:00"')
    return value


def _of_no_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day is read in Paris and must not carry a time zone of its own")
    return value


def _in_every_language(texts: dict[Language, str]) -> dict[Language, str]:
    refuse(missing(Language, texts))
    return texts


SlugId = Annotated[Line, AfterValidator(_is_slug)]
Version = Annotated[Line, AfterValidator(_is_version)]
WebAddress = Annotated[Line, AfterValidator(_is_web_address)]
Day = Annotated[date, BeforeValidator(_not_a_number)]
TimeOfDay = Annotated[time, BeforeValidator(_not_a_number), AfterValidator(_of_no_zone)]
Texts = Annotated[dict[Language, Text], AfterValidator(_in_every_language)]
Names = Annotated[dict[Language, Line], AfterValidator(_in_every_language)]


class Part(BaseModel):
    """A part of the firm's file: an unknown field is refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)
