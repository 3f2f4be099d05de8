"""The carrier SendGrid, against a server that behaves as its v3 API: what leaves, and what each answer means."""

import http.client
import json
import logging
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from activities.notify.carrier import Acceptance, CarrierMisconfigured, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.mail import Mailbox, Outgoing, Tray, UnusableAddress
from activities.notify.sendgrid import SendGrid
from tests.sendgrid_server import (
    ACCEPT_THEN_DROP,
    ACCEPT_THEN_HANG,
    CUT,
    DROP,
    HANG,
    KEY,
    KEY_WITHOUT_SCOPE,
    Behaviour,
    Received,
    SendGridServer,
    busy,
    fail,
    gateway,
    redirect,
    refuse,
    slow,
)
from workflows.procedure.vocabulary import Language

AT = datetime(2026, 12, 7, 15, 12, tzinfo=UTC)
REFERENCE = "REC-2026-7F3K9Q"
HOLDING = f"{REFERENCE}/1/holding/1"
FIRM = Mailbox("123 Courtage – Service Réclamation", "service@courtage.example")
CUSTOMER = Mailbox("Anne Martin", "anne.martin@example.org")
PDF = bytes(range(256)) * 40
PATIENCE = 0.5
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def sendgrid() -> Iterator[SendGridServer]:
    with SendGridServer() as server:
        yield server


def carrier(sendgrid: SendGridServer, key: str = KEY, **changed: Any) -> SendGrid:
    given: dict[str, Any] = {"host": sendgrid.url, "timeout": PATIENCE, "sandbox": False, "language": Language.EN}
    return SendGrid(key, **(given | changed))


def outgoing(**changed: Any) -> Outgoing:
    stated: dict[str, Any] = {
        "reference": REFERENCE,
        "key": HOLDING,
        "tray": Tray.EMAIL,
        "subject": f"Délai de traitement de votre réclamation ({REFERENCE})",
        "text": "Madame, Monsieur,\n\nNous vous écrivons à propos de l'été.\n",
        "html": "<!DOCTYPE html><p>Nous vous écrivons à propos de l'été.</p>",
        "template": "holding@fr/00000000",
        "sender": FIRM,
        "to": (CUSTOMER,),
        "reply_to": Mailbox("Hélène Sauvageot", FIRM.address),
        "pdf": PDF,
    }
    return Outgoing(**(stated | changed))


def taken(sendgrid: SendGridServer, **changed: Any) -> Received:
    carrier(sendgrid).send(outgoing(**changed), AT, 1)
    return sendgrid.received[-1]


def failure(sendgrid: SendGridServer, *does: Behaviour, key: str = KEY, **changed: Any) -> Exception:
    """What asking once ends in; whatever it is, it holds neither the key nor anything of the customer."""
    sendgrid.will(*does)
    with pytest.raises((NotTaken, RefusedByCarrier, InDoubt)) as raised:
        carrier(sendgrid, key, **changed).send(outgoing(), AT, 1)
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    for secret in (key, "Martin", "anne.martin", "example.org", "l'été"):
        assert secret not in told
    return raised.value


# What leaves


def test_a_letter_leaves_with_its_text_its_page_and_its_pdf(sendgrid: SendGridServer) -> None:
    acceptance = carrier(sendgrid).send(outgoing(), AT, 2)
    (received,) = sendgrid.received
    assert acceptance == Acceptance(AT, received.message_id)
    assert received.to == [CUSTOMER.address]
    assert received.subject == outgoing().subject
    assert received.text == outgoing().text
    assert received.html == outgoing().html
    (attached,) = received.attachments
    assert (attached.name, attached.type) == (f"{REFERENCE}_holding_1.pdf", "application/pdf")
    assert attached.content == PDF
    assert received.body["from"] == {"name": FIRM.name, "email": FIRM.address}
    assert received.body["reply_to"] == {"name": "Hélène Sauvageot", "email": FIRM.address}


