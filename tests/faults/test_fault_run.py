"""Complaints come and live while servers, workers, the door, the database and SendGrid fail; then each is looked at.

A run that fails names its seed: `pytest tests/faults/test_fault_run.py --fault-seed <seed>` has the same faults and the
same complaints again, though never at the very same instants.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from activities.access.api_keys import ApiKeys, Scope
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.faults.account import Found, in_register
from tests.faults.faults import Parts, plan
from tests.faults.lives import Life
from tests.faults.load import Load, patiently
from tests.faults.processes import World
from tests.faults.quieting import Person
from tests.postgres import PostgresServer, running
from tests.sendgrid_server import SendGridServer
from tests.stage import Stage
from workflows.procedure.dossier import Carried

pytestmark = pytest.mark.slow

_PATIENCE = 400.0
_LOOKED_AT_AT_ONCE = 8


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL of this test alone: it is cut."""
    with running("cut") as server:
        yield server


async def test_no_fault_loses_or_doubles_anything(
    world: World, postgres: PostgresServer, request: pytest.FixtureRequest
) -> None:
    seconds = int(request.config.getoption("--fault-seconds"))
    chosen = request.config.getoption("--fault-seed")
    seed = uuid.uuid4().int % 1_000_000 if chosen is None else int(chosen)
    print(f"--fault-seed {seed}")  # noqa: T201 -- shown when the test fails, or with -s
    with closing(Register(url := postgres.migrated())) as register, SendGridServer() as sendgrid:
        _, key = ApiKeys(register).create("crm", [Scope.INTAKE, Scope.EVENTS], datetime.now(UTC))
        stage = world.stage("faults")
        parts = Parts(world, stage, postgres, sendgrid, url)
        load = Load(stage, parts.door.url, key, seed)
        async with asyncio.timeout(seconds + _PATIENCE), load, parts.supervised():
            await load.door_is_open()
            async with asyncio.TaskGroup() as together:
                together.create_task(parts.break_things(plan(seed, seconds)))
                together.create_task(load.run(seconds))
            found = await _all_found(load, Person(load, sendgrid), sendgrid, register)
            opened = await _opened(stage)
        entered = Dossiers(register).references()
    told = sum(len(life.accepted) + len(life.refused) for life in load.lives)
    letters = [letter for each in found for letter in each.letters]
    attempts = Counter(attempt.state.value for letter in letters for attempt in letter.attempts)
    print(  # noqa: T201 -- as above
        f"{seconds} s of faults: {dict(parts.inflicted)}; ended by themselves: {dict(parts.ended_by_themselves)}\n"
        f"{len(found)} complaints, {told} events, {len(letters)} letters checked; attempts: {dict(attempts)}; "
        f"cut off by a dead worker: {sum(each.cut_off for each in found)}; answers: {dict(load.answers)}"
    )
    stories = ["\n".join((*problems, each.story)) for each in found if (problems := each.problems)]
    assert not stories, f"--fault-seed {seed}: {len(stories)} of {len(found)} complaints\n" + "\n".join(stories)
    references = sorted(life.reference for life in load.lives)
    assert len(set(references)) == len(references), "two intakes were given one reference"
    assert opened == references, "there are complaints that nobody was told of"
    assert entered == references, "the register has not the same complaints"
    assert parts.inflicted, "nothing was broken"


async def _opened(stage: Stage) -> list[str]:
    """List the complaints that Temporal has."""
    query = f"WorkflowType='Complaint' AND TaskQueue='{stage.settings.task_queue}'"
    return sorted({execution.id async for execution in stage.environment.client.list_workflows(query)})


async def _all_found(load: Load, person: Person, sendgrid: SendGridServer, register: Register) -> list[Found]:
    """Bring every complaint to rest, then look at each."""
    slots = asyncio.Semaphore(_LOOKED_AT_AT_ONCE)

    async def found(life: Life) -> Found:
        told = load.told(life)
        async with slots:
            while True:
                dossier = await person.quiet(life)
                carried = Carried.model_validate(await patiently(lambda: told.handle.query("carried")))
                now, described = await patiently(told.now), await patiently(told.handle.describe)
                kept, lines, letters = await asyncio.to_thread(in_register, register, life)
                to_customer = [each for each in sendgrid.received if life.customer in each.to]
                if await patiently(told.settled) == dossier:  # else a clock came due while it was looked at
                    return Found(life, now, dossier, carried, kept, lines, letters, to_customer, described)

    return list(await asyncio.gather(*map(found, load.lives)))
