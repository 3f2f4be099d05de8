"""The firm's morning on the real server: who is told what, once; what starts it; absences before digests."""

import asyncio
import time as machine
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest_asyncio
from temporalio.client import (
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.testing import WorkflowEnvironment

from activities.firm.load import load_firm
from activities.morning.office import Office
from tests.morning import digests, held
from tests.stage import Stage, Told
from worker.hosting import build_worker
from worker.schedule import SCHEDULE_ID, prepare_schedule
from worker.settings import Settings
from workflows.morning_messages import MorningHeld, MorningRequest
from workflows.procedure.calendar import at_time

FIRM_FILE = Settings().firm_file
FIRM = load_firm(FIRM_FILE)
OFFICE = Office(lambda: FIRM)
_PATIENCE = 600.0


def nine(day: date) -> datetime:
    return at_time(day, time(9))


def before(day: date, count: int) -> date:
    """Give the open day so many open days before."""
    for _ in range(count):
        day = OFFICE.calendar(day).last_open_day(day - timedelta(days=1))
    return day


def following(day: date) -> date:
    return OFFICE.calendar(day).next_open_day(day + timedelta(days=1))


async def reader_of(told: Told) -> str:
    return str((await told.dossier())["contact"]["id"])


async def listed(told: Told) -> None:
    """Wait until Temporal's lists show the complaint as it stands: they lag by moments."""
    deadline = datetime.fromisoformat((await told.settled())["next_deadline"]).astimezone(UTC)
    wanted = (
        f"WorkflowId = '{told.reference}' AND NextDeadline <= '{deadline + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}'"
    )
    give_up_at = machine.monotonic() + _PATIENCE
    while (await told.stage.environment.client.count_workflows(wanted)).count == 0:
        assert machine.monotonic() < give_up_at, "visibility never showed it"
        await asyncio.sleep(0.1)


async def test_a_deadline_is_announced_three_days_before_one_day_before_and_on_its_day(stage: Stage) -> None:
    told = await stage.opens()
    await listed(told)
    due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
    contact = await reader_of(told)
    said = {
        3: "Dans trois jours ouvrés au plus",
        2: "",
        1: "Dernier jour : le prochain jour ouvré",
        0: "À faire aujourd'hui",
    }
    for count, heading in said.items():
        day = before(due_on, count)
        await held(stage, nine(day))
        received = digests(stage, day)
        if not heading:
            assert received == {}, "nothing to say, nothing sent"
            continue
        assert set(received) == {contact, "team"}
        assert heading.upper() in received[contact].text
        assert told.reference in received[contact].text
        assert "estimate_given" in received[contact].text, "it says what to do"
        assert received[contact].to == FIRM.person(contact).email  # type: ignore[union-attr]


async def test_what_was_missed_at_midnight_is_told_in_office_hours_to_contact_managers_and_team(stage: Stage) -> None:
    told = await stage.opens()
    await told.until_day(3)
    await told.submit("results_known", decision="rejected", reasons="Hors délai")
    missed_on = date.fromisoformat((await told.clock("resolution_letter"))["due_on"])
    morning = following(missed_on)
    await told.until(nine(morning))
    await listed(told)
    await held(stage, nine(morning))
    received = digests(stage, morning)
    contact = FIRM.person(await reader_of(told))
    assert contact is not None
    managers = {manager.id for manager in FIRM.managers if FIRM.team_of(manager) == FIRM.team_of(contact)}
    assert set(received) == {contact.id, *managers, "team"}
    for reader in received.values():
        assert "ÉCHÉANCES MANQUÉES (1)" in reader.text
        assert told.reference in reader.text
    assert not list((stage.settings.outbox / told.reference / "staff").glob("*breach*")), "no message at midnight"
    again = following(morning)
    await told.until(nine(again))
    await held(stage, nine(again))
    text = digests(stage, again)[contact.id].text
    assert "ÉCHÉANCES MANQUÉES" not in text
    assert "TOUJOURS EN RETARD (1)" in text


async def test_a_morning_repeated_on_the_same_day_sends_nothing_twice(stage: Stage) -> None:
    told = await stage.opens()
    await listed(told)
    due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
    assert (await held(stage, nine(due_on))).sent == 2
    first = digests(stage, due_on)
    assert (await held(stage, nine(due_on) + timedelta(minutes=10))).sent == 0
    later = await stage.opens()
    await listed(later)
    await held(stage, nine(due_on) + timedelta(hours=1))
    received = digests(stage, due_on)
    assert {reader: received[reader] for reader in first} == first, "what came in since waits for the next morning"


async def test_on_closed_days_and_after_hours_nobody_is_disturbed(stage: Stage) -> None:
    told = await stage.opens()
    await listed(told)
    due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
    sunday = due_on + timedelta(days=6 - due_on.weekday())
    for at in (nine(sunday), at_time(due_on, time(18))):
        assert await held(stage, at) == MorningHeld(), "the next morning has everything still to tell"
    assert digests(stage, sunday) == digests(stage, due_on) == {}


# Absences


@pytest_asyncio.fixture(loop_scope="session")
async def small_firm(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a stage whose firm's file is the test's to change."""
    firm = tmp_path / "firm.toml"
    firm.write_text(FIRM_FILE.read_text())
    settings = Settings(data_dir=tmp_path, firm_file=firm, task_queue=f"q-{uuid.uuid4().hex[:8]}", durable=False)
    async with build_worker(environment.client, settings):
        yield Stage(environment, settings)


def is_away(stage: Stage, contact: str, first: date, last: date) -> None:
    """Enter an absence, as an operator does while workers run."""
    stated = stage.settings.firm_file.read_text()
    head, line, rest = stated.partition(f'id = "{contact}"\n')
    lines = rest.split("\n\n")
    lines[0] = "\n".join(each for each in lines[0].splitlines() if not each.startswith("absences"))
    lines[0] += f"\nabsences = [{{ first = {first}, last = {last} }}]"
    stage.settings.firm_file.write_text(head + line + "\n\n".join(lines))


async def test_for_a_day_the_deputy_reads_and_the_absent_person_is_left_alone(small_firm: Stage) -> None:
    told = await small_firm.opens()
    await listed(told)
    due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
    contact = await reader_of(told)
    is_away(small_firm, contact, due_on, due_on)
    assert (await held(small_firm, nine(due_on))).reassigned == 0
    received = digests(small_firm, due_on)
    assert contact not in received
    [deputy] = set(received) - {"team"}
    assert told.reference in received[deputy].text
    assert FIRM.person(contact).name in received[deputy].text  # type: ignore[union-attr]


async def test_for_a_long_absence_the_complaint_has_another_contact_before_anybody_is_told(small_firm: Stage) -> None:
    told = await small_firm.opens()
    await listed(told)
    due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
    contact = await reader_of(told)
    today = small_firm.today
    is_away(small_firm, contact, today, due_on + timedelta(days=30))
    assert (await held(small_firm, nine(due_on))).reassigned == 1
    assert (await told.settled())["contact"]["id"] != contact
    assert contact not in digests(small_firm, due_on)
    assert "contact_change" in await told.kinds(), "the customer is told in writing who it is now"
    before_it = len(await told.entries("contact_reassigned"))
    await held(small_firm, nine(due_on) + timedelta(minutes=5))
    assert len(await told.entries("contact_reassigned")) == before_it


# The schedule


async def test_the_schedule_is_made_once_follows_the_firms_hours_and_hands_on_what_was_told(stage: Stage) -> None:
    client, queue = stage.environment.client, stage.settings.task_queue
    handle = client.get_schedule_handle(SCHEDULE_ID)
    made = await prepare_schedule(client, time(9), queue)
    try:
        assert made == [f"schedule {SCHEDULE_ID}: every day at 09:00 Europe/Paris"]
        assert await prepare_schedule(client, time(9), queue) == []
        await handle.pause()
        assert await prepare_schedule(client, time(8, 30), queue) != []
        described = await handle.describe()
        assert described.schedule.state.paused, "whoever paused it decides when it goes on"
        assert all(at_time(paris.date(), time(8, 30)) == paris for paris in described.info.next_action_times[:10])
        await handle.unpause()

        told = await stage.opens()
        await listed(told)
        due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
        first, second = before(due_on, 1), due_on
        assert (await triggered(stage, nine(first))).sent == 2
        assert (await triggered(stage, nine(first))).sent == 2, "held already: what was handed on is handed on"
        after = await triggered(stage, nine(second))
        assert after.on == second
        assert set(after.told.values()) == {nine(second)}
        assert "PROCHAIN JOUR OUVRÉ (1)" in digests(stage, first)[await reader_of(told)].text
        assert len(digests(stage, first)) == len(digests(stage, second)) == 2
    finally:
        await handle.delete()


async def test_a_morning_that_was_not_held_is_made_up_for_by_the_next(stage: Stage) -> None:
    client, queue = stage.environment.client, stage.settings.task_queue
    await prepare_schedule(client, time(9), queue)
    try:
        told = await stage.opens()
        await listed(told)
        due_on = date.fromisoformat((await told.clock("holding_letter"))["act_on"])
        await triggered(stage, nine(before(due_on, 5)))
        day = before(due_on, 2)  # the one of three days before was missed
        assert (await triggered(stage, nine(day))).sent == 2
        assert "DANS TROIS JOURS OUVRÉS AU PLUS (1)" in digests(stage, day)[await reader_of(told)].text
    finally:
        await client.get_schedule_handle(SCHEDULE_ID).delete()


def started_by(schedule: ScheduleDescription) -> list[str]:
    """List the ids of the workflows it started lately."""
    return [
        each.action.workflow_id
        for each in schedule.info.recent_actions
        if isinstance(each.action, ScheduleActionExecutionStartWorkflow)
    ]


async def triggered(stage: Stage, at: datetime) -> MorningHeld:
    """Trigger the schedule for an instant of the test's choice, and wait for that morning's end."""
    client = stage.environment.client
    handle = client.get_schedule_handle(SCHEDULE_ID)

    def held_at(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = found.description.schedule
        assert isinstance(schedule.action, ScheduleActionStartWorkflow)
        schedule.action.args = [MorningRequest(at=at)]
        return ScheduleUpdate(schedule=schedule)

    await handle.update(held_at)
    known = started_by(await handle.describe())
    await asyncio.sleep(1.1)  # what it starts bears the second in its id: two of one second are one
    await handle.trigger()
    give_up_at = machine.monotonic() + _PATIENCE
    while machine.monotonic() < give_up_at:
        described = await handle.describe()
        new = [workflow_id for workflow_id in started_by(described) if workflow_id not in known]
        if new and not described.info.running_actions:
            result: MorningHeld = await client.get_workflow_handle(new[0], result_type=MorningHeld).result()
            return result
        await asyncio.sleep(0.2)
    raise AssertionError("the trigger started nothing")
