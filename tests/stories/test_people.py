"""The people of the procedure on the real server: absences planned and sudden, and a complaint about the contact.

The firm's file is edited while the worker runs, as an operator does.
"""

import email
import email.policy
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.notify.outbox import Outbox
from tests.office import Office
from tests.stage import Stage, Told
from tests.workers import Workers
from worker.settings import Settings
from workflows.procedure.calendar import paris_date


class Place(Stage):
    """A stage with an office: the firm's file its worker reads can be edited."""

    office: Office


@pytest_asyncio.fixture(loop_scope="session")
async def place(
    environment: WorkflowEnvironment, tmp_path: Path, hosted: Callable[[Settings], Workers]
) -> AsyncIterator[Place]:
    settings = Settings(
        data_dir=tmp_path, task_queue=f"q-{uuid.uuid4().hex[:8]}", firm_file=tmp_path / "firm.toml", durable=False
    )
    office = Office(settings.firm_file, settings.register_address)
    async with hosted(settings) as workers:
        place = Place(environment, settings, workers)
        place.office = office
        yield place


async def contact(told: Told) -> dict[str, str]:
    found = (await told.settled())["contact"]
    assert found is not None
    return dict(found)


async def today(told: Told) -> date:
    return paris_date(await told.now())


def messages(told: Told, start: str) -> list[Any]:
    """Read what left under keys that begin so, in their order."""
    outbox = Outbox(told.stage.settings.outbox)
    return [
        email.message_from_bytes((outbox.root / proof.file).read_bytes(), policy=email.policy.default)
        for proof in outbox.proofs(told.reference)
        if proof.key.startswith(start)
    ]


def to(message: Any) -> list[str]:
    return [each.addr_spec for each in message["To"].addresses]


def text(message: Any) -> str:
    return " ".join(message.get_body(("plain",)).get_content().split())


async def falls_ill(place: Place, told: Told) -> dict[str, str]:
    """Have the contact fall absent until further notice, and the morning pass the complaint on; gives who has it."""
    gone, on = await contact(told), await today(told)
    place.office.is_away(gone["id"], on)
    [moved] = [each for each in place.office.due_to_move(on) if each.reference == told.reference]
    assert moved.event_id == f"absence-{gone['id']}-{on}-{told.reference}"
    await told.submit(moved.event["type"], id=moved.event["id"], reason=moved.event["reason"])
    return await contact(told)


async def test_a_person_who_falls_ill_in_the_middle_is_replaced_and_the_customer_told_in_writing(place: Place) -> None:
    told = await place.opens()
    gone = await contact(told)
    await told.until_day(20)
    assert await told.kinds() == ["acknowledgement", "holding"]
    deadlines = {each["clock"]: each["due_on"] for each in (await told.dossier())["clocks"]}

    present = await falls_ill(place, told)

    assert present["id"] != gone["id"]
    assert place.office.firm.person(present["id"]).present(await today(told))  # type: ignore[union-attr]
    [letter] = messages(told, f"{told.reference}/1/contact_change/")
    assert to(letter) == ["anne.martin@example.org"]
    assert (present["name"] in text(letter), present["phone"] in text(letter)) == (True, True)
    assert gone["name"] not in text(letter)
    assert {each["clock"]: each["due_on"] for each in (await told.dossier())["clocks"]} == deadlines
    [in_charge] = [each for each in messages(told, "notice/in_charge/") if to(each) == [present["email"]]]
    assert "Vous êtes en charge" in text(in_charge)
    assert place.office.load() == {present["id"]: 1}
    assert place.office.due_to_move(await today(told)) == [], "the morning after there is nothing left to move"


async def test_the_morning_that_runs_twice_moves_a_complaint_once(place: Place) -> None:
    told = await place.opens()
    gone, on = await contact(told), await today(told)
    place.office.is_away(gone["id"], on)
    [moved] = place.office.due_to_move(on)
    for _ in range(2):
        await told.submit("contact_reassigned", id=moved.event_id, reason="absence")
    assert len(await told.entries("contact_assigned")) == 2
    assert (await told.kinds()).count("contact_change") == 1


