"""A letter is delivered once: the attempt stands in the register before the carrier is asked, and is settled after."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from activities.notify.carrier import Acceptance
from activities.notify.deliver import LOOKS_AGAIN_AFTER, Delivered, Deliveries, UnderWay
from activities.notify.mail import Mailbox, Outgoing, Tray
from activities.notify.outbox import Outbox
from activities.notify.sendgrid import SendGrid
from activities.register.database import Register
from activities.register.ledger import Ledger
from activities.register.tables import AttemptState
from tests.sendgrid_server import (
    ACCEPT_THEN_DROP,
    ACCEPT_THEN_HANG,
    HANG,
    KEY,
    Behaviour,
    SendGridServer,
    busy,
    fail,
    gateway,
    refuse,
)
from workflows.procedure.vocabulary import Language, LetterStatus

AT = datetime(2026, 12, 7, 15, 12, tzinfo=UTC)
LATER = AT + timedelta(minutes=20)
REFERENCE = "REC-2026-7F3K9Q"
HOLDING = f"{REFERENCE}/1/holding/1"


def letter(tray: Tray = Tray.EMAIL, text: str = "Nous vous écrivons.") -> Outgoing:
    return Outgoing(
        reference=REFERENCE,
        key=HOLDING,
        tray=tray,
        subject="Délai de traitement",
        text=text,
        html=f"<p>{text}</p>",
        template="holding@fr/00000000",
        sender=Mailbox("123 Courtage", "service@courtage.example"),
        to=() if tray is Tray.POST else (Mailbox("Anne Martin", "anne.martin@example.org"),),
        pdf=b"%PDF-1.7 la lettre",
    )


def deliver(deliveries: Deliveries, outgoing: Outgoing, at: datetime) -> Delivered:
    return deliveries.deliver(outgoing.key, at, lambda _: outgoing)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    yield Ledger(register)
    register.close()


@pytest.fixture
def sendgrid() -> Iterator[SendGridServer]:
    with SendGridServer() as server:
        yield server


@pytest.fixture
def deliveries(ledger: Ledger, sendgrid: SendGridServer, tmp_path: Path) -> Deliveries:
    carrier = SendGrid(KEY, host=sendgrid.url, timeout=0.5, sandbox=False, language=Language.EN)
    return Deliveries(ledger, carrier, Outbox(tmp_path / "outbox", durable=False))


def test_what_is_accepted_is_sent_with_the_providers_id_and_the_hash_of_its_bytes(
    deliveries: Deliveries, sendgrid: SendGridServer
) -> None:
    delivered = deliver(deliveries, letter(), AT)
    (received,) = sendgrid.received
    assert (delivered.status, delivered.at) == (LetterStatus.SENT, AT)
    assert delivered.attempt.provider_id == received.message_id
    assert received.custom_args["letter_id"] == HOLDING
    assert received.custom_args["letter_attempt"] == "1"
    assert len(delivered.attempt.sha256) == 64


def test_asked_again_it_reports_the_first_sending_and_sends_nothing(
    deliveries: Deliveries, sendgrid: SendGridServer
) -> None:
    first = deliver(deliveries, letter(), AT)
    again = deliver(deliveries, letter(text="Autre chose."), LATER)
    assert (again.status, again.at, again.attempt) == (LetterStatus.SENT, AT, first.attempt)
    assert deliveries.standing(HOLDING, LATER) == again
    assert len(sendgrid.received) == 1


@pytest.mark.parametrize("behaviour", [busy(90), fail(500), fail(503)], ids=["429", "500", "503"])
def test_what_was_certainly_not_taken_is_tried_again_as_a_new_attempt(
    deliveries: Deliveries, sendgrid: SendGridServer, ledger: Ledger, behaviour: Behaviour
) -> None:
    sendgrid.will(behaviour)
    first = deliver(deliveries, letter(), AT)
    assert first.status is LetterStatus.DEFERRED
    assert first.attempt.detail
    assert deliveries.standing(HOLDING, LATER) == LATER, "nothing stands in the way of another try"
    second = deliver(deliveries, letter(text="Ce qui est vrai maintenant."), LATER)
    assert (second.status, second.at, second.attempt.number) == (LetterStatus.SENT, LATER, 2)
    assert [received.custom_args["letter_attempt"] for received in sendgrid.received] == ["2"]


def test_the_carriers_retry_after_comes_through(deliveries: Deliveries, sendgrid: SendGridServer) -> None:
    sendgrid.will(busy(90))
    assert deliver(deliveries, letter(), AT).retry_after == timedelta(seconds=90)


def test_what_is_refused_for_good_fails_with_a_sentence_and_may_be_put_right(
    deliveries: Deliveries, sendgrid: SendGridServer
) -> None:
    sendgrid.will(refuse(400, names="personalizations.0.to"))
    refused = deliver(deliveries, letter(), AT)
    assert refused.status is LetterStatus.FAILED
    assert "anne" not in (refused.attempt.detail or "").lower()
    assert deliver(deliveries, letter(), LATER).status is LetterStatus.SENT


@pytest.mark.parametrize(
    "behaviour", [HANG, ACCEPT_THEN_HANG, ACCEPT_THEN_DROP, gateway(504)], ids=["hang", "taken", "dropped", "504"]
)
def test_what_is_in_doubt_is_not_sent_again_however_often_it_is_asked(
    deliveries: Deliveries, sendgrid: SendGridServer, behaviour: Behaviour
) -> None:
    sendgrid.will(behaviour)
    assert deliver(deliveries, letter(), AT).status is LetterStatus.DOUBTFUL
    for _ in range(3):
        assert deliver(deliveries, letter(), LATER).status is LetterStatus.DOUBTFUL
    assert len(sendgrid.received) <= 1
    assert sendgrid.asked == 1


def test_an_attempt_whose_worker_ended_is_in_doubt_once_its_carrier_would_have_answered(
    deliveries: Deliveries, sendgrid: SendGridServer, ledger: Ledger, tmp_path: Path
) -> None:
    ledger.begin(REFERENCE, HOLDING, "sendgrid", b"...", "message/rfc822", "holding@fr/0", AT)
    looks: tuple[Callable[[], object], ...] = (
        lambda: deliveries.standing(HOLDING, LATER),
        lambda: deliver(deliveries, letter(), LATER),
    )
    for look in looks:
        with pytest.raises(UnderWay) as meanwhile:
            look()
        assert timedelta(0) < meanwhile.value.again_in <= LOOKS_AGAIN_AFTER
    carrier = SendGrid(KEY, host=sendgrid.url, timeout=0.5, sandbox=False, language=Language.EN)
    later = Deliveries(ledger, carrier, Outbox(tmp_path / "outbox"), answered_within=timedelta(0))
    standing = later.standing(HOLDING, LATER)
    assert isinstance(standing, Delivered)
    assert (standing.status, standing.at) == (LetterStatus.DOUBTFUL, AT)
    assert deliver(later, letter(), LATER).status is LetterStatus.DOUBTFUL
    assert sendgrid.asked == 0


def test_what_an_event_settled_meanwhile_counts_as_sent(
    deliveries: Deliveries, sendgrid: SendGridServer, ledger: Ledger
) -> None:
    attempt, _ = ledger.begin(REFERENCE, HOLDING, "sendgrid", b"...", "message/rfc822", "holding@fr/0", AT)
    ledger.settle(HOLDING, attempt.number, AttemptState.ACCEPTED, "event", provider_id="sg-1")
    assert deliver(deliveries, letter(), LATER).status is LetterStatus.SENT
    assert sendgrid.asked == 0


def test_an_event_that_came_before_the_timeout_is_not_overwritten_by_it(ledger: Ledger, tmp_path: Path) -> None:
    class ReportsFirst:
        """A carrier whose event overtakes its answer, which never comes."""

        name, repeats_safely = "sendgrid", False

        def send(self, outgoing: Outgoing, at: datetime, attempt: int) -> Acceptance:
            ledger.settle(outgoing.key, attempt, AttemptState.ACCEPTED, "event", provider_id="sg-1")
            with SendGridServer() as server:
                server.will(ACCEPT_THEN_HANG)
                silent = SendGrid(KEY, host=server.url, timeout=0.3, sandbox=False, language=Language.EN)
                return silent.send(outgoing, at, attempt)

    deliveries = Deliveries(ledger, ReportsFirst(), Outbox(tmp_path / "outbox", durable=False))
    delivered = deliver(deliveries, letter(), AT)
    assert (delivered.status, delivered.attempt.provider_id) == (LetterStatus.SENT, "sg-1")


def test_a_letter_that_has_left_is_reported_whatever_has_become_of_its_words(
    deliveries: Deliveries, sendgrid: SendGridServer
) -> None:
    def broken(_: datetime) -> Outgoing:
        raise LookupError

    with pytest.raises(LookupError):
        deliveries.deliver(HOLDING, AT, broken)
    first = deliver(deliveries, letter(), AT)
    assert deliveries.deliver(HOLDING, LATER, broken) == first
    assert sendgrid.asked == 1


# Carriers that send the same thing only once


@pytest.mark.parametrize("tray", [Tray.EMAIL, Tray.POST])
def test_a_folder_takes_up_an_attempt_that_was_cut_short_at_its_own_instant(
    ledger: Ledger, tmp_path: Path, tray: Tray
) -> None:
    outbox = Outbox(tmp_path / "outbox", durable=False)
    carrier = "post" if tray is Tray.POST else outbox.name
    ledger.begin(REFERENCE, HOLDING, carrier, b"...", "message/rfc822", "holding@fr/0", AT)
    deliveries = Deliveries(ledger, outbox, outbox)
    assert deliveries.standing(HOLDING, LATER) == AT
    asked = []

    def write(at: datetime) -> Outgoing:
        asked.append(at)
        return letter(tray)

    delivered = deliveries.deliver(HOLDING, LATER, write)
    assert asked == [LATER, AT], "it bears the date of the attempt"
    assert delivered.status is (LetterStatus.QUEUED if tray is Tray.POST else LetterStatus.SENT)
    assert delivered.at == AT
    assert [proof.at for proof in outbox.proofs(REFERENCE)] == [AT]


def test_a_register_that_is_away_keeps_the_carrier_from_being_asked(sendgrid: SendGridServer, tmp_path: Path) -> None:
    nowhere = Register(f"sqlite:///{tmp_path / 'gone' / 'register.db'}")
    carrier: Any = SendGrid(KEY, host=sendgrid.url, timeout=0.5, sandbox=False, language=Language.EN)
    (tmp_path / "gone").rmdir()
    with pytest.raises(OperationalError):
        deliver(Deliveries(Ledger(nowhere), carrier, Outbox(tmp_path)), letter(), AT)
    nowhere.close()
    assert sendgrid.asked == 0
