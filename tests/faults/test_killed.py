"""What a complaint keeps when its worker, its server or both are killed: real processes, kill -9, a database file."""

import asyncio
import email
import email.policy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import TimeoutType

from tests.faults.processes import World
from tests.faults.worker_process import CLAIMED, DELIVERED
from tests.stage import Told
from workflows.procedure.calendar import PARIS, at_time, end_of_day

pytestmark = pytest.mark.slow

_PATIENCE = 180.0
ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}
_LATE_IN_THE_DAY = {"letters_leave_at": '"23:59:50"', "letters_spread_minutes": "0"}
"""A letter's instant and the end of its day pass within seconds, so that both can pass while everything is down."""
_KILLED_BEFORE = timedelta(seconds=15)
"""How long before the end of the day processes are killed: before the letters of that day leave."""


async def test_a_complaint_goes_on_where_its_processes_were_killed_between_two_clocks(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("between")
        await world.start_worker(stage)
        told = await stage.opens()

        await told.until_day(5)
        stood_at = await told.now()
        await world.kill_server()
        await world.start()
        assert await told.now() >= stood_at, "the complaint's clock did not survive its server"
        await told.until_day(20)
        assert await told.kinds() == ["acknowledgement", "holding"]

        await world.kill_workers()
        await world.start_worker(stage)
        await told.until(_instant((await told.clock("status_letter"))["act_at"]) + timedelta(hours=2))
        assert (await told.clock("status_letter"))["state"] == "kept"

        await world.kill_workers()
        await world.kill_server()
        await world.start()
        await world.start_worker(stage)
        await told.until(_instant((await told.clock("final_answer"))["act_at"]) + timedelta(hours=2))

        dossier = await told.settled()
        assert await told.entries("clock_breached") == []
        for clock in dossier["clocks"]:
            if clock["clock"] in ("holding_letter", "status_letter"):
                assert clock["state"] == "kept"
                assert _paris_day(_letter(dossier, clock["clock"])["sent_at"]) == clock["act_on"]
        letters = [letter["kind"] for letter in dossier["letters"]]
        assert letters[:2] == ["acknowledgement", "holding"]
        assert sorted(letters[2:]) in (["status"], ["status", "two_months"]), "one letter where the days fall together"
        _left_once(told, *letters)


@pytest.mark.parametrize("moment", [CLAIMED, DELIVERED])
async def test_a_worker_killed_in_the_middle_of_a_letter_sends_it_once(world: World, moment: str) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("letter")
        mortal = await world.start_worker(stage, die=moment, die_of="/holding/")
        told = await stage.opens()
        passing = asyncio.create_task(told.until_day(20))
        assert await mortal.wait() < 0, "the worker was to be killed, not to end"
        await _held_by_a_dead_worker(told)
        assert len(_visible(told, "holding")) == (1 if moment == DELIVERED else 0)

        await world.start_worker(stage)
        await passing

        dossier = await told.settled()
        assert await told.kinds() == ["acknowledgement", "holding"]
        _left_once(told, "acknowledgement", "holding")
        holding = next(letter for letter in dossier["letters"] if letter["kind"] == "holding")
        clock = await told.clock("holding_letter")
        assert clock["state"] == "kept"
        assert await told.entries("clock_breached") == []
        # The instant is that of the attempt that died: the letter left then.
        assert timedelta(0) <= _instant(holding["sent_at"]) - _instant(clock["act_at"]) < timedelta(seconds=30)
        assert holding["proof"] == _message(_visible(told, "holding")[0])["Message-ID"]
        notices = [path for path in (_folder(told) / "staff").glob("*.eml") if "no_estimate" in path.name]
        assert len(notices) == 1
        assert await _why_attempts_failed(told) == [TimeoutType.TIMEOUT_TYPE_HEARTBEAT], "its silence was noticed"


async def _why_attempts_failed(told: Told) -> list[TimeoutType.ValueType]:
    history = await told.stage.environment.client.get_workflow_handle(told.reference).fetch_history()
    attempts = [event.activity_task_started_event_attributes for event in history.events]
    return [each.last_failure.timeout_failure_info.timeout_type for each in attempts if each.HasField("last_failure")]


async def test_what_was_signalled_a_moment_before_the_server_was_killed_is_kept(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("signals")
        await world.start_worker(stage)
        told = await stage.opens()
        await told.until_day(3)
        at = (await told.now()).isoformat()
        expected_on = told.stage.today + timedelta(days=35)
        estimate = {"expected_on": expected_on.isoformat(), "situation": "Nous attendons l'expert.", "at": at}
        for number in range(4):
            await told.handle.signal("note_added", {"id": f"note-{number}", "text": "Le client a rappelé.", "at": at})
        await told.handle.signal("estimate_given", {"id": "estimate", **estimate})

        await asyncio.sleep(0.05)
        await world.kill_server()
        await world.start()  # the same worker finds it again by itself

        await told.until_day(20)
        dossier = await told.settled()
        heard = [entry["id"] for entry in dossier["journal"] if entry["status"] == "accepted"]
        assert [i for i in heard if i.startswith("note-")] == [f"note-{number}" for number in range(4)]
        assert heard.count("estimate") == 1
        assert next(letter for letter in dossier["letters"] if letter["kind"] == "holding")["announces"] == (
            expected_on.isoformat()
        )
        _left_once(told, "acknowledgement", "holding")


async def test_what_passed_while_everything_was_down_is_made_good_once_in_legal_order(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        ten = "{ amount = 10, unit = 'jours_ouvres' }"
        stage = world.stage("down", status_letter=ten, holding_letter=ten, **_LATE_IN_THE_DAY)
        await world.start_worker(stage)
        told = await stage.opens()
        due_on = await _just_before_the_letters(told)

        await world.kill_workers()
        await world.kill_server()
        await asyncio.sleep((_KILLED_BEFORE + timedelta(seconds=5)).total_seconds())
        await world.start()
        await world.start_worker(stage)
        dossier = await _once(told, "letter_sent", 2)

        assert await told.now() >= end_of_day(due_on)
        assert await told.kinds() == ["acknowledgement", "status"], "the late holding letter is pointless beside it"
        assert set(_letter(dossier, "status_letter")["serves"]) == {"status_letter", "holding_letter"}
        _left_once(told, "acknowledgement", "status")
        breached = [entry["data"]["clock"] for entry in await told.entries("clock_breached")]
        assert breached == ["holding_letter/1/1", "status_letter/1/1"]
        for clock in (await told.clock("holding_letter"), await told.clock("status_letter")):
            assert clock["state"] == "breached"
            assert _instant(clock["settled_at"]) >= end_of_day(due_on), "it left late, and says so"
        late = [entry["type"] for entry in dossier["journal"] if _instant(entry["recorded_at"]) >= end_of_day(due_on)]
        assert late == ["clock_breached", "clock_breached", "staff_told", "letter_sent"]
        assert dossier["overdue"] is False


async def test_a_timely_answer_that_arrives_while_the_worker_is_down_keeps_its_clock(world: World) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("answers", **_LATE_IN_THE_DAY)
        await world.start_worker(stage)
        in_time, too_late = await asyncio.gather(stage.opens(), stage.opens())
        due_on = await _just_before_the_letters(in_time)
        await _just_before_the_letters(too_late)

        await world.kill_workers()
        given_at = await in_time.now()
        assert given_at < end_of_day(due_on)
        await in_time.handle.signal("response_given", {**ANSWER, "at": given_at.isoformat()})
        await asyncio.sleep((_KILLED_BEFORE + timedelta(seconds=5)).total_seconds())
        given_late_at = await too_late.now()
        assert given_late_at >= end_of_day(due_on)
        await too_late.handle.signal("response_given", {**ANSWER, "at": given_late_at.isoformat()})
        await world.start_worker(stage)
        await asyncio.gather(_once(in_time, "letter_sent", 2), _once(too_late, "letter_sent", 2))

        for told in (in_time, too_late):
            assert await told.kinds() == ["acknowledgement", "resolution"], "no letter says what is no longer true"
            _left_once(told, "acknowledgement", "resolution")
            # That nothing had been recorded when the day ended stands for ever.
            assert [e["data"]["clock"] for e in await told.entries("clock_breached")] == ["holding_letter/1/1"]
        kept = await in_time.clock("holding_letter")
        assert (kept["state"], kept["recorded_late"]) == ("kept", True)
        assert _instant(kept["settled_at"]) == given_at.replace(microsecond=0)
        late = await too_late.clock("holding_letter")
        assert (late["state"], "recorded_late" in late) == ("breached", False)
        for told in (in_time, too_late):
            status = await told.clock("status_letter")
            assert (status["state"], "recorded_late" in status) == ("kept", False)


# How it is looked at -------------------------------------------------------------------------------------------------


async def _just_before_the_letters(told: Told) -> date:
    """Let time pass to some seconds before the holding letter leaves, and give its last day."""
    due_on = date.fromisoformat((await told.clock("holding_letter"))["due_on"])
    await told.until(end_of_day(due_on) - _KILLED_BEFORE)
    assert await told.now() < at_time(due_on, datetime.max.time()) - timedelta(seconds=5)
    assert await told.kinds() == ["acknowledgement"]
    return due_on


async def _once(told: Told, kind: str, count: int) -> dict[str, Any]:
    """Wait until the journal has so many entries of that kind and the complaint has come to rest."""
    while True:
        dossier = await told.settled()
        if len([entry for entry in dossier["journal"] if entry["type"] == kind]) >= count:
            return dossier
        await asyncio.sleep(0.2)


async def _held_by_a_dead_worker(told: Told) -> None:
    """The server still believes that somebody is at work on the letter."""
    described = await told.handle.describe()
    assert [p.activity_type.name for p in described.raw_description.pending_activities] == ["notify"]


def _folder(told: Told) -> Path:
    (folder,) = (path for path in told.stage.settings.outbox.iterdir() if told.reference.casefold() in _name(path))
    return folder


def _name(path: Path) -> str:
    return path.name.casefold()


def _visible(told: Told, kind: str) -> list[Path]:
    """The letters of a kind that anybody sees in the outbox."""
    return sorted(path for path in _folder(told).glob("*.eml") if f"_{kind}_" in path.name)


def _left_once(told: Told, *kinds: str) -> None:
    """Exactly these letters left, each as one file, each message under an id of its own."""
    letters = sorted(_folder(told).glob("*.eml"))
    assert [len(_visible(told, kind)) for kind in kinds] == [1] * len(kinds)
    assert len(letters) == len(kinds)
    assert len({_message(path)["Message-ID"] for path in letters}) == len(kinds)


def _message(path: Path) -> Any:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _letter(dossier: dict[str, Any], clock: str) -> dict[str, Any]:
    """The one letter that serves a clock."""
    (letter,) = (letter for letter in dossier["letters"] if clock in letter["serves"])
    return dict(letter)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _paris_day(text: str) -> str:
    return _instant(text).astimezone(PARIS).date().isoformat()
