"""Five hundred complaints at once over twelve contacts with absences, on the real server: shared out fairly."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.kept import Standing
from tests.office import SHIPPED, Office
from tests.stage import Stage
from worker.hosting import build_worker
from worker.settings import Settings

pytestmark = pytest.mark.slow

COMPLAINTS = 500
PEOPLE = [f"c-{number:03}" for number in range(1, 13)]
ILL, ON_HOLIDAY, A_DAY_OFF, FALLS_ILL = "c-003", "c-006", "c-009", "c-012"


def twelve() -> str:
    """Give the shipped firm with twelve equals in the place of its people."""
    text = SHIPPED.read_text(encoding="utf-8")
    before, after = text.split("[[people]]", 1)[0], text[text.index("[[insurers]]") :]
    people = "".join(
        f'[[people]]\nid = "{contact}"\nname = "Personne {contact[2:]}"\nphone = "01 99 00 12 00"\n'
        f'email = "{contact}@123courtage.example"\nmanager = {str(contact == "c-001").lower()}\n'
        f'levels = ["1", "2a", "2b", "3", "4"]\n\n'
        for contact in PEOPLE
    )
    return before + people + after


@pytest_asyncio.fixture(loop_scope="session")
async def place(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[tuple[Stage, Office]]:
    settings = Settings(
        data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", firm_file=tmp_path / "firm.toml", durable=False,
        sandbox=False,  # as it is shipped: quicker, and so harder on the register
    )  # fmt: skip
    office = Office(settings.firm_file, settings.register_address, twelve())
    async with build_worker(environment.client, settings):
        yield Stage(environment, settings), office


async def opened(stage: Stage, count: int, altogether: int) -> list[Standing]:
    """Start so many complaints at once, and wait until the register has all there are."""
    await asyncio.gather(*(stage.starts(stage.complaint()) for _ in range(count)))
    register = Register(stage.settings.register_address, durable=False)
    try:
        async with asyncio.timeout(300):
            while len(found := await asyncio.to_thread(Dossiers(register).standings)) < altogether:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    finally:
        register.close()
    return found


def told(title: str, load: dict[str, int]) -> str:
    """Tell the load of each person as a chart."""
    return "\n".join([title, *(f"  {each} {load.get(each, 0):4} {'#' * load.get(each, 0)}" for each in PEOPLE)])


async def test_five_hundred_at_once_are_shared_out_fairly_and_nobody_absent_is_chosen(
    place: tuple[Stage, Office],
) -> None:
    stage, office = place
    yesterday = stage.today - timedelta(days=1)
    office.is_away(ILL, yesterday)
    office.is_away(ON_HOLIDAY, yesterday, stage.today + timedelta(days=21))
    office.is_away(A_DAY_OFF, stage.today, stage.today)
    half = COMPLAINTS // 2

    first = await opened(stage, half, half)
    before = office.load()
    print(told(f"\n{half} complaints, three of twelve absent:", before))  # noqa: T201 - the show of the issue
    office.is_away(FALLS_ILL, stage.today)
    standings = await opened(stage, COMPLAINTS - half, COMPLAINTS)
    load = office.load()
    print(told(f"{COMPLAINTS} complaints, {FALLS_ILL} fell ill in the middle:", load))  # noqa: T201

    assert len(first) == half
    assert [each.reference for each in standings if each.contact is None] == []
    assert sum(load.values()) == COMPLAINTS == len(standings)
    there = [each for each in PEOPLE if each not in (ILL, ON_HOLIDAY, A_DAY_OFF)]
    assert set(before) == set(there), "nobody who is absent was chosen"
    assert max(before.values()) - min(before.values()) <= 1
    assert load[FALLS_ILL] == before[FALLS_ILL], "an absence counts from the moment it is entered"
    assert set(load) == set(there)
    others = [load[each] for each in there if each != FALLS_ILL]
    assert max(others) - min(others) <= 1
    moving = office.due_to_move(stage.today)
    assert len(moving) == load[FALLS_ILL], "and what that person had moves on in the morning"
