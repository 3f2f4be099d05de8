"""Faults on real parts, planned from a seed: what is killed, cut or made to misbehave, when, and for how long."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from tests.faults.door_process import Door
from tests.faults.processes import World
from tests.postgres import PostgresServer
from tests.sendgrid_server import (
    ACCEPT,
    ACCEPT_THEN_DROP,
    ACCEPT_THEN_HANG,
    CUT,
    DROP,
    HANG,
    KEY,
    Behaviour,
    SendGridServer,
    busy,
    fail,
    gateway,
    refuse,
    slow,
)
from tests.stage import Stage

WORKERS = 2
_LOOKS_EVERY_SECONDS = 0.2
_PAUSES = (1.0, 4.0)
_LASTS = (0.0, 4.0)

BEHAVIOURS: dict[str, Behaviour] = {
    "accept": ACCEPT,
    "slow": slow(0.7),
    "429": busy(30),
    "500": fail(500),
    "504": gateway(504),
    "504, accepted": gateway(504, accepts=True),
    "hang": HANG,
    "accept, then hang": ACCEPT_THEN_HANG,
    "drop": DROP,
    "accept, then drop": ACCEPT_THEN_DROP,
    "cut": CUT,
    "401": refuse(401),
}


class Kind(StrEnum):
    """The kinds of faults."""

    SERVER = "server killed"
    WORKER = "worker killed"
    DOOR = "door killed"
    DATABASE = "database cut"
    SENDGRID = "SendGrid changed"
    SENDGRID_GONE = "SendGrid gone"


_HOW_OFTEN = {
    Kind.SERVER: 2,
    Kind.WORKER: 4,
    Kind.DOOR: 3,
    Kind.DATABASE: 2,
    Kind.SENDGRID: 12,
    Kind.SENDGRID_GONE: 2,
}


@dataclass(frozen=True)
class Fault:
    """One fault. `lasts`: until what was taken away is brought back; a behaviour stays until the next one."""

    at: float
    kind: Kind
    lasts: float
    which: int
    behaviour: str


def plan(seed: int, seconds: float) -> list[Fault]:
    """Give the faults of a run: the same for the same seed, and those of a shorter run are the first of a longer."""
    random, at = Random(f"faults {seed}"), 0.0  # noqa: S311
    planned: list[Fault] = []
    while True:
        at += random.uniform(*_PAUSES)
        (kind,) = random.choices(list(_HOW_OFTEN), list(_HOW_OFTEN.values()))
        # Half of the time letters can leave: else none would, and little could go wrong with them.
        behaviour = "accept" if random.random() < 0.5 else random.choice(list(BEHAVIOURS))
        fault = Fault(at, kind, random.uniform(*_LASTS), random.randrange(WORKERS), behaviour)
        if at >= seconds:
            return planned
        planned.append(fault)


class Parts:
    """Everything that runs, under a supervisor that starts again what has ended, as an operator's does."""

    def __init__(
        self, world: World, stage: Stage, postgres: PostgresServer, sendgrid: SendGridServer, url: str
    ) -> None:
        """`url`: the register's database on `postgres`."""
        self.stage, self.sendgrid = stage, sendgrid
        self._world, self._postgres = world, postgres
        self._settings: dict[str, Any] = {
            "COMPLAINTS_REGISTER_URL": url,
            "COMPLAINTS_CARRIER": "sendgrid",
            "COMPLAINTS_SENDGRID_API_KEY": KEY,
            "COMPLAINTS_SENDGRID_HOST": sendgrid.url,
            "COMPLAINTS_SENDGRID_TIMEOUT_SECONDS": "1.5",
        }
        self.door = Door(world, stage.settings, **self._settings)
        self._workers: list[asyncio.subprocess.Process | None] = [None] * WORKERS
        self._turn = {kind: asyncio.Lock() for kind in Kind}
        self.inflicted, self.ended_by_themselves = Counter[str](), Counter[str]()

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """Keep door and workers running within the block; the workers are the world's to end."""
        over = asyncio.Event()
        supervising = asyncio.create_task(self._supervise(over))
        try:
            yield
        finally:
            over.set()
            await supervising
            await self.door.kill()

    async def _supervise(self, over: asyncio.Event) -> None:
        while not over.is_set():
            if _has_ended(self.door.process):
                self._note_the_end("door", self.door.process)
                await self.door.start()
            for number, worker in enumerate(self._workers):
                if _has_ended(worker):
                    self._note_the_end("worker", worker)
                    self._workers[number] = await self._world.start_worker(self.stage, **self._settings)
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)

    def _note_the_end(self, what: str, process: asyncio.subprocess.Process | None) -> None:
        if process and process.returncode != -9:
            self.ended_by_themselves[what] += 1

    async def break_things(self, planned: list[Fault]) -> None:
        """Inflict each fault at its time; several parts may be away together. All is up again when this returns."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as under_way:
            for fault in planned:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                under_way.create_task(self._inflict(fault))
        self.sendgrid.always = ACCEPT

    async def _inflict(self, fault: Fault) -> None:
        inflict: dict[Kind, Callable[[Fault], Awaitable[None]]] = {
            Kind.SERVER: self._kill_server,
            Kind.WORKER: self._kill_worker,
            Kind.DOOR: self._kill_door,
            Kind.DATABASE: self._cut_database,
            Kind.SENDGRID: self._change_sendgrid,
            Kind.SENDGRID_GONE: self._sendgrid_goes,
        }
        async with self._turn[fault.kind]:
            await inflict[fault.kind](fault)
        self.inflicted[fault.kind] += 1

    async def _kill_server(self, fault: Fault) -> None:
        await self._world.kill_server()
        await asyncio.sleep(fault.lasts)
        await self._world.start()

    async def _kill_worker(self, fault: Fault) -> None:
        worker = self._workers[fault.which]
        if worker and worker.returncode is None:
            worker.kill()

    async def _kill_door(self, fault: Fault) -> None:
        await self.door.kill()

    async def _cut_database(self, fault: Fault) -> None:
        await asyncio.to_thread(self._postgres.crash)
        await asyncio.sleep(fault.lasts)
        await asyncio.to_thread(self._postgres.start)

    async def _change_sendgrid(self, fault: Fault) -> None:
        self.sendgrid.always = BEHAVIOURS[fault.behaviour]

    async def _sendgrid_goes(self, fault: Fault) -> None:
        await asyncio.to_thread(self.sendgrid.stop)
        await asyncio.sleep(fault.lasts)
        self.sendgrid.start()


def _has_ended(process: asyncio.subprocess.Process | None) -> bool:
    return process is None or process.returncode is not None
