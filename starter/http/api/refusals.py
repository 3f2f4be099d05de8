"""How the API's refusals stand in its description (RFC 9457)."""

from http import HTTPStatus
from typing import Any

PROBLEM = "#/components/schemas/ProblemDetails"
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE,
)  # fmt: skip


def refusals(*own: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of one route: its own, those of every route, and of what cannot be read."""
    content = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
    statuses = sorted({*own, *_ALWAYS, HTTPStatus.UNPROCESSABLE_ENTITY})
    return {int(status): {"description": status.phrase, "content": content} for status in statuses}
