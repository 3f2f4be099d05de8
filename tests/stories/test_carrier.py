"""A carrier that misbehaves in every way, told on the real server with its time skipped and a real HTTP API.

Every letter ends delivered, posted or before a person; none reaches the customer twice; the journal tells it.
"""

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.tables import AttemptState
from tests.sendgrid_server import ACCEPT, ACCEPT_THEN_HANG, HANG, KEY, SendGridServer, busy, fail, gateway, refuse
from tests.stage import Stage, Told
from tests.workers import Workers
from worker.settings import Settings

CUSTOMER = "anne.martin@example.org"
BOTH = {"name": "Anne Martin", "email": CUSTOMER, "postal_address": "3 rue des Lilas\n10000 Troyes"}
ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}


@pytest.fixture
def sendgrid() -> Iterator[SendGridServer]:
    with SendGridServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    environment: WorkflowEnvironment,
    sendgrid: SendGridServer,
    tmp_path: Path,
    hosted: Callable[[Settings], Workers],
) -> AsyncIterator[Stage]:
    settings = Settings(
        data_dir=tmp_path,
        task_queue=f"q-{uuid.uuid4().hex[:8]}",
        durable=False,
        carrier="sendgrid",
        sendgrid_api_key=SecretStr(KEY),
        sendgrid_host=sendgrid.url,
        sendgrid_timeout_seconds=0.5,
    )
    async with hosted(settings) as workers:
        yield Stage(environment, settings, workers)


def got_by_the_customer(sendgrid: SendGridServer) -> Counter[str]:
    """How often the customer got each letter by e-mail."""
    return Counter(each.custom_args["letter_id"].split("/", 1)[1] for each in sendgrid.received if CUSTOMER in each.to)


def standing(dossier: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["id"].split("/", 1)[1], each["channel"], each["status"]) for each in dossier["letters"]]


def kinds(dossier: dict[str, Any], *wanted: str) -> list[str]:
    return [entry["type"] for entry in dossier["journal"] if entry["type"] in wanted]


LETTER_ENTRIES = ("letter_sent", "letter_queued", "letter_failed", "letter_deferred", "letter_doubtful", "doubt_lasts")


async def test_a_carrier_that_is_busy_fails_hangs_refuses_and_is_gone_for_three_days(
    stage: Stage, sendgrid: SendGridServer
) -> None:
    told = await stage.opens(complainant=BOTH)
    assert standing(await told.dossier()) == [("1/acknowledgement/1", "email", "sent")]

    # Day 10: 429, then 500, then silence. The holding letter is tried again, then in doubt.
    await told.until_clock("holding_letter", -timedelta(minutes=1))
    sendgrid.always = busy(120)
    await told.until(await told.now() + timedelta(minutes=2))
    assert standing(await told.settled())[-1] == ("1/holding/1", "email", "deferred")
    sendgrid.always = fail(500)
    await told.until(await told.now() + timedelta(minutes=2))
    sendgrid.always = HANG
    await told.until(await told.now() + timedelta(minutes=8))
    assert standing(await told.settled())[-1] == ("1/holding/1", "email", "doubtful")

    # Nothing is reported: after an hour it is before a person, who finds that it never left.
    sendgrid.always = ACCEPT
    await told.until(await told.now() + timedelta(hours=2))
    dossier = await told.settled()
    assert "letter_doubtful" in dossier["attention"]
    holding = dossier["letters"][-1]["id"]
    sendgrid.always = refuse(400, names="personalizations.0.to")
    await told.submit("delivery_reported", letter_id=holding, status="lost")
    dossier = await told.settled()
    assert standing(dossier)[-1] == ("1/holding/2", "email", "failed")
    assert "letter_failed" in dossier["attention"]

    # A person puts it right; then the carrier is gone, past the deadline: post takes over.
    sendgrid.stop()
    await told.submit("details_given", policy_number="AUTO-2024-119")
    assert standing(await told.settled())[-1] == ("1/holding/2", "email", "deferred")
    await told.until(await told.now() + timedelta(days=3))
    sendgrid.always = ACCEPT
    sendgrid.start()
    await told.until(await told.now() + timedelta(hours=5))
    dossier = await told.settled()
    assert standing(dossier)[-1] == ("1/holding/2", "post", "queued")
    await told.submit("delivery_reported", letter_id=dossier["letters"][-1]["id"], status="posted")
    await told.submit("response_given", **ANSWER)
    dossier = await told.settled()

    assert standing(dossier) == [
        ("1/acknowledgement/1", "email", "sent"),
        ("1/holding/1", "email", "lost"),
        ("1/holding/2", "post", "sent"),
        ("1/resolution/1", "email", "sent"),
    ]
    assert got_by_the_customer(sendgrid) == {"1/acknowledgement/1": 1, "1/resolution/1": 1}
    said = kinds(dossier, *LETTER_ENTRIES)
    assert said[:6] == [
        "letter_sent", "letter_deferred", "letter_deferred", "letter_doubtful", "doubt_lasts", "letter_failed",
    ]  # fmt: skip
    assert said[-2:] == ["letter_queued", "letter_sent"]
    assert not dossier["needs_attention"]
    assert not (told.stage.settings.outbox / told.reference / "staff").exists(), "staff are told by the same carrier"
    to_staff = [each for each in sendgrid.received if CUSTOMER not in each.to]
    assert any("peut-être" in each.text or "ne sait pas" in each.text for each in to_staff)

    await _the_register_knows(told)


