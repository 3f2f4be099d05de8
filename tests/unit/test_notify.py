"""The two activities that speak to the world: letters and notices, and calls on the other Party."""

import dataclasses
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.escalate.activity import Escalator
from activities.firm.load import load_firm
from activities.firm.schema import Firm
from activities.notify.activity import Notifier
from activities.notify.deliver import Deliveries
from activities.notify.letters import TEMPLATES
from activities.notify.outbox import Outbox
from activities.register.database import Register
from activities.register.ledger import Ledger
from workflows.messages import (
    ESCALATE,
    NOTIFY,
    CallOutcome,
    EscalateRequest,
    EscalateResult,
    NotifyRequest,
    NotifyResult,
)
from workflows.procedure.orders import (
    CallKind,
    Contact,
    LetterFacts,
    LetterOrder,
    Notice,
    PartnerCall,
    Recipient,
    StaffRole,
)
from workflows.procedure.vocabulary import Channel, Language, LetterKind, LetterStatus, Level, Party

FIRM = load_firm(Path(__file__).parents[2] / "deploy/firm/123-courtage.toml")
AT = datetime(2026, 12, 6, 23, 30, tzinfo=UTC)  # already the 7th in Paris
REFERENCE = "REC-2026-7F3K9Q"
CONTACT = Contact(id="c-002", name="Marc Petit", phone="01 99 00 12 02", email="marc.petit@courtage.example")


def order(kind: LetterKind = LetterKind.HOLDING, channel: Channel = Channel.EMAIL, **to: Any) -> LetterOrder:
    recipient: dict[str, Any] = {
        "name": "Anne Martin",
        "language": Language.FR,
        "email": "anne.martin@example.org",
        "postal_address": "3 rue des Lilas\n10000 Troyes",
    }
    return LetterOrder(
        letter_id=f"{REFERENCE}/1/{kind}/1",
        kind=kind,
        sections=(kind,),
        serves=(),
        due_on=date(2026, 12, 7),
        channel=channel,
        recipient=Recipient.model_validate(recipient | to),
        contact=CONTACT,
        facts=LetterFacts(
            reference=REFERENCE,
            received_on=date(2026, 11, 23),
            channel=Channel.EMAIL,
            consumer=True,
            handling_party=Party.BROKER,
            expected_on=date(2027, 1, 20),
        ),
    )


def at(instant: datetime) -> ActivityEnvironment:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=instant)
    return environment


async def notified(
    root: Path,
    letters: Sequence[LetterOrder] = (),
    notices: Sequence[Notice] = (),
    *,
    contact: Contact | None = CONTACT,
    firm: Firm = FIRM,
    instant: datetime = AT,
    templates: Path = TEMPLATES,
) -> NotifyResult:
    request = NotifyRequest(reference=REFERENCE, contact=contact, letters=list(letters), notices=list(notices))
    outbox, register = Outbox(root, durable=False), Register(f"sqlite:///{root / 'register.db'}", durable=False)
    register.migrate()
    try:
        notifier = Notifier(lambda: firm, Deliveries(Ledger(register), outbox, outbox), outbox, templates=templates)
        return await at(instant).run(notifier.notify, request)
    finally:
        register.close()


async def called(root: Path, *calls: PartnerCall, contact: Contact | None = CONTACT) -> list[CallOutcome]:
    escalator = Escalator(lambda: FIRM, Outbox(root, durable=False))
    result: EscalateResult = await at(AT).run(escalator.escalate, EscalateRequest(calls=list(calls), contact=contact))
    return result.outcomes


def messages(root: Path, folder: str = "") -> list[tuple[str, str, str]]:
    """To whom, the subject and the words of each message that left."""
    found = []
    for path in sorted((root / REFERENCE / folder).glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=SMTPUTF8)
        body = message.get_body(("plain",))
        assert body is not None
        to = ", ".join(address.addr_spec for address in message["To"].addresses)
        found.append((to, str(message["Subject"]), " ".join(body.get_content().split())))
    return found


def test_the_activities_bear_the_names_the_workflow_calls() -> None:
    assert Notifier.notify.__temporal_activity_definition.name == NOTIFY  # type: ignore[attr-defined]
    assert Escalator.escalate.__temporal_activity_definition.name == ESCALATE  # type: ignore[attr-defined]


# Letters


