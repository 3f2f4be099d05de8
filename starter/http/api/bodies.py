"""Reads what a system sends: one JSON object, of a bounded size and depth, that every part of the house can keep."""

import json
from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import Request

from starter.http.body import read_body
from starter.http.problems import Problem

LARGEST = 256 * 1024
_DEEPEST = 16
_LONGEST_KEY = 255


async def read_object(request: Request) -> dict[str, Any]:
    """Read the body.

    Raises:
        Problem: 400, it is no JSON object in UTF-8; 413, it is too large.

    """
    body = await read_body(request, LARGEST)
    try:
        found = json.loads(body.decode(), parse_constant=_refused)
        json.dumps(found, ensure_ascii=False).encode()  # half a character, written as \\ud800, is no text
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body: expected one JSON object")
    if not _shallow(found, _DEEPEST):
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body: at most {_DEEPEST} levels of nesting")
    return found


def sound_key(said: str, where: str) -> str:
    """Check an id that a sender made up.

    Raises:
        Problem: 400, it is empty, too long or not printable.

    """
    if not said or len(said) > _LONGEST_KEY or not said.isprintable():
        raise Problem(HTTPStatus.BAD_REQUEST, f"{where}: expected 1 to {_LONGEST_KEY} printable characters")
    return said


def _shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_shallow(each, levels - 1) for each in inside)


def _refused(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's
