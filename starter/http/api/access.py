"""Who may call the API: a key of the register, valid now, with the right of the route; and not too often."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from activities.access.api_keys import ApiKey, ApiKeys
from activities.access.roles import Caller, Right
from starter.http.api.bounded import bounded
from starter.http.limits import Buckets, Rate
from starter.http.problems import Problem

OF_A_KEY = Rate(burst=500, every=timedelta(milliseconds=10))
OF_STRANGERS = Rate(burst=100, every=timedelta(seconds=1))
"""Calls without a valid key: apart, so that nobody can use up what is a key's."""

_bearer = HTTPBearer(auto_error=False, description="`ck_<id>_<secret>`, as `complaints keys create` printed it")
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Guard:
    """Lets a call in by its key; the register is asked each time, so that a revoked key ends at once."""

    def __init__(self, keys: ApiKeys, of_a_key: Rate = OF_A_KEY, of_strangers: Rate = OF_STRANGERS) -> None:
        self._keys = keys
        self._known, self._strangers = Buckets(of_a_key), Buckets(of_strangers)

    def needs(self, right: Right | None) -> Callable[..., Awaitable[Caller]]:
        """Make what a route depends on to be called with the right only; None: with any valid key."""

        async def caller(shown: Shown) -> Caller:
            found = (await self._key(shown)).caller
            if right is not None and not found.may(right):
                raise Problem(HTTPStatus.FORBIDDEN, f"this key has not the right `{right}`")
            return found

        return caller

    async def may_still(self, shown: HTTPAuthorizationCredentials | None, right: Right, insurer: str | None) -> bool:
        """Say whether a key that was let in before has the right now, on complaints that name this insurer.

        While the register is away it is believed.
        """
        if shown is None:
            return False
        try:
            async with bounded():
                key = await asyncio.to_thread(self._keys.known, shown.credentials, datetime.now(UTC))
        except Problem:
            return True
        return key is not None and key.caller.may(right) and key.caller.sees(insurer)

    async def _key(self, shown: HTTPAuthorizationCredentials | None) -> ApiKey:
        key = None
        if shown is not None:
            async with bounded():
                key = await asyncio.to_thread(self._keys.known, shown.credentials, datetime.now(UTC))
        wait = self._known.wait_for(key.id) if key else self._strangers.wait_for(None)
        if wait is not None:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many calls", retry_after=wait + timedelta(seconds=1))
        if key is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "Authorization: expected `Bearer ck_…`, a key that has neither expired nor been revoked",
                challenge="Bearer",
            )
        return key