async def test_a_letter_by_email_is_sent_at_the_complaints_time(tmp_path: Path) -> None:
    [delivery] = (await notified(tmp_path, [order()])).letters
    assert (delivery.status, delivery.at, delivery.problem) == (LetterStatus.SENT, AT, None)
    assert delivery.template.startswith("holding@fr/")
    assert delivery.proof is not None
    assert delivery.proof.endswith("@123courtage.com>")
    [(to, subject, text)] = messages(tmp_path)
    assert to == "anne.martin@example.org"
    assert REFERENCE in subject
    assert "lundi 7 décembre 2026" in text


async def test_asked_again_later_it_reports_the_first_sending(tmp_path: Path) -> None:
    first = await notified(tmp_path, [order()])
    again = await notified(tmp_path, [order()], instant=AT + timedelta(days=2))
    assert again == first
    assert len(messages(tmp_path)) == 1


async def test_a_letter_by_post_is_queued_and_its_contact_asked_to_post_it(tmp_path: Path) -> None:
    [delivery] = (await notified(tmp_path, [order(channel=Channel.POST, email=None)])).letters
    assert delivery.status is LetterStatus.QUEUED
    assert delivery.proof == f"{REFERENCE}/post/2026-12-07_holding_1.pdf"
    assert (tmp_path / delivery.proof).read_bytes().startswith(b"%PDF-")
    assert "3 rue des Lilas" in (tmp_path / delivery.proof).with_suffix(".html").read_text()
    [(to, _, text)] = messages(tmp_path, "staff")
    assert to == CONTACT.email
    assert delivery.proof in text
    assert f"letter_id {REFERENCE}/1/holding/1" in text
    assert "Anne Martin" not in text


async def test_one_bad_letter_does_not_hold_the_others(tmp_path: Path) -> None:
    incomplete = order(LetterKind.RESOLUTION)
    result = await notified(
        tmp_path,
        [incomplete, order()],
        [Notice(key="due/1", to=(StaffRole.CONTACT,), text="À lire.")],
    )
    failed, sent = result.letters
    assert failed.status is LetterStatus.FAILED
    assert failed.problem is not None
    assert "il y manque la décision, les raisons de la décision" in failed.problem
    assert sent.status is LetterStatus.SENT
    assert len(messages(tmp_path, "staff")) == 1


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (order(email=None), "l'adresse électronique"),
        (order().model_copy(update={"recipient": Recipient.model_construct(
            name="A", language=Language.FR, email="nobody", postal_address=None, organisation=None,
            on_behalf_of=None, their_reference=None)}), "l'adresse électronique"),
        (order(channel=Channel.POST, postal_address=None), "pas d'adresse postale"),
        (order(channel=Channel.POST, postal_address="北京市朝阳区"), "Donnez-la en lettres latines"),
        (order(channel=Channel.PHONE), "par courriel ou par la poste"),
    ],
)  # fmt: skip
async def test_a_letter_nobody_can_receive_fails_with_the_reason(
    tmp_path: Path, letter: LetterOrder, said: str
) -> None:
    [delivery] = (await notified(tmp_path, [letter])).letters
    assert delivery.status is LetterStatus.FAILED
    assert said in (delivery.problem or "")
    assert "Martin" not in (delivery.problem or "")


async def test_staff_who_read_english_get_the_reason_in_english(tmp_path: Path) -> None:
    firm = FIRM.model_copy(update={"staff_language": Language.EN})
    [delivery] = (await notified(tmp_path, [order(LetterKind.RESOLUTION)], firm=firm)).letters
    assert (delivery.problem or "").startswith("it lacks the decision, the reasons")


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("{{ facts.nothing }}", "UndefinedError"),
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ facts.offer.amount }}", "UndefinedError"),
        (None, "TemplateNotFound fr/holding.j2"),
    ],
)
async def test_a_broken_template_fails_the_letter_not_the_activity(
    tmp_path: Path, broken: str | None, fault: str
) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    words = templates / "fr/holding.j2"
    if broken:
        words.write_text(words.read_text() + "{% block more %}" + broken + "{% endblock %}")
    else:
        words.unlink()
    [delivery] = (await notified(tmp_path, [order()], templates=templates)).letters
    assert delivery.status is LetterStatus.FAILED
    assert f"le modèle de lettre ne peut pas être composé ({fault}" in (delivery.problem or "")


async def test_a_folder_that_cannot_be_written_to_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / REFERENCE).write_text("in the way")
    with pytest.raises(OSError, match=REFERENCE):
        await notified(tmp_path, [order()])


