"""Follows complaints as the register hears of them: one look a second for all who follow, none when nobody does."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError

from activities.register.dossiers import Dossiers
from activities.register.kept import Standing
from starter.http.api.answers import ChangeView
from starter.http.api.bounded import away
from starter.http.problems import Problem
from workflows.procedure.calendar import PARIS

MEDIA_TYPE = "text/event-stream"
_LOOKS_EVERY_SECONDS = 1.0
_SAYS_IT_LIVES_AFTER_SECONDS = 15.0
_ENDS_AFTER_SECONDS = 600.0
"""A browser comes back by itself."""
ASKS_AGAIN_AFTER_SECONDS = 15.0
"""Whether the caller may still follow: a revoked key or an ended account hears no more."""
_MOST_OF_ALL, _MOST_OF_ONE = 500, 20


class Changes:
    """Streams of the changes of complaints, for one process."""

    def __init__(self, dossiers: Dossiers) -> None:
        self._dossiers = dossiers
        self._followed: Counter[str] = Counter()
        self._callers: Counter[str] = Counter()
        self._latest: dict[str, Standing] = {}
        self._looked = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._ending = False

    def end(self) -> None:
        """Let every stream end at once: the door closes."""
        self._ending = True
        self._looked.set()

    def stream(
        self, caller: str, may_still: Callable[[], Awaitable[bool]], reference: str, after: int
    ) -> AsyncIterator[str]:
        """Give the changes later than revision `after` as server-sent events; `caller` follows a few at a time.

        `may_still` is asked from time to time; once it says no, the stream ends.

        Raises:
            Problem: 429, the caller follows too many; 503, all callers together do.

        """
        if self._callers.total() >= _MOST_OF_ALL:
            raise away("too many follow at the moment")
        if self._callers[caller] >= _MOST_OF_ONE:
            detail = f"at most {_MOST_OF_ONE} complaints at a time"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, retry_after=timedelta(seconds=30))
        return self._events(caller, may_still, reference, after)

    async def _events(
        self, caller: str, may_still: Callable[[], Awaitable[bool]], reference: str, after: int
    ) -> AsyncIterator[str]:
        with self._counted(caller, reference):
            yield "retry: 2000\n\n"
            begun = spoken = asked = time.monotonic()
            while not self._ending and time.monotonic() - begun < _ENDS_AFTER_SECONDS:
                looked = self._looked
                if time.monotonic() - asked > ASKS_AGAIN_AFTER_SECONDS:
                    asked = time.monotonic()
                    if not await may_still():
                        return
                standing = self._latest.get(reference)
                if standing is not None and standing.revision > after:
                    after, spoken = standing.revision, time.monotonic()
                    yield f"event: changed\nid: {after}\ndata: {_data(standing)}\n\n"
                elif time.monotonic() - spoken > _SAYS_IT_LIVES_AFTER_SECONDS:
                    spoken = time.monotonic()
                    yield ": still here\n\n"
                await looked.wait()

    @contextmanager
    def _counted(self, caller: str, reference: str) -> Iterator[None]:
        self._followed[reference] += 1
        self._callers[caller] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            for counter, name in ((self._followed, reference), (self._callers, caller)):
                counter[name] -= 1
                if not counter[name]:
                    del counter[name]
            if reference not in self._followed:
                self._latest.pop(reference, None)

    async def _look(self) -> None:
        while self._followed:
            try:
                self._latest.update(await asyncio.to_thread(self._dossiers.standings_of, list(self._followed)))
            except SQLAlchemyError:
                self._latest.clear()  # it is asked again; who follows hears nothing meanwhile
            looked, self._looked = self._looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)


def _data(standing: Standing) -> str:
    return ChangeView(
        reference=standing.reference,
        revision=standing.revision,
        level=standing.level,
        stage=standing.stage,
        next_deadline=standing.next_deadline.astimezone(PARIS) if standing.next_deadline else None,
        overdue=standing.overdue,
        needs_attention=standing.needs_attention,
    ).model_dump_json()
