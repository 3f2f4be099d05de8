"""Forms made of the models of events and complaints: what is asked, how it is typed, and what was typed read back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from starter.http.staff.labels import LABELS, OPTIONS
from starter.render.words import Words
from workflows.procedure.calendar import PARIS

_LINE = 500
"""The longest text that fits a line (`intake.Line`); longer ones get an area."""
_OURS = ("id", "by")
"""Given by the page, never typed."""


@dataclass(frozen=True)
class Field:
    """One thing that is asked. `kind`: line, area, date, moment, number, choice, truth, lines or group."""

    name: str
    label: str
    kind: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    parts: tuple["Field", ...] = ()


def fields_of(model: type[BaseModel], words: Words, options: Mapping[str, tuple[tuple[str, str], ...]]) -> list[Field]:
    """Ask for what `model` has, in its order; `options`: what may be chosen where only the firm knows, by field."""
    schema = model.model_json_schema()
    return list(_fields(schema, schema.get("$defs", {}), "", words, options))


def _fields(
    schema: Mapping[str, Any],
    defs: Mapping[str, Any],
    prefix: str,
    words: Words,
    options: Mapping[str, tuple[tuple[str, str], ...]],
) -> Iterator[Field]:
    needed = schema.get("required", [])
    for name, said in schema["properties"].items():
        if not prefix and name in _OURS:
            continue
        kind, inner, required = *_kind(said, defs), name in needed
        label = words.choose(*LABELS[name])
        if kind == "group":
            yield Field(prefix + name, label, kind, required, parts=tuple(
                _fields(inner, defs, f"{prefix}{name}.", words, options)
            ))  # fmt: skip
        elif name in options and not prefix:
            yield Field(prefix + name, label, "choice", required, options[name])
        elif kind == "choice":
            category = OPTIONS.get(name)
            named = tuple((each, words(category, each) if category else each) for each in map(str, inner["enum"]))
            yield Field(prefix + name, label, kind, required, named)
        else:
            yield Field(prefix + name, label, "moment" if name.endswith("at") else kind, required)


def _kind(said: Mapping[str, Any], defs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Say how a property is typed, and give its schema without what makes it optional."""
    for each in [said, *said.get("anyOf", [])]:
        if "$ref" in each:
            inner = defs[each["$ref"].rpartition("/")[2]]
            return ("choice" if "enum" in inner else "group"), inner
        if "enum" in each:
            return "choice", each
        if each.get("type") == "array":
            return "lines", each
        if each.get("type") == "boolean":
            return "truth", each
        if each.get("type") in ("integer", "number"):
            return "number", each
        if each.get("type") == "string":
            if each.get("format") == "date":
                return "date", each
            return ("area" if each.get("maxLength", _LINE) > _LINE else "line"), each
    raise ValueError(f"no way to type {said}")


def read(fields: list[Field], typed: Mapping[str, str]) -> dict[str, Any]:
    """Read back what was typed: a message as integrating systems send it, without what was left empty."""
    message: dict[str, Any] = {}
    for field in fields:
        value = read(list(field.parts), typed) if field.parts else _value(field, typed.get(field.name, "").strip())
        if value not in (None, "", {}, []):
            message[field.name.rpartition(".")[2]] = value
    return message


def _value(field: Field, typed: str) -> Any:
    if not typed:
        return None
    match field.kind:
        case "truth":
            return typed == "true"
        case "lines":
            return [line.strip() for line in typed.splitlines() if line.strip()]
        case "number":
            return typed.replace(",", ".").replace(" ", "").replace("\u202f", "")
        case "moment":
            return _moment(typed)
    return typed.replace("\r\n", "\n")


def _moment(typed: str) -> str:
    """Read what a browser gives for a Paris time, such as 2026-12-15T10:30; anything else is left to be refused."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=PARIS).isoformat()
    except ValueError:
        return typed


def typed_of(message: Mapping[str, Any]) -> dict[str, str]:
    """Give a message as it would be typed into its form: what `read` reads back."""
    typed: dict[str, str] = {}
    for name, value in message.items():
        if isinstance(value, dict):
            typed |= {f"{name}.{part}": str(inner) for part, inner in value.items()}
        elif name.endswith("_at"):
            typed[name] = f"{datetime.fromisoformat(value).astimezone(PARIS):%Y-%m-%dT%H:%M}"
        else:
            typed[name] = str(value)
    return typed
