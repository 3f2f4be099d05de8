"""What SendGrid reports: read, kept once, held against the ledger; and what complaints are told of it."""

import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from activities.notify.carrier import CarrierMisconfigured
from activities.notify.sendgrid.events import SIGNATURE, TIMESTAMP, NotACall, Verifier, read_call
from activities.register.database import Register
from activities.register.events import STALE_AFTER, DeliveryEvents, Reported, Telling, What
from activities.register.ledger import Attempt, Ledger
from activities.register.tables import AttemptRow, AttemptState, DeliveryEventRow
from tests.sendgrid_server import Received, Webhook, as_sent
from workflows.procedure.vocabulary import DeliveryStatus, Language

AT = datetime(2026, 12, 7, 15, 12, tzinfo=UTC)
NOW = datetime(2026, 12, 7, 15, 20, tzinfo=UTC)
REFERENCE = "REC-2026-7F3K9Q"
LETTER = f"{REFERENCE}/1/holding/1"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """A register ready for use."""
    made = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def events(register: Register) -> DeliveryEvents:
    return DeliveryEvents(register, Language.EN)


def attempted(register: Register, *states: AttemptState, letter: str = LETTER) -> Attempt:
    """Write down attempts of a letter, one after the other, and what became of each."""
    ledger = Ledger(register)
    for state in states:
        attempt, _ = ledger.begin(REFERENCE, letter, "sendgrid", b"x", "text/html", "holding@fr/0", AT)
        if state is not AttemptState.OPEN:
            attempt = ledger.settle(letter, attempt.number, state, "answer")
    return attempt


def row(register: Register, number: int = 1) -> AttemptRow:
    with register.session() as session:
        return session.get_one(AttemptRow, (LETTER, number))


def kept(register: Register) -> dict[str, DeliveryEventRow]:
    with register.session() as session:
        return {each.event_id: each for each in session.scalars(select(DeliveryEventRow))}


def report(what: What, number: int | None = 1, event_id: str = "", **changed: Any) -> Reported:
    stated: dict[str, Any] = {
        "event_id": event_id or f"{what}-{number}",
        "reference": REFERENCE,
        "letter_id": LETTER,
        "attempt": number,
        "what": what,
        "happened_at": AT + timedelta(minutes=1),
        "provider_id": "m-1",
    }
    return Reported(**(stated | changed))


# Settling the ledger


@pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.DOUBTFUL])
@pytest.mark.parametrize("what", [What.PROCESSED, What.DELIVERED, What.BOUNCE, What.BLOCKED, What.DROPPED])
def test_what_sendgrid_did_with_a_letter_proves_that_it_had_taken_it(
    register: Register, events: DeliveryEvents, state: AttemptState, what: What
) -> None:
    attempted(register, state)
    events.keep([report(what)], NOW)
    settled = row(register)
    assert (settled.state, settled.settled_by, settled.provider_id) == (AttemptState.ACCEPTED, "event", "m-1")
    assert settled.settled_at == NOW


@pytest.mark.parametrize("what", [What.DEFERRED, What.ABSENCE, What.OTHER])
def test_other_events_settle_nothing(register: Register, events: DeliveryEvents, what: What) -> None:
    attempted(register, AttemptState.DOUBTFUL)
    assert events.keep([report(what)], NOW) == []
    assert row(register).state == AttemptState.DOUBTFUL
    assert kept(register)[f"{what}-1"].told


def test_an_answer_that_comes_after_the_event_changes_nothing(register: Register, events: DeliveryEvents) -> None:
    attempted(register, AttemptState.OPEN)
    events.keep([report(What.PROCESSED)], NOW)
    attempt = Ledger(register).settle(LETTER, 1, AttemptState.DOUBTFUL, "answer")
    assert (attempt.state, attempt.provider_id) == (AttemptState.ACCEPTED, "m-1")


