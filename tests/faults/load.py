"""Complaints that keep coming and living by the HTTP door while parts of the house are away."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Self, TypeVar

import httpx
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError

from tests.faults.lives import Life, planned
from tests.stage import Stage, Told

AT_ONCE = 8
_BETWEEN_TRIES_SECONDS = 0.3
_T = TypeVar("_T")
_AWAY = (RPCError, RuntimeError, TimeoutError, WorkflowQueryFailedError)
_NOT_NOW = (429, 503)


class Load:
    """Senders that repeat each call until they are told what became of it, as integrating systems do."""

    def __init__(self, stage: Stage, door: str, key: str, seed: int) -> None:
        """`door`: its address; `key`: of the API."""
        self.lives: list[Life] = []
        self.answers = Counter[str]()
        self._stage, self._seed, self._numbers = stage, seed, count(1)
        self._http = httpx.AsyncClient(
            base_url=door, headers={"Authorization": f"Bearer {key}"}, timeout=20, trust_env=False
        )

    async def run(self, seconds: float) -> None:
        """Have complaints come in and live until the time is over; every sender is told in the end."""
        ends_at = time.monotonic() + seconds

        async def living() -> None:
            while time.monotonic() < ends_at:
                life = planned(self._seed, next(self._numbers))
                self.lives.append(life)
                await self._live(life, ends_at)

        async with asyncio.TaskGroup() as together:
            for _ in range(AT_ONCE):
                together.create_task(living())

    async def door_is_open(self) -> None:
        """Wait until the door and all behind it answer."""
        while True:
            with suppress(httpx.TransportError):
                if (await self._http.get("/ready")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(_BETWEEN_TRIES_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def told(self, life: Life) -> Told:
        """Give the complaint itself, with its clock."""
        return Told(self._stage, self._stage.environment.client.get_workflow_handle(life.reference))

    async def _live(self, life: Life, ends_at: float) -> None:
        key = {"Idempotency-Key": f"intake-{life.number}"}
        calls = [self._called("/v1/complaints", life.body, key) for _ in range(2 if life.comes_twice else 1)]
        references = {str(answer["reference"]) for _, answer in await asyncio.gather(*calls)}
        assert len(references) == 1, f"one intake was given {references}"
        (life.reference,) = references
        told = self.told(life)
        for number, step in enumerate(life.steps):
            if time.monotonic() > ends_at:
                return
            await pass_time(told, timedelta(days=step.days))
            if step.kind:
                event = step.said(f"{life.number}-{number}", await patiently(told.now))
                await asyncio.gather(*(self.say(life, event) for _ in range(2 if step.at_once else 1)))
                for _ in range(step.again):
                    await self.say(life, event)

    async def say(self, life: Life, event: dict[str, Any]) -> None:
        """Say one event until the sender is told what became of it."""
        status, _ = await self._called(f"/v1/complaints/{life.reference}/events", event, {})
        told = life.accepted if status == httpx.codes.ACCEPTED else life.refused
        if event not in told:
            told.append(event)

    async def _called(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Call until it is answered for good: done, or refused."""
        while True:
            try:
                answer = await self._http.post(path, json=body, headers=headers)
            except httpx.TransportError:
                self.answers["cut off"] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code in (200, 201, 202, 422):
                    return answer.status_code, answer.json()
                assert answer.status_code in _NOT_NOW, f"{path}: {answer.status_code} {answer.text}"
            await asyncio.sleep(_BETWEEN_TRIES_SECONDS)


async def patiently(call: Callable[[], Awaitable[_T]]) -> _T:
    """Ask until it is answered, whatever is away at the moment."""
    while True:
        try:
            return await call()
        except _AWAY:
            await asyncio.sleep(_BETWEEN_TRIES_SECONDS)


async def pass_time(told: Told, ahead: timedelta) -> None:
    """Let time pass, through any fault, unless the complaint closes before."""
    moment: datetime = await patiently(told.now) + ahead

    async def there() -> bool:
        if not await running(told):
            return True
        await told.until(moment)
        return await told.now() >= moment

    while not await patiently(there):
        pass


async def running(told: Told) -> bool:
    """Say whether the complaint is open."""
    return (await told.handle.describe()).status is WorkflowExecutionStatus.RUNNING