async def _the_register_knows(told: Told) -> None:
    """Each letter's attempts stand in the register as the journal tells them, with the bytes of what left."""
    register = Register(told.stage.settings.register_address)
    kept = {each.record.id.split("/", 1)[1]: each for each in Dossiers(register).letters(told.reference)}
    register.close()
    states = {key: [attempt.state for attempt in each.attempts] for key, each in kept.items()}
    assert states["1/acknowledgement/1"] == [AttemptState.ACCEPTED]
    assert states["1/holding/1"] == [AttemptState.NOT_TAKEN, AttemptState.NOT_TAKEN, AttemptState.LOST]
    assert states["1/holding/2"][0] == AttemptState.REFUSED
    assert states["1/holding/2"][-1] == AttemptState.ACCEPTED
    assert set(states["1/holding/2"][1:-1]) == {AttemptState.NOT_TAKEN}
    left = kept["1/holding/2"].as_sent
    assert left
    assert left.carrier == "post"
    assert left.content


@pytest.mark.parametrize("behaviour", [ACCEPT_THEN_HANG, gateway(504, accepts=True)], ids=["hangs", "gateway"])
async def test_a_letter_taken_without_an_answer_reaches_the_customer_once(
    stage: Stage, sendgrid: SendGridServer, behaviour: Any
) -> None:
    sendgrid.always = behaviour
    told = await stage.opens(complainant=BOTH)
    sendgrid.always = ACCEPT
    await told.until(await told.now() + timedelta(hours=2))
    dossier = await told.settled()
    assert standing(dossier) == [("1/acknowledgement/1", "email", "doubtful")]
    # A person looks it up: it had been taken.
    await told.submit("delivery_reported", letter_id=dossier["letters"][0]["id"], status="delivered")
    dossier = await told.settled()
    assert standing(dossier) == [("1/acknowledgement/1", "email", "delivered")]
    assert (await told.clock("acknowledgement"))["state"] == "kept"
    await told.until_clock("holding_letter")
    await told.settled()
    assert got_by_the_customer(sendgrid) == {"1/acknowledgement/1": 1, "1/holding/1": 1}


async def test_without_a_postal_address_the_letter_leaves_when_the_carrier_is_back(
    stage: Stage, sendgrid: SendGridServer
) -> None:
    told = await stage.opens()
    await told.until_clock("holding_letter", -timedelta(minutes=1))
    sendgrid.stop()
    await told.until(await told.now() + timedelta(days=3))
    assert standing(await told.settled())[-1] == ("1/holding/1", "email", "deferred")
    sendgrid.start()
    await told.until(await told.now() + timedelta(hours=5))
    dossier = await told.settled()
    assert standing(dossier)[-1] == ("1/holding/1", "email", "sent")
    assert got_by_the_customer(sendgrid)["1/holding/1"] == 1
    assert len(kinds(dossier, "letter_deferred")) < 40
    assert len((await told.handle.fetch_history()).events) < 1_000, "three days of outage"
    told_of_it = [each for each in sendgrid.received if CUSTOMER not in each.to and "n'a pas encore pu" in each.text]
    assert told_of_it, "what staff were to be told waited for the carrier, too"


async def test_a_wrong_key_is_said_to_staff_and_the_letter_leaves_once_a_person_has_acted(
    stage: Stage, sendgrid: SendGridServer
) -> None:
    sendgrid.always = refuse(401)
    told = await stage.opens()
    dossier = await told.settled()
    assert standing(dossier) == [("1/acknowledgement/1", "email", "failed")]
    assert "SENDGRID_API_KEY" in dossier["letters"][0]["problem"] or "clé" in dossier["letters"][0]["problem"]
    sendgrid.always = ACCEPT
    await told.submit("note_added", text="La clé est remplacée.")
    assert standing(await told.settled()) == [("1/acknowledgement/1", "email", "sent")]