def test_an_event_settles_its_own_attempt_and_no_other(register: Register, events: DeliveryEvents) -> None:
    attempted(register, AttemptState.LOST, AttemptState.OPEN)
    events.keep([report(What.PROCESSED, 1)], NOW)
    assert (row(register, 1).state, row(register, 2).state) == (AttemptState.LOST, AttemptState.OPEN)
    events.keep([report(What.PROCESSED, 2)], NOW)
    assert (row(register, 1).state, row(register, 2).state) == (AttemptState.LOST, AttemptState.ACCEPTED)


# What complaints are told


@pytest.mark.parametrize(
    ("what", "status"),
    [
        (What.BOUNCE, DeliveryStatus.BOUNCED),
        (What.BLOCKED, DeliveryStatus.BLOCKED),
        (What.DROPPED, DeliveryStatus.BLOCKED),
    ],
)
@pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.DOUBTFUL, AttemptState.ACCEPTED, None])
def test_a_letter_that_did_not_arrive_is_told(
    register: Register, events: DeliveryEvents, what: What, status: DeliveryStatus, state: AttemptState | None
) -> None:
    if state:
        attempted(register, state)
    (told,) = events.keep([report(what, detail="550 no such user")], NOW)
    detail = "dropped by the provider: 550 no such user" if what is What.DROPPED else "550 no such user"
    assert told == Telling(f"{what}-1", REFERENCE, LETTER, status, detail, AT + timedelta(minutes=1))


@pytest.mark.parametrize("what", [What.PROCESSED, What.DELIVERED])
def test_that_a_letter_left_is_news_only_where_it_was_in_doubt(
    register: Register, events: DeliveryEvents, what: What
) -> None:
    attempted(register, AttemptState.ACCEPTED)
    assert events.keep([report(what)], NOW) == []
    attempted(register, AttemptState.DOUBTFUL, letter="other")
    (told,) = events.keep([report(what, event_id="other", letter_id="other")], NOW)
    assert (told.letter_id, told.status) == ("other", DeliveryStatus.DELIVERED)


def test_a_doubt_is_lifted_once(register: Register, events: DeliveryEvents) -> None:
    attempted(register, AttemptState.DOUBTFUL)
    later = report(What.DELIVERED, happened_at=AT + timedelta(minutes=2))
    told = events.keep([later, report(What.PROCESSED)], NOW)
    assert [each.event_id for each in told] == ["processed-1"]


@pytest.mark.parametrize("given_up", [AttemptState.LOST, AttemptState.NOT_TAKEN, AttemptState.REFUSED])
def test_a_letter_held_to_be_lost_that_arrives_is_told_as_perhaps_received_twice(
    register: Register, events: DeliveryEvents, given_up: AttemptState
) -> None:
    attempted(register, given_up, AttemptState.ACCEPTED)
    (told,) = events.keep([report(What.PROCESSED, 1), report(What.DELIVERED, 1)], NOW)
    assert (told.event_id, told.status) == ("delivered-1", DeliveryStatus.DELIVERED)
    assert told.detail == ("arrived although attempt 1 was held to be lost: the customer may have received it twice")
    assert row(register, 1).state == given_up


def test_the_bounce_of_an_attempt_given_up_says_nothing_of_the_one_that_took_its_place(
    register: Register, events: DeliveryEvents
) -> None:
    attempted(register, AttemptState.LOST, AttemptState.ACCEPTED)
    assert events.keep([report(What.BOUNCE, 1)], NOW) == []
    assert len(events.keep([report(What.BOUNCE, 2)], NOW)) == 1


def test_an_event_is_kept_once_and_said_again_until_its_complaint_was_told(
    register: Register, events: DeliveryEvents
) -> None:
    attempted(register, AttemptState.ACCEPTED)
    first = events.keep([report(What.BOUNCE), report(What.BOUNCE)], NOW)
    assert [each.event_id for each in first] == ["bounce-1", "bounce-1"]
    again = events.keep([report(What.BOUNCE, detail="another")], NOW + timedelta(minutes=1))
    assert again == events.untold() == first[:1]
    assert len(kept(register)) == 1
    events.told(["bounce-1"])
    assert events.keep([report(What.BOUNCE)], NOW) == events.untold() == []