def test_its_events_will_say_which_letter_and_which_attempt(sendgrid: SendGridServer) -> None:
    carrier(sendgrid).send(outgoing(), AT, 2)
    (received,) = sendgrid.received
    assert received.custom_args == {"reference": REFERENCE, "letter_id": HOLDING, "letter_attempt": "2"}
    assert set(received.body["categories"]) == {"complaint", "holding"}
    # An event of SendGrid's has a field `attempt` of its own, and would hide ours.
    assert sendgrid.webhook.event(received, "deferred")["letter_attempt"] == "2"


def test_its_headers_make_a_copy_known_and_ask_for_no_automatic_reply(sendgrid: SendGridServer) -> None:
    assert taken(sendgrid).headers == {
        "Message-ID": outgoing().message_id,
        "X-Complaint-Reference": REFERENCE,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def test_a_legal_letter_is_not_tracked_and_no_unsubscription_stops_it(sendgrid: SendGridServer) -> None:
    body = taken(sendgrid).body
    assert body["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
    assert body["mail_settings"] == {
        "bypass_unsubscribe_management": {"enable": True},
        "footer": {"enable": False},
        "sandbox_mode": {"enable": False},
    }


def test_what_is_no_letter_has_no_attachment(sendgrid: SendGridServer) -> None:
    assert taken(sendgrid, pdf=None).attachments == []


def test_a_name_is_cleaned_and_an_address_given_twice_stands_once(sendgrid: SendGridServer) -> None:
    to = (
        Mailbox('Martin, "Anne" <x@y.example>\r\nBcc: z@z.example', "anne@élan.example"),
        Mailbox("", "Anne@xn--lan-9la.example"),
        Mailbox("", "b@example.org"),
    )
    received = taken(sendgrid, to=to, reply_to=None)
    assert received.body["personalizations"] == [
        {
            "to": [
                {"name": "Martin Anne x y example Bcc z z example", "email": "anne@xn--lan-9la.example"},
                {"email": "b@example.org"},
            ]
        }
    ]
    assert received.body["reply_to"]["email"] == FIRM.address


def test_a_reference_from_outside_breaks_neither_header_nor_file_name(sendgrid: SendGridServer) -> None:
    received = taken(sendgrid, reference="réf;\r\nX: 1/../é" + "x" * 200)
    assert received.headers["X-Complaint-Reference"].isascii()
    assert received.attachments[0].name.isascii()
    assert not set("/;\r\n") & set(received.attachments[0].name)


def test_lone_surrogates_do_not_cost_the_letter(sendgrid: SendGridServer) -> None:
    assert taken(sendgrid, text="a \ud800 b", html="<p>\ud800</p>").text == "a ? b"


@pytest.mark.parametrize(
    "address", ["", "anne", "anne@", "anne martin@example.org", "a@b\r\nBcc: c@d", "élan@example.org"]
)
def test_an_unusable_address_is_found_before_any_call(sendgrid: SendGridServer, address: str) -> None:
    with pytest.raises(UnusableAddress) as raised:
        carrier(sendgrid).send(outgoing(to=(Mailbox("Anne", address),)), AT, 1)
    assert not address or address not in str(raised.value)
    with pytest.raises(UnusableAddress):
        carrier(sendgrid).send(outgoing(to=()), AT, 1)
    assert sendgrid.asked == 0


def test_in_the_sandbox_a_letter_is_checked_and_goes_nowhere(sendgrid: SendGridServer) -> None:
    acceptance = carrier(sendgrid, sandbox=True).send(outgoing(), AT, 1)
    assert acceptance == Acceptance(AT, "sandbox")
    assert sendgrid.received[0].sandbox


def test_threads_may_share_a_carrier(sendgrid: SendGridServer) -> None:
    shared = carrier(sendgrid, timeout=10)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda n: shared.send(outgoing(key=f"{REFERENCE}/1/holding/{n}"), AT, 1), range(24)))
    assert len({acceptance.provider_id for acceptance in given}) == 24
    assert {each.custom_args["letter_id"] for each in sendgrid.received} == {
        f"{REFERENCE}/1/holding/{n}" for n in range(24)
    }


