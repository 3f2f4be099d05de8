"""Answers in bounded time, whatever is away: Temporal, its worker or the register."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from temporalio.service import RPCError, RPCStatusCode

from starter.client import WORKFLOW_TYPE, Complaints
from starter.http.problems import Problem

PATIENCE = timedelta(seconds=12)
"""A little more than the client's own, which says more."""
_PATIENCE_FOR_ONE = timedelta(seconds=5)
_RETRY = timedelta(seconds=15)
_LONGEST_REFERENCE = 500
_MOST_KNOWN = 50_000
TEMPORAL_AWAY = (RPCError, RuntimeError, TimeoutError)
"""RuntimeError: a connection was never made."""


def away(detail: str) -> Problem:
    """Give the refusal of what can be done later."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after=_RETRY)


def unknown(what: str = "no complaint has this reference") -> Problem:
    """Give the refusal of what is not there."""
    return Problem(HTTPStatus.NOT_FOUND, what)


@asynccontextmanager
async def bounded() -> AsyncIterator[None]:
    """Run what asks Temporal or the register.

    Raises:
        Problem: 503, one of them does not answer.

    """
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            yield
    except (OperationalError, NoConnection):
        raise away("the register does not answer at the moment") from None
    except TEMPORAL_AWAY:
        raise away("complaints cannot be reached at the moment; repeat the call, with the same key or id") from None


async def require_complaint(complaints: Complaints, reference: str) -> None:
    """Refuse what cannot be a complaint: other workflows live in the same namespace.

    Raises:
        Problem: 404, the reference is that of something else, or cannot be one.
        RPCError: Temporal does not answer.

    """
    if not reference.isprintable() or len(reference) > _LONGEST_REFERENCE:
        raise unknown()
    try:
        described = await complaints.handle(reference).describe(rpc_timeout=_PATIENCE_FOR_ONE)
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            raise unknown() from None
        if error.status is RPCStatusCode.NOT_FOUND and "amespace" not in error.message:
            return  # Temporal may have forgotten it; the register has not
        raise
    if described.workflow_type != WORKFLOW_TYPE:
        raise unknown()


class KnownComplaints:
    """Remembers what was found to be a complaint: a reference is one for ever, and is asked about once."""

    def __init__(self, complaints: Complaints) -> None:
        self._complaints = complaints
        self._known: dict[str, None] = {}

    async def require(self, reference: str) -> None:
        """Refuse what cannot be a complaint. Raises as `require_complaint`."""
        if reference not in self._known:
            await require_complaint(self._complaints, reference)

    def answered(self, reference: str) -> None:
        """Remember a complaint that has taken an event."""
        self._known[reference] = None
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
