"""Where a page of a list ended, as an opaque text for whoever asks for the next one."""

import base64
import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

from activities.register.listing import DueAt, Place
from starter.http.problems import Problem


def written(place: Place) -> str:
    """Write a place as a cursor."""
    return _text([place.received_at.isoformat(), place.reference])


def read(cursor: str | None) -> Place | None:
    """Read a cursor; None for none.

    Raises:
        Problem: 400, it is none of ours.

    """
    if cursor is None:
        return None
    try:
        when, reference = _parts(cursor)
        return Place(_instant(when), _reference(reference))
    except _NOT_OURS:
        raise _no_cursor() from None


def written_due(place: DueAt) -> str:
    """Write a place of a list by deadline as a cursor."""
    return _text([place.overdue, place.deadline.isoformat() if place.deadline else None, place.reference])


def read_due(cursor: str | None) -> DueAt | None:
    """Read a cursor of a list by deadline; None for none. Raises as `read`."""
    if cursor is None:
        return None
    try:
        overdue, when, reference = _parts(cursor)
        return DueAt(overdue is True, None if when is None else _instant(when), _reference(reference))
    except _NOT_OURS:
        raise _no_cursor() from None


_NOT_OURS = (ValueError, TypeError, RecursionError, OverflowError)


def _text(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _parts(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def _instant(said: str) -> datetime:
    instant = datetime.fromisoformat(said)
    if instant.tzinfo is None:
        raise ValueError("not written here")
    return instant


def _reference(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError("not written here")
    return said


def _no_cursor() -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "cursor: expected `next` of the page before")