def test_an_answer_that_takes_a_while_is_waited_for(sendgrid: SendGridServer) -> None:
    sendgrid.will(slow(0.2))
    assert carrier(sendgrid, timeout=5).send(outgoing(), AT, 1).provider_id == sendgrid.received[0].message_id


# Not taken, and worth another attempt


@pytest.mark.parametrize("seconds", [None, 0, 7, 3600])
def test_429_says_how_long_to_wait(sendgrid: SendGridServer, seconds: int | None) -> None:
    error = failure(sendgrid, busy(seconds))
    assert isinstance(error, NotTaken)
    assert error.args == ("SendGrid asks to wait (429).",)
    if seconds is None:  # then the end of the rate limit's minute counts
        assert error.retry_after is not None
        assert timedelta(seconds=50) < error.retry_after <= timedelta(seconds=60)
    else:
        assert error.retry_after == timedelta(seconds=seconds)
    assert sendgrid.received == []


def test_the_wait_may_be_an_http_date_by_the_servers_own_clock(sendgrid: SendGridServer) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    stated = {"Date": format_datetime(now, usegmt=True)}
    for until, wait in [(now + timedelta(minutes=5), 300), (now - timedelta(hours=1), 0), (now + timedelta(9), 86_400)]:
        headers = {**stated, "Retry-After": format_datetime(until, usegmt=True)}
        error = failure(sendgrid, busy(headers=headers))
        assert isinstance(error, NotTaken)
        assert error.retry_after == timedelta(seconds=wait)


@pytest.mark.parametrize("said", ["soon", "-5", "9" * 30, "1e3", "Mon, 99 Foo 2026", ""])
def test_a_wait_that_cannot_be_read_is_no_wait(sendgrid: SendGridServer, said: str) -> None:
    error = failure(sendgrid, busy(headers={"Retry-After": said, "X-RateLimit-Reset": "?"}))
    assert isinstance(error, NotTaken)
    assert error.retry_after is None


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_of_sendgrids_own_is_worth_another_attempt(sendgrid: SendGridServer, status: int) -> None:
    error = failure(sendgrid, fail(status, seconds=30))
    assert isinstance(error, NotTaken)
    assert error.retry_after == timedelta(seconds=30)
    assert str(status) in error.args[0]


def test_a_refused_connection_took_nothing(sendgrid: SendGridServer) -> None:
    sendgrid.stop()
    error = failure(sendgrid)
    assert isinstance(error, NotTaken)
    assert error.args == ("SendGrid cannot be reached (Connection refused).",)
    sendgrid.start()
    assert carrier(sendgrid).send(outgoing(), AT, 2).provider_id


def test_a_name_that_does_not_resolve_took_nothing(sendgrid: SendGridServer) -> None:
    assert isinstance(failure(sendgrid, host="https://nowhere.invalid"), NotTaken)


def test_a_failed_tls_handshake_took_nothing(sendgrid: SendGridServer) -> None:
    assert isinstance(failure(sendgrid, host=sendgrid.url.replace("http:", "https:"), timeout=5), NotTaken)