# Notices


async def test_a_notice_goes_once_to_the_contact_and_the_managers(tmp_path: Path) -> None:
    notice = Notice(
        key="breach/holding_letter/1/1", to=(StaffRole.CONTACT, StaffRole.MANAGER), text="Échéance manquée."
    )
    await notified(tmp_path, notices=[notice])
    await notified(tmp_path, notices=[notice], instant=AT + timedelta(days=1))
    [(to, subject, text)] = messages(tmp_path, "staff")
    assert to == ", ".join([CONTACT.email, *(manager.email for manager in FIRM.managers)])
    assert REFERENCE in subject
    assert text == "Échéance manquée."


async def test_what_waits_for_the_morning_is_left_to_the_digest_and_counts_as_told(tmp_path: Path) -> None:
    waits = Notice(key="breach/holding_letter/1/1", to=(StaffRole.CONTACT,), text="Échéance manquée.", when="morning")
    at_once = Notice(key="refused/#3", to=(StaffRole.CONTACT,), text="Refusé.")
    assert (await notified(tmp_path, notices=[waits, at_once])).untold == []
    [(_, _, text)] = messages(tmp_path, "staff")
    assert text == "Refusé."


async def test_without_a_contact_the_managers_are_told(tmp_path: Path) -> None:
    await notified(tmp_path, notices=[Notice(key="n", to=(StaffRole.CONTACT,), text="Personne.")], contact=None)
    [(to, _, _)] = messages(tmp_path, "staff")
    assert to == ", ".join(manager.email for manager in FIRM.managers)


async def test_without_anybody_the_service_is_told(tmp_path: Path) -> None:
    firm = FIRM.model_copy(update={"people": ()})
    await notified(tmp_path, notices=[Notice(key="n", to=(StaffRole.MANAGER,), text="Personne.")], firm=firm)
    [(to, _, _)] = messages(tmp_path, "staff")
    assert to == FIRM.email


# The other Party


def call(kind: CallKind, insurer: str | None = "assureur-exemple", party: Party = Party.INSURER) -> PartnerCall:
    return PartnerCall(
        key=f"{REFERENCE}/{kind}/1",
        kind=kind,
        party=party,
        insurer=insurer,
        reference=REFERENCE,
        level=Level.TWO_A,
        about="Votre aide est demandée pour la réclamation d'Anne Martin.",
        answer_by=date(2026, 12, 21),
        request=1,
    )


@pytest.mark.parametrize("contact", [CONTACT, None])
@pytest.mark.parametrize("kind", CallKind)
async def test_each_call_says_what_is_asked_until_when_and_whom_to_answer(
    tmp_path: Path, kind: CallKind, contact: Contact | None
) -> None:
    [outcome] = await called(tmp_path, call(kind), contact=contact)
    assert (outcome.at, outcome.problem) == (AT, None)
    insurer = FIRM.insurer("assureur-exemple")
    assert insurer is not None
    assert outcome.party_contact == (insurer.manager_email if kind is CallKind.INSIST else insurer.email)
    [(to, subject, text)] = messages(tmp_path, "partners")
    assert to == outcome.party_contact
    assert REFERENCE in subject
    assert "Martin" not in subject
    for said in (
        "Votre aide est demandée",
        "lundi 21 décembre 2026",
        "Niveau de réclamation : 2a",
        CONTACT.phone if contact else FIRM.phone,
    ):
        assert said in text


async def test_a_call_is_made_once(tmp_path: Path) -> None:
    first = await called(tmp_path, call(CallKind.ASK))
    assert await called(tmp_path, call(CallKind.ASK)) == first
    assert len(messages(tmp_path, "partners")) == 1


async def test_when_the_insurer_leads_our_own_service_is_called_on(tmp_path: Path) -> None:
    [outcome] = await called(tmp_path, call(CallKind.ASK, party=Party.BROKER))
    assert outcome.party_contact == FIRM.email


@pytest.mark.parametrize(("insurer", "said"), [(None, "n'est pas connue"), ("ailleurs", "ne figure pas parmi")])
async def test_an_insurer_that_cannot_be_reached_is_a_problem_not_an_error(
    tmp_path: Path, insurer: str | None, said: str
) -> None:
    unknown, known = await called(tmp_path, call(CallKind.ASK, insurer), call(CallKind.INFORM))
    assert said in (unknown.problem or "")
    assert unknown.party_contact is None
    assert known.problem is None
