"""Where a page of a list ended, as an opaque text for whoever asks for the next one."""

import base64
import json
from datetime import datetime
from http import HTTPStatus

from activities.register.listing import Place
from starter.http.problems import Problem


def written(place: Place) -> str:
    """Write a place as a cursor."""
    said = json.dumps([place.received_at.isoformat(), place.reference]).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def read(cursor: str | None) -> Place | None:
    """Read a cursor; None for none.

    Raises:
        Problem: 400, it is none of ours.

    """
    if cursor is None:
        return None
    try:
        when, reference = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        received_at = datetime.fromisoformat(when)
        if received_at.tzinfo is None or not isinstance(reference, str):
            raise ValueError("not written here")
        return Place(received_at, reference)
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise Problem(HTTPStatus.BAD_REQUEST, "cursor: expected `next` of the page before") from None