def test_a_handshake_that_never_comes_took_nothing(sendgrid: SendGridServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(sendgrid, host=f"https://127.0.0.1:{silent.getsockname()[1]}")
    assert isinstance(error, NotTaken)
    assert error.args == ("SendGrid cannot be reached (timeout).",)


def test_a_connection_lost_while_the_message_is_sent_took_nothing(sendgrid: SendGridServer) -> None:
    sendgrid.will(CUT)
    with pytest.raises(NotTaken):
        # More than the buffers on the way hold: what was cut off cannot have arrived.
        carrier(sendgrid, timeout=10).send(outgoing(pdf=b"%PDF" * 5_000_000), AT, 1)
    assert sendgrid.received == []


# In doubt


@pytest.mark.parametrize("does", [HANG, ACCEPT_THEN_HANG])
def test_an_answer_that_never_comes_leaves_a_doubt(sendgrid: SendGridServer, does: Behaviour) -> None:
    error = failure(sendgrid, does)
    assert isinstance(error, InDoubt)
    assert error.args == ("SendGrid did not answer (timeout): the letter may have left, or not.",)
    assert len(sendgrid.received) == (does is ACCEPT_THEN_HANG)


@pytest.mark.parametrize("does", [DROP, ACCEPT_THEN_DROP])
def test_a_connection_lost_after_the_message_leaves_a_doubt(sendgrid: SendGridServer, does: Behaviour) -> None:
    assert isinstance(failure(sendgrid, does), InDoubt)
    assert len(sendgrid.received) == (does is ACCEPT_THEN_DROP)


@pytest.mark.parametrize("status", [502, 504, 524])
@pytest.mark.parametrize("accepts", [True, False])
def test_a_gateway_that_answers_leaves_a_doubt(sendgrid: SendGridServer, status: int, accepts: bool) -> None:
    assert isinstance(failure(sendgrid, gateway(status, accepts=accepts)), InDoubt)
    assert len(sendgrid.received) == accepts


def test_a_success_that_is_no_acceptance_leaves_a_doubt(sendgrid: SendGridServer) -> None:
    assert isinstance(failure(sendgrid, refuse(200)), InDoubt)


def test_the_rest_of_an_answer_may_be_lost_once_the_status_has_come(sendgrid: SendGridServer) -> None:
    """202 and its headers, then a connection reset in the middle of the body."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as read:
                size = next(int(line.split(b":")[1]) for line in read if line.lower().startswith(b"content-length"))
                while read.readline().strip():
                    pass
                read.read(size)
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m-1\r\nContent-Length: 99\r\n\r\nhalf")

        answering = threading.Thread(target=answer)
        answering.start()
        host = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert carrier(sendgrid, host=host, timeout=5).send(outgoing(), AT, 1) == Acceptance(AT, "m-1")
        answering.join()


# Refused for good


def test_a_refused_message_names_the_field_and_repeats_nothing_of_it(sendgrid: SendGridServer) -> None:
    error = failure(
        sendgrid,
        refuse(400, "Does not contain a valid address: anne.martin@example.org", "personalizations.0.to.0.email"),
    )
    assert isinstance(error, RefusedByCarrier)
    assert error.args == ("SendGrid refuses the message (400) because of the field personalizations.0.to.0.email.",)


@pytest.mark.parametrize("field", ["anne.martin@example.org", "custom_args.Martin", "to." * 60 + "to", None])
def test_a_field_that_could_hold_something_personal_is_not_named(sendgrid: SendGridServer, field: str | None) -> None:
    assert failure(sendgrid, refuse(400, "Martin", field)).args == ("SendGrid refuses the message (400).",)


def test_what_the_real_checks_refuse_is_refused_for_good(sendgrid: SendGridServer) -> None:
    with pytest.raises(RefusedByCarrier, match=r"the field content\.0\.value\."):
        carrier(sendgrid).send(outgoing(text=""), AT, 1)
    with pytest.raises(RefusedByCarrier, match=r"the field custom_args\."):
        carrier(sendgrid).send(outgoing(key="k" * 10_001), AT, 1)
    with pytest.raises(RefusedByCarrier, match=r"\(413, at most 30 MB\)"):
        carrier(sendgrid, timeout=20).send(outgoing(pdf=b"%PDF" * 6_000_000), AT, 1)
    assert sendgrid.received == []


def test_a_key_that_is_not_known_or_may_not_send_is_said_to_staff(sendgrid: SendGridServer) -> None:
    unknown = failure(sendgrid, key="SG.another-one.123456")
    assert isinstance(unknown, RefusedByCarrier)
    assert "COMPLAINTS_SENDGRID_API_KEY" in unknown.args[0]
    assert "mail.send" in failure(sendgrid, key=KEY_WITHOUT_SCOPE).args[0]
    assert "no credits left" in failure(sendgrid, refuse(401, "Maximum credits exceeded")).args[0]


@pytest.mark.parametrize("status", [402, 404, 405, 406, 415, 422, 451])
def test_any_other_refusal_is_for_good(sendgrid: SendGridServer, status: int) -> None:
    error = failure(sendgrid, refuse(status))
    assert isinstance(error, RefusedByCarrier)
    assert str(status) in error.args[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_key(sendgrid: SendGridServer, status: int) -> None:
    with SendGridServer() as elsewhere:
        error = failure(sendgrid, redirect(f"{elsewhere.url}/v3/mail/send", status))
        assert elsewhere.asked == 0
    assert isinstance(error, RefusedByCarrier)
    assert sendgrid.asked == 1


def test_an_answer_that_is_no_json_is_understood_by_its_status(sendgrid: SendGridServer) -> None:
    for body in ("[" * 100_000, json.dumps({"errors": "no"}), json.dumps({"errors": [None]})):
        assert isinstance(failure(sendgrid, refuse(400, body)), RefusedByCarrier)


def test_staff_are_told_in_their_language(sendgrid: SendGridServer) -> None:
    assert failure(sendgrid, busy(1), language=Language.FR).args == ("SendGrid demande d'attendre (429).",)
    assert failure(sendgrid, HANG, language=Language.FR).args == (
        "SendGrid n'a pas répondu (timeout) : la lettre est peut-être partie, peut-être pas.",
    )


# The server of these tests, as a process of its own


def test_the_server_can_be_told_from_another_process_what_to_do() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sendgrid_server"], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        where = json.loads(process.stdout.readline())
        host = f"http://127.0.0.1:{where['port']}"

        def told(path: str, value: Any = None) -> Any:
            connection = http.client.HTTPConnection("127.0.0.1", where["control_port"], timeout=30)
            connection.request("GET" if value is None else "POST", path, json.dumps(value))
            answered = json.loads(connection.getresponse().read())
            connection.close()
            return answered

        def sent() -> Acceptance:
            using = SendGrid(KEY, host, timeout=5, sandbox=False, language=Language.EN)
            return using.send(outgoing(), AT, 1)

        told("/will", [{"does": "fail", "status": 503}, {"does": "accept_then_drop"}])
        with pytest.raises(NotTaken):
            sent()
        with pytest.raises(InDoubt):
            sent()
        told("/gone", {})
        with pytest.raises(NotTaken, match="Connection refused"):
            sent()
        told("/back", {})
        sent()
        state = told("/state")
        assert (state["asked"], state["public_key"]) == (3, where["public_key"])
        assert [each["custom_args"]["letter_id"] for each in state["received"]] == [HOLDING, HOLDING]
        process.kill()


# The key


def test_no_log_shows_the_key_or_the_letter(sendgrid: SendGridServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    using = carrier(sendgrid)
    using.send(outgoing(), AT, 1)
    sendgrid.will(refuse(400))
    with pytest.raises(RefusedByCarrier):
        using.send(outgoing(), AT, 1)
    assert KEY not in caplog.text + repr(using) + str(using)
    assert "Anne" not in caplog.text


@pytest.mark.parametrize("key", ["", "SG.a b", "SG.a\nb", "SG.clé", "SG.a\x00b"])
def test_a_key_that_can_be_none_is_refused_without_being_shown(sendgrid: SendGridServer, key: str) -> None:
    with pytest.raises(CarrierMisconfigured) as raised:
        carrier(sendgrid, key)
    assert not key or key not in str(raised.value)


def test_a_line_end_copied_with_the_key_does_no_harm(sendgrid: SendGridServer) -> None:
    assert carrier(sendgrid, f"{KEY}\n", host=f"{sendgrid.url}/").send(outgoing(), AT, 1).provider_id


@pytest.mark.parametrize(
    "host", ["", "api.sendgrid.com", "ftp://x.example", "https://", "https://u:p@x.example", "https://x:y"]
)
def test_a_host_that_is_none_is_refused_at_once(sendgrid: SendGridServer, host: str) -> None:
    with pytest.raises(CarrierMisconfigured, match="COMPLAINTS_SENDGRID_HOST"):
        carrier(sendgrid, host=host)
