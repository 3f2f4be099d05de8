"""Kill -9 of the worker at each point of a delivery by SendGrid: what the customer received, what is known of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.door import opened
from tests.faults.processes import World
from tests.faults.worker_process import ANSWERED, BEGUN, SETTLED
from tests.sendgrid_server import KEY, SendGridServer, slow
from tests.stage import Stage, Told

pytestmark = pytest.mark.slow

_PATIENCE = 240.0
CUSTOMER = "anne.martin@example.org"
DURING = "during"
"""The carrier has taken it and has not answered yet."""


@dataclass(frozen=True)
class Expected:
    """What is to be seen after a worker was killed at a certain moment."""

    moment: str
    taken: int
    """How often the carrier had taken the letter when the worker died."""
    standing: str
    """What the complaint knows of the letter after another worker came, before anybody looked it up."""


WITHOUT_EVENTS = [
    Expected(BEGUN, 0, "doubtful"),
    Expected(DURING, 1, "doubtful"),
    Expected(ANSWERED, 1, "doubtful"),
    Expected(SETTLED, 1, "sent"),
]
WITH_EVENTS = [
    Expected(BEGUN, 0, "doubtful"),
    Expected(DURING, 1, "sent"),
    Expected(ANSWERED, 1, "sent"),
]


@pytest.fixture
def sendgrid() -> Iterator[SendGridServer]:
    with SendGridServer() as server:
        yield server


@pytest.mark.parametrize("expected", WITHOUT_EVENTS, ids=[each.moment for each in WITHOUT_EVENTS])
async def test_a_worker_killed_while_sending_leaves_a_trace_and_a_person_decides(
    world: World, sendgrid: SendGridServer, expected: Expected
) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("sending")
        told = await _killed_at(world, stage, sendgrid, expected)
        assert _got(sendgrid) == expected.taken
        dossier = await _known(told)
        assert _holding(dossier)["status"] == expected.standing
        assert _got(sendgrid) == expected.taken, "nothing is sent a second time by itself"

        if expected.standing == "doubtful":
            # Nobody reports anything: after an hour it is before a person, who looks it up.
            await told.until(await told.now() + timedelta(hours=2))
            assert "letter_doubtful" in (await told.settled())["attention"]
            found = "delivered" if expected.taken else "lost"
            await told.submit("delivery_reported", letter_id=_holding(dossier)["id"], status=found)
        dossier = await told.settled()

        assert _got(sendgrid) == 1, "the customer has the letter once"
        assert (await told.clock("holding_letter"))["state"] == "kept"
        assert not dossier["needs_attention"]
        states = _attempts(stage, told)
        assert (
            states
            == {
                BEGUN: [["lost"], ["accepted"]],
                DURING: [["accepted"]],
                ANSWERED: [["accepted"]],
                SETTLED: [["accepted"]],
            }[expected.moment]
        )


@pytest.mark.parametrize("expected", WITH_EVENTS, ids=[each.moment for each in WITH_EVENTS])
async def test_what_sendgrid_reports_settles_what_a_killed_worker_left_open(world: World, expected: Expected) -> None:
    stage = world.stage("reported")
    register = Register(stage.settings.register_address)
    register.migrate()
    with SendGridServer(reports=("processed", "delivered")) as sendgrid:
        settings = stage.settings.model_copy(update={"sendgrid_event_key": sendgrid.webhook.public_key})
        door = opened(stage.environment.client, register, settings, sendgrid.webhook)
        async with asyncio.timeout(_PATIENCE), door:
            told = await _killed_at(world, stage, sendgrid, expected)
            dossier = await _known(told)
            assert _holding(dossier)["status"] == expected.standing
            assert _got(sendgrid) == expected.taken
            if expected.taken:
                assert (await told.clock("holding_letter"))["state"] == "kept"
                assert not dossier["needs_attention"], "nobody had to look anything up"
    register.close()


async def _killed_at(world: World, stage: Stage, sendgrid: SendGridServer, expected: Expected, **more: str) -> Told:
    """Live to day ten; the worker dies at that moment of the holding letter, and another one comes."""
    settings: dict[str, Any] = {
        "COMPLAINTS_CARRIER": "sendgrid",
        "COMPLAINTS_SENDGRID_API_KEY": KEY,
        "COMPLAINTS_SENDGRID_HOST": sendgrid.url,
        "COMPLAINTS_SENDGRID_TIMEOUT_SECONDS": "5",
        **more,
    }
    dies_by_itself = "" if expected.moment == DURING else expected.moment
    mortal = await world.start_worker(stage, die=dies_by_itself, die_of="/holding/", **settings)
    told = await stage.opens()
    if expected.moment == DURING:
        sendgrid.always = slow(4)
    passing = asyncio.create_task(told.until_clock("holding_letter", timedelta(seconds=1)))
    if expected.moment == DURING:
        await _until_the_customer_has_it(sendgrid)
        mortal.kill()
    assert await mortal.wait() < 0, "the worker was to be killed, not to end"
    sendgrid.always = slow(0)
    await world.start_worker(stage, **settings)
    await passing
    return told


async def _known(told: Told) -> dict[str, Any]:
    while True:
        dossier = await told.settled()
        if any(letter["kind"] == "holding" for letter in dossier["letters"]):
            return dossier
        await asyncio.sleep(0.1)


async def _until_the_customer_has_it(sendgrid: SendGridServer) -> None:
    while _got(sendgrid) == 0:  # noqa: ASYNC110 - the server counts in a thread of its own
        await asyncio.sleep(0.02)


def _holding(dossier: dict[str, Any]) -> dict[str, Any]:
    return next(dict(letter) for letter in dossier["letters"] if letter["kind"] == "holding")


def _got(sendgrid: SendGridServer) -> int:
    """How many holding letters the customer has."""
    return sum("/holding/" in each.custom_args["letter_id"] and CUSTOMER in each.to for each in sendgrid.received)


def _attempts(stage: Stage, told: Told) -> list[list[str]]:
    """What the register says of each holding letter's attempts."""
    register = Register(stage.settings.register_address)
    letters = Dossiers(register).letters(told.reference)
    register.close()
    return [[a.state.value for a in each.attempts] for each in letters if each.record.kind == "holding"]
