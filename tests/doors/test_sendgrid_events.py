"""SendGrid's Event Webhook through its door: real HTTP, real signatures, a real complaint that hears of its letter."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from activities.notify.carrier import InDoubt
from activities.notify.mail import Mailbox, Outgoing, Tray
from activities.notify.sendgrid import SendGrid
from activities.notify.sendgrid.events import read_call
from activities.register.database import Register
from activities.register.events import STALE_AFTER, DeliveryEvents
from activities.register.ledger import Ledger
from activities.register.tables import AttemptState
from starter.client import Complaints
from starter.http.app import create_app
from starter.http.serving import CannotListen, serve
from starter.http.telling import Teller
from tests.door import Door, opened
from tests.ports import HOST, free_port
from tests.sendgrid_server import ACCEPT_THEN_DROP, KEY, Received, SendGridServer, Webhook, as_sent
from tests.stage import Stage, Told
from worker.conversion import data_converter
from worker.settings import Settings
from workflows.procedure.vocabulary import Language

STALE_SECONDS = int(STALE_AFTER.total_seconds())


@pytest.fixture
def sendgrid() -> Webhook:
    return Webhook()


@pytest.fixture
def settings(stage: Stage, sendgrid: Webhook) -> Settings:
    return stage.settings.model_copy(update={"sendgrid_event_key": sendgrid.public_key})


@pytest_asyncio.fixture(loop_scope="session")
async def register(tmp_path: Path) -> AsyncIterator[Register]:
    made = Register(f"sqlite:///{tmp_path / 'events.db'}", durable=False)
    await asyncio.to_thread(made.migrate)
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def door(stage: Stage, register: Register, settings: Settings, sendgrid: Webhook) -> AsyncIterator[Door]:
    async with opened(stage.environment.client, register, settings, sendgrid) as door:
        yield door


async def sent(told: Told, attempt: int = 1) -> Received:
    """The complaint's first letter, as SendGrid took it."""
    letter = (await told.settled())["letters"][0]
    return Received(
        "14c5d75ce93",
        {
            "personalizations": [{"to": [{"email": "anne.martin@example.org"}]}],
            "custom_args": {
                "reference": told.reference,
                "letter_id": letter["id"],
                "letter_attempt": str(attempt),
            },
        },
        sandbox=False,
    )


async def reported(told: Told) -> list[tuple[str, str]]:
    """What the journal says of deliveries: who, and what."""
    return [(entry["by"], entry["data"]["status"]) for entry in await told.entries("delivery_reported")]


# What SendGrid reports


@pytest.mark.parametrize(("kind", "status"), [("bounce", "bounced"), ("blocked", "blocked"), ("dropped", "blocked")])
async def test_a_letter_that_did_not_arrive_is_in_the_journal(stage: Stage, door: Door, kind: str, status: str) -> None:
    told = await stage.opens()
    message = await sent(told)
    answer = await door.reports(door.sendgrid.event(message, "processed"), door.sendgrid.event(message, kind))
    assert (answer.status, answer.body) == (204, "")
    assert (await told.settled())["letters"][0]["status"] == status
    assert await reported(told) == [("sendgrid", status)]