def test_the_oldest_is_told_first(events: DeliveryEvents) -> None:
    events.keep([report(What.BOUNCE, event_id="b")], NOW)
    events.keep([report(What.BOUNCE, event_id="a")], NOW + timedelta(seconds=1))
    assert [each.event_id for each in events.untold()] == ["b", "a"]


def test_calls_that_come_together_keep_each_event_once(register: Register, events: DeliveryEvents) -> None:
    attempted(register, AttemptState.DOUBTFUL)
    batch = [report(What.DELIVERED, event_id=f"e-{n}") for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: events.keep(batch[n:] + batch[:n], NOW), range(8)))
    assert len(kept(register)) == 20
    assert len(events.untold()) == 1


# Replayed calls


def test_a_call_is_taken_once_and_forgotten_when_it_would_be_stale_anyway(events: DeliveryEvents) -> None:
    assert not events.was_taken("d-1")
    assert events.take_call("d-1", NOW)
    assert events.was_taken("d-1")
    assert not events.take_call("d-1", NOW)
    assert events.take_call("d-2", NOW + 2 * STALE_AFTER)
    assert events.was_taken("d-1")
    assert events.take_call("d-3", NOW + 2 * STALE_AFTER + timedelta(seconds=1))
    assert not events.was_taken("d-1")


# What SendGrid writes


MESSAGE = Received(
    "14c5d75ce93",
    {
        "personalizations": [{"to": [{"email": "anne.martin@example.org"}]}],
        "custom_args": {"reference": REFERENCE, "letter_id": LETTER, "letter_attempt": "2"},
        "categories": ["complaint", "holding"],
    },
    sandbox=False,
)
WEBHOOK = Webhook()


def read(kind: str, **changed: Any) -> Reported:
    (found,) = read_call(as_sent([WEBHOOK.event(MESSAGE, kind, **changed)]))
    return found


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("processed", What.PROCESSED),
        ("delivered", What.DELIVERED),
        ("deferred", What.DEFERRED),
        ("bounce", What.BOUNCE),
        ("blocked", What.BLOCKED),
        ("dropped", What.DROPPED),
        ("open", What.OTHER),
        ("spamreport", What.OTHER),
        ("group_unsubscribe", What.OTHER),
        ("something_new", What.OTHER),
    ],
)
def test_an_event_says_what_happened_to_which_attempt(kind: str, what: What) -> None:
    found = read(kind, sg_event_id="ev-1", timestamp=1_796_656_320)
    assert (found.what, found.event_id, found.reference, found.letter_id) == (what, "ev-1", REFERENCE, LETTER)
    assert (found.attempt, found.provider_id, found.happened_at) == (2, "14c5d75ce93", AT)


@pytest.mark.parametrize(
    "reason",
    [
        "Out of office: back on Monday",
        "Automatic reply: I am on annual leave",
        "Auto-Reply: vacation",
        "autoreply",
        "Réponse automatique : absence du 1er au 15",
        "Absence du bureau",
        "Je suis absente, en congés",
        "552 5.2.0 Message d’absence",
    ],
)
def test_an_absence_is_no_bounce(reason: str) -> None:
    assert read("bounce", reason=reason, status="5.0.0").what is What.ABSENCE
    assert read("blocked", reason=reason, status="").what is What.ABSENCE


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("550 5.1.1 unknown user (vacation)", "5.1.1"),
        ("550 5.1.1 unknown user, auto-reply", ""),
        ("550 absence of MX record", "5.0.0"),
        ("552 mailbox full", "5.2.2"),
        ("", ""),
    ],
)
def test_a_bounce_stays_a_bounce(reason: str, status: str) -> None:
    assert read("bounce", reason=reason, status=status).what is What.BOUNCE


