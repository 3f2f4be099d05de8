"""Calls on an insurer that plays every part: what was taken, what is tried again, what goes by e-mail instead."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import SMTPUTF8
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.escalate.activity import Escalator
from activities.escalate.keys import PartnerKeys
from activities.escalate.webhook import Webhooks
from activities.firm.load import FirmFile
from activities.notify.outbox import Outbox
from activities.register.database import Register
from activities.register.partner_calls import CallResult, Direction, PartnerCalls
from tests.partner_server import DRIP, PartnerServer
from tests.partners import ALL, firm_file, keys_of_exemple
from tests.ports import HOST
from tests.sendgrid_server import CUT, DROP, HANG, Behaviour, busy, fail, redirect, refuse
from workflows.messages import CallOutcome, EscalateRequest
from workflows.procedure.orders import CallKind, Contact, PartnerCall
from workflows.procedure.vocabulary import Level, Party, Way

AT = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
REFERENCE = "REC-2026-7F3K9Q"
CONTACT = Contact(id="c-101", name="Inès Caron", phone="01 57 96 90 61", email="c@123courtage.com")


@pytest.fixture
def partner() -> Iterator[PartnerServer]:
    with PartnerServer(keys_of_exemple()) as server:
        yield server


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[PartnerCalls]:
    register = Register(f"sqlite:///{tmp_path / 'r.db'}", durable=False)
    register.migrate()
    yield PartnerCalls(register)
    register.close()


@pytest.fixture
def firm(tmp_path: Path, partner: PartnerServer) -> FirmFile:
    return FirmFile(firm_file(tmp_path / "firm.toml", partner.url))


@pytest.fixture
def webhooks(calls: PartnerCalls) -> Webhooks:
    return Webhooks(PartnerKeys(json.dumps({k: s.hex() for k, s in ALL.items()})), calls, timeout=0.4)


def call(kind: CallKind = CallKind.ASK, **changed: Any) -> PartnerCall:
    plain = PartnerCall(
        key=f"{REFERENCE}/{kind}/#3", kind=kind, party=Party.INSURER, insurer="assureur-exemple", reference=REFERENCE,
        level=Level.TWO_A, about="Votre position ?", answer_by=date(2026, 12, 21), request=1,
    )  # fmt: skip
    return plain.model_copy(update=changed)


async def made(
    firm: FirmFile, root: Path, webhooks: Webhooks | None, *calls: PartnerCall, dossier: dict[str, Any] | None = None
) -> list[CallOutcome]:
    environment = ActivityEnvironment()
    environment.info = type(environment.info)(**{**environment.info.__dict__, "started_time": AT})
    escalator = Escalator(firm, Outbox(root / "outbox", durable=False), None, webhooks)
    request = EscalateRequest(calls=list(calls), contact=CONTACT, dossier=dossier)
    return (await environment.run(escalator.escalate, request)).outcomes


def written(root: Path) -> list[str]:
    """To whom e-mails left."""
    found = sorted((root / "outbox").rglob("partners/*.eml"))
    return [parseaddr(message_from_bytes(path.read_bytes(), policy=SMTPUTF8)["To"])[1] for path in found]


async def test_a_call_is_a_signed_cloud_event(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, calls: PartnerCalls, tmp_path: Path
) -> None:
    [outcome] = await made(firm, tmp_path, webhooks, call())
    assert outcome == CallOutcome(
        key=f"{REFERENCE}/ask/#3", at=AT, by=Way.WEBHOOK, party_contact=f"{HOST}:{partner.port}"
    )
    [heard] = partner.heard
    assert heard.key_id == "exemple-1"
    assert heard.event == {
        "specversion": "1.0",
        "id": f"{REFERENCE}/ask/#3",
        "source": "urn:complaints:123-courtage",
        "type": "fr.123-courtage.complaint.help_requested.v1",
        "subject": REFERENCE,
        "time": "2026-12-07T16:00:00+01:00",
        "datacontenttype": "application/json",
        "data": {
            "reference": REFERENCE,
            "level": "2a",
            "kind": "ask",
            "request": 1,
            "about": "Votre position ?",
            "answer_by": "2026-12-21",
            "contact": CONTACT.model_dump(),
        },
    }
    assert written(tmp_path) == []
    [kept] = calls.latest("assureur-exemple", Direction.OUT)
    assert (kept.reference, kept.outcome) == (REFERENCE, CallResult.TAKEN)


@pytest.mark.parametrize("does", [busy(), fail(500), fail(503), HANG, DROP, CUT, DRIP], ids=str)
async def test_what_may_be_taken_later_is_deferred(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path, does: Behaviour
) -> None:
    partner.always = does
    [outcome] = await made(firm, tmp_path, webhooks, call())
    assert (outcome.deferred, outcome.by, outcome.problem) == (True, Way.WEBHOOK, None)
    assert written(tmp_path) == []


async def test_an_insurer_that_is_gone_is_deferred(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path
) -> None:
    partner.stop()
    [outcome] = await made(firm, tmp_path, webhooks, call())
    assert outcome.deferred


@pytest.mark.parametrize("status", [401, 403, 404, 410, 400])
async def test_a_refusal_is_answered_by_an_email_and_named_to_staff(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path, status: int
) -> None:
    partner.always = refuse(status)
    [outcome] = await made(firm, tmp_path, webhooks, call())
    assert (outcome.by, outcome.party_contact) == (Way.EMAIL, "reclamations@assureur-exemple.example.org")
    assert outcome.webhook_problem is not None
    assert str(status) in outcome.webhook_problem
    assert written(tmp_path) == ["reclamations@assureur-exemple.example.org"]


async def test_a_redirect_is_not_followed(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path
) -> None:
    with PartnerServer(keys_of_exemple()) as elsewhere:
        partner.always = redirect(elsewhere.url, 307)
        [outcome] = await made(firm, tmp_path, webhooks, call())
        assert elsewhere.asked == 0
    assert outcome.by is Way.EMAIL


async def test_who_insists_writes_to_the_manager_and_tells_the_webhook(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path
) -> None:
    [outcome] = await made(firm, tmp_path, webhooks, call(CallKind.INSIST))
    assert outcome.party_contact == "direction.reclamations@assureur-exemple.example.org"
    assert written(tmp_path) == ["direction.reclamations@assureur-exemple.example.org"]
    assert partner.kinds == ["help_insisted"]


async def test_after_enough_tries_the_webhook_is_not_asked(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path
) -> None:
    [outcome] = await made(firm, tmp_path, webhooks, call(by_email=True))
    assert (outcome.by, partner.asked) == (Way.EMAIL, 0)


async def test_one_that_hangs_is_waited_for_once(
    firm: FirmFile, partner: PartnerServer, webhooks: Webhooks, tmp_path: Path
) -> None:
    partner.always = HANG
    several = [call(key=f"{REFERENCE}/ask/#{n}") for n in range(9)]
    assert all(outcome.deferred for outcome in await made(firm, tmp_path, webhooks, *several))
    assert all(outcome.deferred for outcome in await made(firm, tmp_path, webhooks, *several))
    assert partner.asked == 1


async def test_without_its_secret_nothing_is_sent_unsigned(
    firm: FirmFile, partner: PartnerServer, calls: PartnerCalls, tmp_path: Path
) -> None:
    [outcome] = await made(firm, tmp_path, Webhooks(PartnerKeys(), calls), call())
    assert (outcome.by, partner.asked) == (Way.EMAIL, 0)


async def test_a_firm_that_calls_no_webhook_writes(firm: FirmFile, partner: PartnerServer, tmp_path: Path) -> None:
    [outcome] = await made(firm, tmp_path, None, call())
    assert (outcome.by, partner.asked) == (Way.EMAIL, 0)


async def test_a_register_that_is_away_hinders_no_call(firm: FirmFile, partner: PartnerServer, tmp_path: Path) -> None:
    nowhere = Register(f"sqlite:///{tmp_path / 'without-tables.db'}", durable=False)
    keys = PartnerKeys(json.dumps({k: s.hex() for k, s in ALL.items()}))
    [outcome] = await made(firm, tmp_path, Webhooks(keys, PartnerCalls(nowhere)), call())
    nowhere.close()
    assert outcome.by is Way.WEBHOOK