async def test_one_after_the_other_falls_ill_until_nobody_is_left_and_one_comes_back(place: Place) -> None:
    told = await place.opens()
    had_it = [(await contact(told))["id"]]
    for _ in range(4):
        present = await falls_ill(place, told)
        had_it.append(present["id"])
        assert present["name"] in text(messages(told, f"{told.reference}/1/contact_change/")[-1])
    assert sorted(had_it[:4]) == ["c-001", "c-002", "c-003", "c-004"], "those able to handle level 1, each once"
    assert had_it[4] == "c-006", "then a manager"
    assert (await told.kinds()).count("contact_change") == 4

    last = await falls_ill(place, told)
    dossier = await told.settled()
    assert (last["id"], dossier["needs_attention"]) == ("c-006", True)
    [missing] = await told.entries("contact_missing")
    assert "tous absents" in missing["data"]["problem"]
    [told_of_it] = messages(told, "notice/no_contact/")
    deputy = place.office.firm.person("c-005")
    assert deputy is not None
    assert to(told_of_it) == [deputy.email], "both managers are ill: a deputy of theirs is told"

    place.office.is_back("c-003")
    await told.submit("note_added", text="Aïcha Benferrat est de retour.")
    assert ((await contact(told))["id"], (await told.settled())["needs_attention"]) == ("c-003", False)


async def test_opened_while_nobody_is_there_it_is_taken_up_and_acknowledged_on_the_first_morning(place: Place) -> None:
    for person in place.office.firm.people:
        place.office.is_away(person.id, place.today - timedelta(days=1), place.today)
    told = await place.opens()
    dossier = await told.settled()
    assert (dossier["contact"], dossier["needs_attention"]) == (None, True)
    assert not messages(told, f"{told.reference}/1/")
    morning = datetime.fromisoformat(dossier["next_deadline"])
    assert (morning.hour, morning.date() > place.today) == (9, True)
    await told.until(morning + timedelta(minutes=1))
    present = await contact(told)
    [letter] = messages(told, f"{told.reference}/1/acknowledgement/")
    assert present["name"] in text(letter)
    assert (await told.settled())["needs_attention"] is False


async def test_during_a_short_absence_the_deputy_is_told_and_the_contact_stays(place: Place) -> None:
    told = await place.opens()
    present, on = await contact(told), await today(told)
    place.office.is_away(present["id"], on, on)
    assert place.office.due_to_move(on) == []
    await told.signal("estimate_given", {"situation": "sans date"})
    await told.settled()
    [refused] = messages(told, "notice/refused/")
    firm = place.office.firm
    deputy = firm.person(firm.person(present["id"]).deputies[0])  # type: ignore[union-attr]
    assert deputy is not None
    assert to(refused) == [deputy.email]
    assert f"En l'absence de {present['name']}" in text(refused)
    assert await contact(told) == present


async def test_what_is_entered_in_the_firms_file_counts_at_once_without_a_restart(place: Place) -> None:
    able = ["c-001", "c-002", "c-003", "c-004"]
    for each in able[1:]:
        place.office.is_away(each, place.today - timedelta(days=1))
    assert [(await contact(await place.opens()))["id"] for _ in range(3)] == ["c-001"] * 3
    place.office.is_away("c-001", place.today)
    place.office.is_back("c-003")
    assert (await contact(await place.opens()))["id"] == "c-003"
    place.office.is_back("c-001")
    place.office.is_back("c-002")
    assert {(await contact(await place.opens()))["id"] for _ in range(2)} <= {"c-002", "c-003"}
    assert place.office.load()["c-001"] == 3, "who has the most gets none"


async def test_who_it_is_about_is_passed_over_from_the_start(place: Place) -> None:
    for about in ("c-001", "c-002", "c-003", "c-004"):
        told = await place.opens(complained_about=about)
        assert (await contact(told))["id"] != about


async def test_a_complaint_about_the_contact_moves_on_at_once_and_in_writing(place: Place) -> None:
    told = await place.opens()
    concerned = await contact(told)
    before = len(messages(told, "notice/"))
    await told.until_day(3)
    await told.submit("details_given", complained_about=concerned["id"])
    present = await contact(told)
    assert present["id"] != concerned["id"]
    [letter] = messages(told, f"{told.reference}/1/contact_change/")
    assert present["name"] in text(letter)
    reason = await told.refused("contact_reassigned", contact=concerned["id"], reason="Retour")
    assert "met cette personne en cause" in reason
    await told.signal("contact_reassigned", {"contact": concerned["id"], "reason": "Retour"})
    await told.settled()
    since = messages(told, "notice/")[before:]
    assert since
    assert all(concerned["email"] not in to(each) for each in since)


async def test_an_absent_person_asked_for_by_name_is_refused_with_the_reason_and_the_contact_stays(
    place: Place,
) -> None:
    told = await place.opens()
    present = await contact(told)
    place.office.is_away("c-005", place.today)
    await told.submit("contact_reassigned", contact="c-005", reason="Spécialiste")
    assert await contact(told) == present
    [missing] = await told.entries("contact_missing")
    assert missing["data"]["problem"].startswith("c-005 est absent(e) le ")
