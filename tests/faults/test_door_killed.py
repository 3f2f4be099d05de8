"""The door's process killed with -9 in the middle of a thousand intakes, repeated by key: each is one complaint."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import httpx
import pytest

from activities.access.api_keys import ApiKeys, Scope
from activities.register.database import Register
from tests.faults.door_process import Door
from tests.faults.processes import World
from tests.ports import HOST
from worker.connection import connect

pytestmark = pytest.mark.slow

_INTAKES, _AT_ONCE = 1000, 16
_KILLED_AT = (150, 300, 450, 600, 850)
_PATIENCE = 300.0


async def test_a_thousand_intakes_are_a_thousand_complaints(world: World) -> None:
    settings = world.stage("intakes").settings
    register = Register(settings.register_address, durable=False)
    register.migrate()
    _, key = ApiKeys(register).create("crm", [Scope.INTAKE], datetime.now(UTC))
    register.close()
    door, seen = Door(world, settings), Counter[str]()
    references: dict[int, str] = {}

    async def taken_in(client: httpx.AsyncClient, number: int) -> str:
        """Call until it is answered, as an integrating system does."""
        body = {
            "received_at": "2026-11-20T16:45:00+01:00", "channel": "email", "received_by": "broker",
            "complainant": {"name": f"Client {number}"}, "summary": f"Réclamation {number}",
        }  # fmt: skip
        while True:
            try:
                answer = await client.post("/v1/complaints", json=body, headers={"Idempotency-Key": f"k-{number}"})
            except httpx.TransportError:
                seen["cut off"] += 1
            else:
                seen[str(answer.status_code)] += 1
                if answer.status_code in (200, 201):
                    return str(answer.json()["reference"])
                assert answer.status_code in (429, 503), answer.text
            await asyncio.sleep(0.1)

    numbers = iter(range(_INTAKES))

    async def calling(client: httpx.AsyncClient) -> None:
        for number in numbers:
            references[number] = await taken_in(client, number)
            if len(references) in _KILLED_AT:
                await door.kill()
                await door.start()

    async with asyncio.timeout(_PATIENCE):
        await door.start()
        async with httpx.AsyncClient(
            base_url=door.url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        ) as client:
            await asyncio.gather(*(calling(client) for _ in range(_AT_ONCE)))
        await door.kill()
        print(f"{len(_KILLED_AT)} kills; answers: {dict(seen)}")  # noqa: T201 -- shown when the test fails
        assert seen["cut off"] > 0, "no call was under way when the door was killed"
        assert len(set(references.values())) == _INTAKES

        temporal = await connect(target_host=f"{HOST}:{world.port}", namespace="default")
        query = f"WorkflowType='Complaint' AND TaskQueue='{settings.task_queue}'"
        for _ in range(100):  # visibility follows by moments
            if (await temporal.count_workflows(query)).count == _INTAKES:
                break
            await asyncio.sleep(0.2)
        started = [execution.id async for execution in temporal.list_workflows(query)]
        assert sorted(started) == sorted(references.values())