@pytest.mark.parametrize(
    ("reason", "detail"),
    [
        ("550 5.1.1 <anne.martin@example.org>: user unknown", "550 5.1.1 <…>: user unknown"),
        ("550 No such user Anne.Martin here", "550 No such user …… here"),
        ("550 http://x.example/?to=anne.martin%40example.org", "550 http:…"),
        ("550 mailto:a@b.example, try b+c@d.example", "550 mailto:…, try …"),
        ("lookup example.org: no such host", "lookup …: no such host"),
        ("550 no\r\nsuch\x00user", "550 no such user"),
    ],
)
def test_no_address_and_no_part_of_it_is_kept(reason: str, detail: str) -> None:
    found = read("bounce", reason=reason).detail or ""
    assert found.replace(".", "") == detail.replace(".", "")
    for personal in ("anne", "martin", "@", "%40"):
        assert personal not in found.lower()


def test_a_part_that_is_null_or_not_there_is_none() -> None:
    event = WEBHOOK.event(MESSAGE, "bounce", type=None, status=None) | {"reason": None, "letter_attempt": None}
    (found,) = read_call(as_sent([event]))
    assert (found.what, found.detail, found.attempt) == (What.BOUNCE, None, None)


def test_a_long_reason_is_cut() -> None:
    assert len(read("bounce", reason="550 " + "x" * 5_000).detail or "") == 300


def test_other_mail_of_the_account_is_passed_over() -> None:
    other = WEBHOOK.event(MESSAGE, "bounce", letter_id=None)
    assert read_call(as_sent([other, {"event": "bounce"}, WEBHOOK.event(MESSAGE, "bounce")]))[0].letter_id == LETTER
    assert read_call(b"[]") == []


def test_an_odd_event_does_not_cost_the_others_of_its_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    odd = [
        WEBHOOK.event(MESSAGE, "bounce", sg_event_id=""),
        WEBHOOK.event(MESSAGE, "bounce", timestamp=10**15),
        WEBHOOK.event(MESSAGE, "bounce", letter_attempt="two"),
        WEBHOOK.event(MESSAGE, "bounce", reason={"anne.martin@example.org": 1}),
    ]
    assert len(read_call(as_sent([*odd, WEBHOOK.event(MESSAGE, "bounce")]))) == 1
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == [
        "sg_event_id", "timestamp", "letter_attempt", "reason",
    ]  # fmt: skip
    assert "martin" not in caplog.text


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'"x"', b"[{}", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_list_of_events_is_no_call(body: bytes) -> None:
    with pytest.raises(NotACall):
        read_call(body)


# The signature


def test_only_the_very_bytes_that_were_signed_are_sendgrids() -> None:
    verifier, body = Verifier(WEBHOOK.public_key), as_sent([WEBHOOK.event(MESSAGE, "bounce", reason="boîte pleine")])
    headers = WEBHOOK.signed(body)
    signature, timestamp = headers[SIGNATURE], headers[TIMESTAMP]
    assert verifier.signed(body, signature, timestamp)
    assert not verifier.signed(body.rstrip(), signature, timestamp)
    assert not verifier.signed(json.dumps(json.loads(body)).encode(), signature, timestamp)
    assert not verifier.signed(body, signature, str(int(time.time()) + 1))
    assert not verifier.signed(body, Webhook().signed(body)[SIGNATURE], timestamp)
    for wrong in ("", "x", "é", "AAAA", signature[:-4], "!" * 40):
        assert not verifier.signed(body, wrong, timestamp)
    assert not verifier.signed(b"\xff" + body, signature, timestamp)


def test_the_key_may_be_pasted_as_pem() -> None:
    body = b"[]"
    headers = WEBHOOK.signed(body)
    pem = (
        f"-----BEGIN PUBLIC KEY-----\n{WEBHOOK.public_key[:64]}\n{WEBHOOK.public_key[64:]}\n-----END PUBLIC KEY-----\n"
    )
    assert Verifier(pem).signed(body, headers[SIGNATURE], headers[TIMESTAMP])


@pytest.mark.parametrize("key", ["", "x", "MFkw", "SG.abc", "-----BEGIN PUBLIC KEY-----"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(CarrierMisconfigured, match="COMPLAINTS_SENDGRID_EVENT_KEY"):
        Verifier(key)
