"""Reads a CloudEvents 1.0 message of one event, in the structured mode (JSON) or in the binary mode (`ce-` headers)."""

import json
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import unquote

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.datastructures import Headers

from activities.escalate.cloudevent import CONTENT_TYPE
from workflows.procedure.intake import problems

_PREFIX = "ce-"


class NotAnEvent(ValueError):
    """It is no such message; `args[0]` says what is wrong with which field, without its value."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected printable characters only")
    return text


Attribute = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable)]


class Message(BaseModel):
    """One event. Other attributes (CloudEvents allows extensions) are of no use here, and let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: Attribute
    subject: Attribute
    time: AwareDatetime | None = None
    data: dict[str, Any]


def signed_part(headers: Headers, body: bytes) -> bytes:
    """Give what a message's signature covers: the body, and in the binary mode the `ce-` headers before it.

    Each header is one line `name:value`, in the order of the names (lower case): without them, whoever saw one signed
    call could make another of it.
    """
    if _structured(headers):
        return body
    lines = sorted((name, value) for name, value in headers.raw if name.startswith(_PREFIX.encode()))
    return b"".join(name + b":" + value + b"\n" for name, value in lines) + body


def read_message(headers: Headers, body: bytes) -> Message:
    """Read one message.

    Raises:
        NotAnEvent: a field is missing or malformed, or there is no event at all.

    """
    content = _json(body)
    if not _structured(headers):
        content = {**_attributes(headers), "data": content}
    if not isinstance(content, dict):
        raise NotAnEvent("expected one JSON object")
    try:
        return Message.model_validate(content)
    except ValidationError as error:
        raise NotAnEvent("; ".join(problems(error))) from None


def _structured(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == CONTENT_TYPE


def _attributes(headers: Headers) -> dict[str, str]:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise NotAnEvent(f"Content-Type: expected {CONTENT_TYPE}, or application/json with ce- headers")
    given = [(name, value) for name, value in headers.items() if name.startswith(_PREFIX)]
    found = {name.removeprefix(_PREFIX): unquote(value) for name, value in given}
    if len(found) < len(given):
        raise NotAnEvent("a ce- header stands there twice")
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotAnEvent("the body is no JSON in UTF-8") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's