async def test_the_journal_says_why_without_the_address(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    reason = "550 5.1.1 <anne.martin@example.org>: user anne.martin unknown"
    await door.reports(door.sendgrid.event(await sent(told), "bounce", reason=reason, sg_event_id="ev-1"))
    (entry,) = await told.entries("delivery_reported")
    assert entry["id"] == "sg-ev-1"
    assert "5.1.1" in entry["data"]["detail"]
    assert "martin" not in json.dumps(entry)


async def test_the_same_event_twice_is_one_entry(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    event = door.sendgrid.event(await sent(told), "bounce")
    now = int(time.time())
    assert (await door.reports(event, event, timestamp=now)).status == 204
    assert (await door.reports(event, timestamp=now - 1)).status == 204
    assert await reported(told) == [("sendgrid", "bounced")]


async def test_an_absence_is_no_bounce(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    event = door.sendgrid.event(
        await sent(told), "bounce", reason="Réponse automatique : absence du bureau", status="5.0.0"
    )
    assert (await door.reports(event)).status == 204
    assert (await told.settled())["letters"][0]["status"] == "sent"
    assert await reported(told) == []


async def test_a_doubt_is_lifted_by_what_sendgrid_reports(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    message = await sent(told)
    letter, ledger = message.custom_args["letter_id"], Ledger(door.register)
    ledger.begin(told.reference, letter, "sendgrid", b"x", "text/html", "t", await told.now())
    ledger.settle(letter, 1, AttemptState.DOUBTFUL, "answer")
    assert (await door.reports(door.sendgrid.event(message, "processed"))).status == 204
    standing = ledger.standing(letter)
    assert standing is not None
    assert (standing.state, standing.provider_id) == (AttemptState.ACCEPTED, "14c5d75ce93")
    assert await reported(told) == [("sendgrid", "delivered")]


async def test_a_letter_taken_without_an_answer_is_found_again(stage: Stage, door: Door) -> None:
    """SendGrid takes it and the connection is lost: asked for its word later, SendGrid names the letter and attempt."""
    told = await stage.opens()
    letter, ledger, at = (await told.settled())["letters"][0]["id"], Ledger(door.register), await told.now()
    attempt, _ = ledger.begin(told.reference, letter, "sendgrid", b"x", "text/html", "acknowledgement@fr/0", at)
    customer, firm = Mailbox("Anne Martin", "anne.martin@example.org"), Mailbox("Firm", "service@courtage.example")
    outgoing = Outgoing(
        told.reference, letter, Tray.EMAIL, "Subject", "Text", "<p>Text</p>", attempt.template, firm, (customer,)
    )
    with SendGridServer() as server:
        carrier = SendGrid(KEY, server.url, timeout=5, sandbox=False, language=Language.FR)
        server.will(ACCEPT_THEN_DROP)
        with pytest.raises(InDoubt):
            await asyncio.to_thread(carrier.send, outgoing, at, attempt.number)
        (message,) = server.received
    ledger.settle(letter, attempt.number, AttemptState.DOUBTFUL, "answer")
    assert (await door.reports(door.sendgrid.event(message, "processed"))).status == 204
    standing = ledger.standing(letter)
    assert standing is not None
    assert (standing.state, standing.provider_id) == (AttemptState.ACCEPTED, message.message_id)
    assert await reported(told) == [("sendgrid", "delivered")]


async def test_an_event_of_a_letter_or_a_complaint_that_is_not_known_holds_nothing_up(
    stage: Stage, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    told = await stage.opens()
    message = await sent(told)
    long_ago = int(time.time()) - 3_600
    answer = await door.reports(
        door.sendgrid.event(message, "bounce", letter_id=f"{told.reference}/9/status/1", timestamp=long_ago),
        door.sendgrid.event(message, "bounce", reference="REC-2026-UNKNOWN"),
        door.sendgrid.event(message, "bounce", letter_id=None),
        door.sendgrid.event(message, "bounce"),
    )
    assert answer.status == 204
    assert await reported(told) == [("sendgrid", "bounced")]
    assert door.untold == []
    assert caplog.text.count("cannot be told") == 2
    assert "martin" not in caplog.text.lower()


async def test_an_event_that_overtakes_its_letter_is_told_once_the_letter_is_known(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    message = await sent(told)
    early = f"{told.reference}/1/resolution/1"
    assert (await door.reports(door.sendgrid.event(message, "bounce", letter_id=early))).status == 204
    assert await reported(told) == []
    assert len(door.untold) == 1, "it is told again, by and by"

    await told.submit("response_given", decision="rejected", reasons="Déclaré hors délai.")
    await told.settled()
    events = DeliveryEvents(door.register)
    teller = Teller(Complaints(stage.environment.client, stage.settings.task_queue), events)
    assert await teller.tell(events.untold())
    assert await reported(told) == [("sendgrid", "bounced")]
    assert door.untold == []


# What is refused


async def refused(door: Door, body: bytes, headers: dict[str, str], status: int) -> str:
    answer = await door.posted(body, headers)
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert door.untold == []
    return str(problem["detail"])


async def test_forged_stale_and_malformed_calls_change_nothing(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    event = door.sendgrid.event(await sent(told), "bounce")
    body, now = as_sent([event]), int(time.time())
    headers = door.sendgrid.signed(body)
    forged = {
        "no signature": (body, {}),
        "another key": (body, Webhook().signed(body)),
        "another body": (body + b" ", headers),
        "another time": (body, headers | {"X-Twilio-Email-Event-Webhook-Timestamp": str(now + 5)}),
        "no time": (body, headers | {"X-Twilio-Email-Event-Webhook-Timestamp": "yesterday"}),
        "no base64": (body, headers | {"X-Twilio-Email-Event-Webhook-Signature": "!!!"}),
        "no UTF-8": (b"\xff", headers),
    }
    for content, given in forged.values():
        assert await refused(door, content, given, 403) == "the signature is not SendGrid's"
    for stamp in (now - STALE_SECONDS - 2, now + STALE_SECONDS + 60, 0):
        assert "too old" in await refused(door, body, door.sendgrid.signed(body, stamp), 403)
    for odd in (b"", b"{}", b"[1]", b"[{]"):
        assert await refused(door, odd, door.sendgrid.signed(odd), 400) == "expected a JSON list of events"
    large = b"[" + b" " * 1024 * 1024 + b"]"
    assert "at most" in await refused(door, large, door.sendgrid.signed(large), 413)
    assert await reported(told) == []
    assert (await door.reports(event, timestamp=now - STALE_SECONDS + 60)).status == 204
    assert await reported(told) == [("sendgrid", "bounced")]


async def test_a_call_that_was_taken_is_refused_when_it_is_replayed(stage: Stage, door: Door) -> None:
    told = await stage.opens()
    body = as_sent([door.sendgrid.event(await sent(told), "bounce")])
    headers = door.sendgrid.signed(body)
    assert (await door.posted(body, headers)).status == 204
    assert await refused(door, body, headers, 409) == "this call was taken before"
    # Another valid signature of the same call makes no other call of it.
    again = door.sendgrid.signed(body, int(headers["X-Twilio-Email-Event-Webhook-Timestamp"]))
    assert again != headers
    await refused(door, body, again, 409)
    assert await reported(told) == [("sendgrid", "bounced")]


async def test_without_a_key_a_call_is_told_what_is_missing(
    stage: Stage, register: Register, sendgrid: Webhook
) -> None:
    async with opened(stage.environment.client, register, stage.settings, sendgrid) as door:
        assert "COMPLAINTS_SENDGRID_EVENT_KEY" in await refused(door, b"[]", sendgrid.signed(b"[]"), 503)


# What is away


class Line:
    """The line to Temporal, which can be cut and mended."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connected, HOST, self.port)

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, int(self._port))
        ends = {writer, back}
        self._open |= ends
        await asyncio.gather(_carried(reader, back), _carried(there, writer))
        self._open -= ends
        for end in ends:
            end.close()


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    writer.transport.abort()


@pytest_asyncio.fixture(loop_scope="session")
async def line(stage: Stage) -> AsyncIterator[Line]:
    line = Line(stage.environment.client.service_client.config.target_host)
    await line.mend()
    yield line
    await line.cut()


async def through(line: Line) -> Client:
    return await Client.connect(f"{HOST}:{line.port}", data_converter=data_converter)


async def test_while_temporal_is_away_events_are_kept_and_told_on_repeat(
    stage: Stage, register: Register, settings: Settings, sendgrid: Webhook, line: Line
) -> None:
    told = await stage.opens()
    body = as_sent([sendgrid.event(await sent(told), "bounce", sg_event_id="ev-1")])
    headers = sendgrid.signed(body)
    async with opened(await through(line), register, settings, sendgrid) as door:
        assert (await door.asked("/ready"))[0] == 200
        await line.cut()
        answer = await door.posted(body, headers)
        assert (answer.status, answer.headers["retry-after"]) == (503, "60")
        assert door.untold == ["ev-1"]
        status, said = await door.asked("/ready")
        assert (status, "Temporal" in said, "the register" in said) == (503, True, False)
        assert (await door.asked("/health"))[0] == 200
        assert await reported(told) == []
        await line.mend()
        assert (await door.posted(body, headers)).status == 204
        assert door.untold == []
        assert await reported(told) == [("sendgrid", "bounced")]
        await refused(door, body, headers, 409)


async def test_what_sendgrid_does_not_repeat_is_told_by_the_door_itself(
    stage: Stage, register: Register, settings: Settings, sendgrid: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await stage.opens()
    (report,) = read_call(as_sent([sendgrid.event(await sent(told), "bounce")]))
    DeliveryEvents(register).keep([report], datetime.now(UTC))  # by a door that was then killed
    monkeypatch.setattr("starter.http.app.TELLS_AGAIN_AFTER_SECONDS", 0.05)
    async with opened(stage.environment.client, register, settings, sendgrid):
        for _ in range(600):
            if await reported(told):
                break
            await asyncio.sleep(0.05)
    assert await reported(told) == [("sendgrid", "bounced")]


async def test_while_the_register_is_away_a_call_is_to_be_repeated(stage: Stage, door: Door, tmp_path: Path) -> None:
    told = await stage.opens()
    event = door.sendgrid.event(await sent(told), "bounce")
    assert (await door.asked("/ready"))[0] == 200
    (tmp_path / "events.db").rename(tmp_path / "away.db")
    door.register.engine.dispose()
    (tmp_path / "events.db").mkdir()
    answer = await door.reports(event)
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "the register" in (await door.asked("/ready"))[1]
    (tmp_path / "events.db").rmdir()
    (tmp_path / "away.db").rename(tmp_path / "events.db")
    assert (await door.reports(event)).status == 204
    assert await reported(told) == [("sendgrid", "bounced")]


# The door itself


async def test_the_door_says_nothing_of_what_it_is_made_of(door: Door) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/v1/nothing"):
        status, said = await door.asked(path)
        assert status == 404
        assert "application/problem+json" in said
    status, said = await door.asked("/v1/webhooks/sendgrid")
    assert status == 405
    for name in ("server:", "uvicorn", "fastapi", "starlette"):
        assert name not in said.lower()


async def test_a_port_that_is_taken_is_said(stage: Stage, door: Door, register: Register, settings: Settings) -> None:
    with pytest.raises(CannotListen, match="Address already in use"):
        await serve(create_app(stage.environment.client, register, settings), HOST, door.port)
