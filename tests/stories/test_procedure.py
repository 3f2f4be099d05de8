"""The published procedure on the real server: its five paragraphs, its end, its five levels, told as stories.

The server's clock starts today, so every expected date is counted here from the shipped firm's calendar.
"""

import email
import email.policy
import uuid
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from activities.firm.load import FirmFile
from activities.notify.outbox import Outbox
from activities.notify.wording import full_date, money
from activities.pin import ProcedurePinner
from tests.morning import digests, held
from tests.stage import Stage, Told
from worker.settings import Settings
from workflows.procedure.calendar import at_time, due, paris_date
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import ClockName, Language, LetterKind

FIRM_FILE = FirmFile(Settings().firm_file)
FIRM = FIRM_FILE()
INSURER = next(insurer for insurer in FIRM.insurers if insurer.id == "assureur-exemple")
REASONS = "Le vol n'a pas été déclaré dans les délais du contrat."
ANSWER = {"decision": "rejected", "reasons": REASONS}
LAWYER = {"name": "Maître Claire Petit", "email": "c.petit@example.org", "reference": "CP-77", "mandate": True}
MEDIATOR_BLOCK = [FIRM.mediator.name, *FIRM.mediator.postal_address.split("\n"), FIRM.mediator.website]
SENSITIVE = {
    "Avocat": "lawyer",
    "assurance de protection juridique": "legal_protection_insurer",
    "Fédération Française de l’Assurance": "france_assureurs",
    "Défenseur des droits": "defenseur_des_droits",
    "HALDE": "defenseur_des_droits",
    "DGCCRF": "dgccrf",
    "DIRECCTE": "dreets",
    "ACPR": "acpr",
    "Plateforme européenne de règlement en ligne des litiges de consommation": "eu_odr",
    "journaliste": "journalist",
    "animateur d’émission": "journalist",
    "plateforme SignalConso": "signalconso",
    "https://ec.europa.eu/consumers/odr": "eu_odr",
}
"""The bodies of level 2b, in the words of the published table."""


def procedure_of(stage: Stage) -> Procedure:
    return ProcedurePinner(FIRM_FILE).pin(stage.today, stage.today)


def due_on(stage: Stage, clock: ClockName, start: date | None = None) -> date:
    """Count a deadline of the shipped firm from `start`, or from the receipt."""
    procedure = procedure_of(stage)
    return due(procedure.deadlines[clock], start or stage.today, procedure.calendar).due_on


def last_open(stage: Stage, day: date) -> date:
    return procedure_of(stage).calendar.last_open_day(day)


def in_full(day: date) -> str:
    return flat(full_date(day, Language.FR))


def flat(text: str) -> str:
    """Give a text without its line ends and its unbreakable spaces."""
    return " ".join(text.split())


async def until(told: Told, day: date, hour: int = 17) -> Told:
    await told.until(at_time(day, time(hour)))
    await told.settled()
    return told


def letter(told: Told, kind: str, *, round_number: int = 1, number: int = 1) -> Any:
    """Read a letter to the customer from the outbox, as the message that left."""
    return message(told, f"{told.reference}/{round_number}/{kind}/{number}")


def message(told: Told, key: str) -> Any:
    outbox = Outbox(told.stage.settings.outbox)
    [proof] = [proof for proof in outbox.proofs(told.reference) if proof.key == key]
    return email.message_from_bytes((outbox.root / proof.file).read_bytes(), policy=email.policy.default)


def keys(told: Told, start: str) -> list[str]:
    """List what left under keys that begin so: `call/` to the other Party, `notice/` to staff."""
    return [
        proof.key for proof in Outbox(told.stage.settings.outbox).proofs(told.reference) if proof.key.startswith(start)
    ]


def text(written: Any) -> str:
    return flat(written.get_body(("plain",)).get_content())


def must_say(written: str, *parts: str) -> None:
    missing = [part for part in map(flat, parts) if part not in written]
    assert not missing, f"the letter does not say {missing}:\n{written}"


async def must_say_what_every_letter_says(told: Told, written: str) -> None:
    """Check the reference, the date received, the contact and how to reach them, the mediator."""
    contact = (await told.dossier())["contact"]
    must_say(written, told.reference, in_full(told.stage.today))
    must_say(written, contact["name"], contact["phone"], contact["email"])
    must_say(written, *MEDIATOR_BLOCK)


# 1. « Dès qu'une réclamation est reçue » ------------------------------------------------------------------------------


async def test_paragraph_1_on_receipt_a_dossier_is_opened_and_the_complaint_acknowledged(stage: Stage) -> None:
    told = await stage.opens()
    dossier = await told.dossier()
    assert (dossier["level"], dossier["stage"], dossier["round"]) == ("1", "investigating", 1)
    assert dossier["journal"][0]["type"] == "opened"
    assert (await told.clock("acknowledgement"))["state"] == "kept"
    written = letter(told, "acknowledgement")
    assert written["To"].addresses[0].addr_spec == "anne.martin@example.org"
    await must_say_what_every_letter_says(told, text(written))
    must_say(text(written), f"au plus tard le {in_full(due_on(stage, ClockName.FINAL_ANSWER))}")


async def test_paragraph_1_the_dates_of_the_dossier_are_those_of_the_calendar(stage: Stage) -> None:
    told = await stage.opens()
    shown = {clock["clock"]: clock["due_on"] for clock in (await told.dossier())["clocks"]}
    names = ("acknowledgement", "holding_letter", "status_letter", "final_answer", "mediation_window")
    assert shown == {name: due_on(stage, ClockName(name)).isoformat() for name in names}


async def test_paragraph_1_what_is_missing_is_asked_for_and_stops_no_clock(stage: Stage) -> None:
    told = await stage.opens(policy_number=None, insurer=None)
    must_say(text(letter(told, "acknowledgement")), "numéro de police", "Cette demande ne retarde en rien")
    assert (await told.clock("holding_letter"))["state"] == "running"
    assert any(key.startswith("notice/missing/") for key in keys(told, "notice/"))


# 2. « Si, dans les dix jours ouvrés […] le problème n'est pas résolu » ------------------------------------------------


async def test_paragraph_2_within_ten_business_days_the_customer_is_told_how_long_and_by_whom(stage: Stage) -> None:
    told = await stage.opens()
    tenth = due_on(stage, ClockName.HOLDING_LETTER)
    await until(told, tenth, 15)
    assert await told.kinds() == ["acknowledgement"], (
        "it leaves in the afternoon: the morning may still bring an answer"
    )
    await until(told, tenth)
    assert await told.kinds() == ["acknowledgement", "holding"]
    assert (await told.clock("holding_letter"))["state"] == "kept"
    procedure = procedure_of(stage)
    expected = due(procedure.default_dates[LetterKind.HOLDING], tenth, procedure.calendar).due_on
    written = text(letter(told, "holding"))
    await must_say_what_every_letter_says(told, written)
    contact = (await told.dossier())["contact"]
    must_say(written, f"au plus tard le {in_full(expected)}", f"{contact['name']} est en charge de votre dossier")
    assert (await told.clock("promised_date"))["due_on"] == expected.isoformat()
    assert paris_date(letter(told, "holding")["Date"].datetime) == tenth


async def test_paragraph_2_the_letter_announces_the_date_a_person_gave(stage: Stage) -> None:
    told = await stage.opens()
    tenth = due_on(stage, ClockName.HOLDING_LETTER)
    expected = procedure_of(stage).calendar.next_open_day(tenth + timedelta(days=20))
    await told.submit("estimate_given", expected_on=expected.isoformat(), situation="L'expert passe mardi.")
    await until(told, tenth)
    must_say(text(letter(told, "holding")), f"au plus tard le {in_full(expected)}", "L'expert passe mardi.")
    assert not any("no_estimate" in key for key in keys(told, "notice/"))


async def test_paragraph_2_answered_on_the_tenth_day_at_noon_no_holding_letter_leaves(stage: Stage) -> None:
    told = await stage.opens()
    tenth = due_on(stage, ClockName.HOLDING_LETTER)
    await until(told, tenth, 12)
    receipt = await told.submit("response_given", **ANSWER)
    assert (receipt["reference"], receipt["level"], receipt["stage"]) == (told.reference, "1", "answered")
    assert "lettre de résolution" in receipt["message"]
    await until(told, tenth + timedelta(days=120))
    assert await told.kinds() == ["acknowledgement", "resolution"]
    breached = [clock["clock"] for clock in (await told.dossier())["clocks"] if clock["state"] == "breached"]
    assert breached == []


# 3. « Cette personne sera votre point de contact » --------------------------------------------------------------------


async def test_paragraph_3_one_person_signs_every_letter_until_the_end(stage: Stage) -> None:
    told = await stage.opens()
    name = (await told.dossier())["contact"]["name"]
    await until(told, due_on(stage, ClockName.STATUS_LETTER))
    await told.submit("response_given", **ANSWER)
    await told.settled()
    for kind in ("acknowledgement", "holding", "status", "resolution"):
        must_say(text(letter(told, kind)), name)
    assert (await told.dossier())["contact"]["name"] == name


async def test_paragraph_3_another_person_is_announced_and_signs_from_then_on(stage: Stage) -> None:
    told = await stage.opens()
    first = (await told.dossier())["contact"]
    other = next(
        person
        for person in FIRM.people
        if person.id != first["id"] and not person.absences and person.party == "broker"
    )
    await told.submit("contact_reassigned", contact=other.id, reason="Absence")
    await told.settled()
    assert (await told.dossier())["contact"]["name"] == other.name
    written = text(letter(told, "contact_change"))
    must_say(written, other.name, "Ce changement ne modifie aucun délai")
    assert first["name"] not in written
    await until(told, due_on(stage, ClockName.HOLDING_LETTER))
    must_say(text(letter(told, "holding")), other.name, other.phone)


# 4. « Si, après 40 jours ouvrés […] aucune solution n'a été trouvée » -------------------------------------------------


async def test_paragraph_4_after_forty_business_days_the_situation_and_the_expected_date(stage: Stage) -> None:
    told = await stage.opens()
    fortieth = due_on(stage, ClockName.STATUS_LETTER)
    await until(told, fortieth - timedelta(days=3), 12)
    expected = procedure_of(stage).calendar.next_open_day(fortieth + timedelta(days=15))
    situation = "L'assureur attend le rapport de son expert."
    await told.submit("estimate_given", expected_on=expected.isoformat(), situation=situation)
    await until(told, fortieth)
    [status] = [sent for sent in (await told.dossier())["letters"] if sent["kind"] == "status"]
    assert "status_letter" in status["serves"]
    assert status["sent_at"].startswith(fortieth.isoformat())
    written = text(letter(told, "status"))
    await must_say_what_every_letter_says(told, written)
    must_say(written, "Voici où en est votre dossier", situation, f"au plus tard le {in_full(expected)}")


async def test_paragraph_4_an_announced_date_that_passes_brings_a_new_one(stage: Stage) -> None:
    told = await stage.opens()
    tenth = due_on(stage, ClockName.HOLDING_LETTER)
    promised = procedure_of(stage).calendar.next_open_day(tenth + timedelta(days=5))
    await told.submit("estimate_given", expected_on=promised.isoformat(), situation="Contrôle des pièces.")
    await until(told, promised)
    assert await told.kinds() == ["acknowledgement", "holding", "progress"]
    procedure = procedure_of(stage)
    again = due(procedure.default_dates[LetterKind.PROGRESS], promised, procedure.calendar).due_on
    written = text(letter(told, "progress"))
    await must_say_what_every_letter_says(told, written)
    must_say(written, "Nous n'avons pas pu la tenir", f"au plus tard le {in_full(again)}")
    assert (await told.clock("promised_date"))["due_on"] == again.isoformat()


async def test_paragraph_4_at_two_months_the_customer_learns_why_until_when_and_that_the_mediator_is_open(
    stage: Stage,
) -> None:
    told = await stage.opens()
    two_months = due_on(stage, ClockName.FINAL_ANSWER)
    leaves_on = last_open(stage, two_months)
    await until(told, leaves_on)
    [informs] = [sent for sent in (await told.dossier())["letters"] if "final_answer" in sent["serves"]]
    assert informs["sent_at"].startswith(leaves_on.isoformat())
    # Where day 40 falls on the same day, both are one letter, under the name of the weightier.
    written = text(letter(told, informs["kind"]))
    await must_say_what_every_letter_says(told, written)
    must_say(written, in_full(date.fromisoformat(informs["announces"])), "gratuitement")
    assert (await told.clock("final_answer"))["state"] == "running", "it informs, and is no answer"
    await until(told, two_months + timedelta(days=1), 1)
    assert (await told.clock("final_answer"))["state"] == "breached"
    assert (await told.dossier())["overdue"]
    [heard] = [
        entry for entry in await told.entries("staff_told") if "breach/final_answer/1/1" in entry["data"]["keys"]
    ]
    assert heard["status"] == "accepted"
    assert "notice/breach/final_answer/1/1" not in keys(told, "notice/"), "no message at midnight: the morning tells it"


# 5. « Dans les cinq jours ouvrés qui suivent les résultats » ----------------------------------------------------------


async def test_paragraph_5_the_resolution_letter_gives_results_reasons_offer_and_help(stage: Stage) -> None:
    told = await stage.opens()
    await told.until_day(3)
    offer = {"amount": "1250.00", "currency": "EUR", "terms": "Versée sous trente jours, franchise déduite."}
    results = {"decision": "partly_upheld", "reasons": "La vétusté a été surestimée.", "offer": offer}
    receipt = await told.submit("results_known", **results)
    assert receipt["stage"] == "results_known"
    fifth = due_on(stage, ClockName.RESOLUTION_LETTER, stage.today + timedelta(days=3))
    assert (await told.clock("resolution_letter"))["due_on"] == fifth.isoformat()
    await until(told, fifth, 12)
    assert "resolution" not in await told.kinds(), "a person releases it"
    await told.submit("response_given", **results)
    await told.settled()
    assert (await told.clock("resolution_letter"))["state"] == "kept"
    assert (await told.clock("final_answer"))["state"] == "kept"
    written = text(letter(told, "resolution"))
    await must_say_what_every_letter_says(told, written)
    must_say(written, "une suite favorable à une partie de votre réclamation", "La vétusté a été surestimée.")
    must_say(written, money(Decimal(1250), "EUR", Language.FR), offer["terms"], INSURER.name)
    must_say(written, FIRM.help_offered[Language.FR])


async def test_paragraph_5_it_never_leaves_by_itself_and_its_breach_is_told_to_persons(stage: Stage) -> None:
    told = await stage.opens()
    await told.until_day(3)
    await told.submit("results_known", **ANSWER)
    fifth = due_on(stage, ClockName.RESOLUTION_LETTER, stage.today + timedelta(days=3))
    await until(told, fifth + timedelta(days=1), 1)
    assert "resolution" not in await told.kinds()
    assert (await told.clock("resolution_letter"))["state"] == "breached"
    assert not keys(told, "notice/breach/"), "no message at midnight"
    opens = at_time(procedure_of(stage).calendar.next_open_day(fifth + timedelta(days=1)), time(9))
    await told.until(opens)
    await held(stage, opens)
    heard = {read.to: flat(read.text) for read in digests(stage, opens.date()).values()}
    contact = FIRM.person((await told.dossier())["contact"]["id"])
    assert contact is not None
    for manager in (each for each in FIRM.managers if FIRM.team_of(each) == FIRM.team_of(contact)):
        must_say(heard[manager.email], "ÉCHÉANCES MANQUÉES", told.reference, "lettre de résolution", in_full(fifth))


# « À l'issue de la procédure […] La Médiation de l'Assurance » --------------------------------------------------------


async def test_the_end_a_second_rejection_opens_no_round_and_leads_to_the_mediator(stage: Stage) -> None:
    told = await stage.opens()
    for day in (2, 6):
        await told.until_day(day)
        await told.submit("response_given", **ANSWER)
        await told.until_day(day + 2)
        receipt = await told.submit("customer_rejects", reasons="L'indemnité ne couvre pas le devis.")
    assert (receipt["level"], receipt["stage"]) == ("2a", "answered")
    assert (await told.settled())["round"] == 2
    written = text(letter(told, "exhausted", round_number=2))
    await must_say_what_every_letter_says(told, written)
    must_say(written, "celle-ci ne comporte pas d'autre niveau", f"soumettre votre réclamation à {FIRM.mediator.name}")
    closes = due_on(stage, ClockName.MEDIATION_WINDOW)
    must_say(written, in_full(due_on(stage, ClockName.FINAL_ANSWER)), in_full(closes))


async def test_the_end_comes_with_the_mediators_year_when_an_answer_was_given(stage: Stage) -> None:
    told = await stage.opens()
    await told.until_day(2)
    await told.submit("response_given", **ANSWER)
    year = due_on(stage, ClockName.MEDIATION_WINDOW)
    await until(told, year, 23)
    assert (await told.dossier())["stage"] == "answered"
    await told.until(at_time(year + timedelta(days=1), time(1)))
    result = await told.result()
    assert (result["stage"], result["closed_by"]) == ("closed", "window_ended")


async def test_the_end_never_comes_to_a_complaint_without_an_answer(stage: Stage) -> None:
    told = await stage.opens()
    await until(told, due_on(stage, ClockName.MEDIATION_WINDOW) + timedelta(days=60))
    assert (await told.dossier())["stage"] == "investigating"
    assert (await told.handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_the_end_is_not_held_up_by_an_insurer_that_nobody_could_ask(stage: Stage) -> None:
    told = await stage.opens(source="lawyer", insurer=None)
    assert "partner_unreachable" in (await told.dossier())["attention"]
    await told.submit("withdrawn")
    await told.settled()
    described = await told.handle.describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED, "closed, confirmed in writing, and yet it runs"
    assert (await told.kinds())[-1] == "withdrawal"


# The table of levels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("received_by", ["broker", "insurer"])
async def test_level_1_received_directly_is_handled_by_the_broker(stage: Stage, received_by: str) -> None:
    told = await stage.opens(received_by=received_by)
    dossier = await told.dossier()
    assert (dossier["level"], dossier["handling_party"], dossier["supporting_party"]) == ("1", "broker", None)
    assert keys(told, "call/") == []
    assert await told.kinds() == ["acknowledgement"]


async def test_level_2a_after_a_first_answer_is_handled_with_the_help_of_the_insurer(stage: Stage) -> None:
    told = await stage.opens()
    await told.until_day(2)
    await told.submit("response_given", **ANSWER)
    await told.until_day(5)
    receipt = await told.submit("customer_rejects", received_on=(stage.today + timedelta(days=4)).isoformat())
    assert (receipt["level"], receipt["stage"]) == ("2a", "investigating")
    dossier = await told.settled()
    assert (dossier["round"], dossier["handling_party"], dossier["supporting_party"]) == (2, "broker", "insurer")
    tenth = due_on(stage, ClockName.HOLDING_LETTER, stage.today + timedelta(days=4))
    assert (await told.clock("holding_letter"))["due_on"] == tenth.isoformat()
    assert len([clock for clock in dossier["clocks"] if clock["clock"] == "final_answer"]) == 1
    [call] = keys(told, "call/ask")
    asked = message(told, call)
    assert asked["To"].addresses[0].addr_spec == INSURER.email
    answer_by = due_on(stage, ClockName.PARTNER_HELP, stage.today + timedelta(days=5))
    must_say(text(asked), told.reference, in_full(answer_by))
    await told.submit("partner_answered", party="insurer", answer="La garantie vol est acquise.")
    assert (await told.clock("partner_help"))["state"] == "kept"


async def test_level_2a_is_where_a_complaint_opens_that_was_answered_before(stage: Stage) -> None:
    told = await stage.opens(previous_response_on=(stage.today - timedelta(days=20)).isoformat())
    dossier = await told.dossier()
    assert (dossier["level"], dossier["round"], dossier["supporting_party"]) == ("2a", 1, "insurer")


@pytest.mark.parametrize(("said", "source"), SENSITIVE.items(), ids=SENSITIVE)
async def test_level_2b_is_every_source_the_table_calls_sensitive(stage: Stage, said: str, source: str) -> None:
    told = await stage.opens(source=said)
    dossier = await told.dossier()
    assert (dossier["level"], dossier["sources"]) == ("2b", [source])
    assert (dossier["handling_party"], dossier["supporting_party"]) == ("broker", "insurer")
    assert len(keys(told, "call/ask")) == 1


async def test_level_2b_received_by_the_insurer_is_handled_by_the_insurer_with_our_help(stage: Stage) -> None:
    told = await stage.opens(source="lawyer", received_by="insurer", representative=LAWYER)
    dossier = await told.dossier()
    assert (dossier["handling_party"], dossier["supporting_party"]) == ("insurer", "broker")
    assert (await told.clock("holding_letter"))["reason"] == "traité par la compagnie"
    assert await told.kinds() == ["transfer"]
    written = letter(told, "transfer")
    assert written["To"].addresses[0].addr_spec == LAWYER["email"]
    must_say(text(written), INSURER.name, "Pour le compte de : Anne Martin", "Vos références : CP-77")
    assert len(keys(told, "call/hand_over")) == 1
    await until(told, due_on(stage, ClockName.STATUS_LETTER) + timedelta(days=30))
    assert await told.kinds() == ["transfer"], "our commitments stopped"
    assert (await told.clock("final_answer"))["state"] == "breached", "the law's clocks run on"


@pytest.mark.parametrize(("received_by", "helper"), [("broker", "insurer"), ("insurer", "broker")])
async def test_level_3_from_the_mediator_is_handled_by_the_party_that_received_it(
    stage: Stage, received_by: str, helper: str
) -> None:
    told = await stage.opens()
    await told.until_day(4)
    await told.submit("mediator_seized", addressed_to=received_by, mediator_reference="LMA-1")
    dossier = await told.settled()
    assert (dossier["level"], dossier["stage"]) == ("3", "mediation")
    assert (dossier["handling_party"], dossier["supporting_party"]) == (received_by, helper)
    states = {clock["clock"]: clock["state"] for clock in dossier["clocks"]}
    assert (states["holding_letter"], states["status_letter"], states["final_answer"]) == (
        "dropped", "dropped", "running",
    )  # fmt: skip
    reply = due_on(stage, ClockName.MEDIATOR_REPLY, stage.today + timedelta(days=4))
    assert (await told.clock("mediator_reply"))["due_on"] == reply.isoformat()
    await until(told, due_on(stage, ClockName.HOLDING_LETTER))
    assert "holding" not in await told.kinds()


@pytest.mark.parametrize("addressed_to", ["broker", "insurer"])
async def test_level_4_a_summons_is_handled_by_whom_it_is_addressed_to_and_silences_the_letters(
    stage: Stage, addressed_to: str
) -> None:
    told = await stage.opens()
    await told.until_day(4)
    served_on = stage.today + timedelta(days=3)
    receipt = await told.submit("summons_served", addressed_to=addressed_to, served_on=served_on.isoformat())
    assert (receipt["level"], receipt["stage"]) == ("4", "litigation")
    dossier = await told.settled()
    assert dossier["handling_party"] == addressed_to
    assert [clock["clock"] for clock in dossier["clocks"] if clock["state"] == "running"] == ["court_appearance"]
    assert (await told.clock("court_appearance"))["due_on"] == (served_on + timedelta(days=15)).isoformat()
    assert len(keys(told, "call/")) == 1, "the other Party hears of it"
    await until(told, due_on(stage, ClockName.STATUS_LETTER) + timedelta(days=30))
    assert await told.kinds() == ["acknowledgement"]
    await told.submit("litigation_ended", outcome="Désistement d'instance")
    assert (await told.result())["closed_by"] == "litigation_ended"


# A whole life ---------------------------------------------------------------------------------------------------------


async def test_a_call_a_writing_a_lawyer_the_mediator_too_soon_an_answer_a_rejection_and_the_mediators_opinion(
    stage: Stage,
) -> None:
    told = await stage.opens(channel="phone", sent_on=None)

    async def stands(level: str, at_stage: str, round_number: int, *kinds: str) -> dict[str, Any]:
        dossier = await told.settled()
        assert (dossier["level"], dossier["stage"], dossier["round"]) == (level, at_stage, round_number)
        assert [sent["kind"] for sent in dossier["letters"]] == list(kinds)
        return {clock["clock"]: clock for clock in dossier["clocks"]}

    letters = ["written_invitation"]
    clocks = await stands("1", "investigating", 1, *letters)
    assert set(clocks) == {"holding_letter", "status_letter"}, "the law waits for a writing"

    await told.until_day(3)
    sent_on, received_on = stage.today + timedelta(days=2), stage.today + timedelta(days=3)
    await told.submit(
        "written_complaint_received", sent_on=sent_on.isoformat(), received_on=received_on.isoformat(), channel="post"
    )
    letters.append("acknowledgement")
    clocks = await stands("1", "investigating", 1, *letters)
    assert clocks["final_answer"]["due_on"] == due_on(stage, ClockName.FINAL_ANSWER, sent_on).isoformat()
    assert clocks["holding_letter"]["starts_on"] == stage.today.isoformat()
    assert clocks["acknowledgement"]["state"] == "kept"

    await told.until_day(5)
    await told.submit("source_joined", source="Avocat", received_by="broker", representative=LAWYER)
    clocks = await stands("2b", "investigating", 1, *letters)
    assert clocks["partner_help"]["state"] == "running"

    await told.until_day(6)
    await told.submit("mediator_seized", addressed_to="broker")
    clocks = await stands("3", "mediation", 1, *letters)
    assert (clocks["holding_letter"]["state"], clocks["final_answer"]["state"]) == ("dropped", "running")

    await told.until_day(10)
    await told.submit("mediation_ended", outcome="premature")
    clocks = await stands("2b", "investigating", 1, *letters)
    tenth = due_on(stage, ClockName.HOLDING_LETTER)
    assert (clocks["holding_letter"]["state"], clocks["holding_letter"]["due_on"]) == ("running", tenth.isoformat())

    await until(told, tenth)
    letters.append("holding")
    await stands("2b", "investigating", 1, *letters)
    written = letter(told, "holding")
    assert written["To"].addresses[0].addr_spec == LAWYER["email"]
    must_say(text(written), "Pour le compte de : Anne Martin")

    await until(told, tenth + timedelta(days=1), 11)
    await told.submit("response_given", **ANSWER)
    letters.append("resolution")
    clocks = await stands("2b", "answered", 1, *letters)
    assert clocks["final_answer"]["state"] == "kept"

    await until(told, tenth + timedelta(days=3), 11)
    await told.submit("customer_rejects", reasons="La date retenue est fausse.")
    clocks = await stands("2b", "investigating", 2, *letters)
    assert clocks["holding_letter"]["starts_on"] == (tenth + timedelta(days=3)).isoformat()
    assert clocks["final_answer"]["round"] == 1

    await until(told, tenth + timedelta(days=4), 11)
    await told.submit("partner_answered", party="insurer", answer="La date du contrat est la bonne.")
    clocks = await stands("2b", "investigating", 2, *letters)
    assert clocks["partner_help"]["state"] == "kept"

    await until(told, tenth + timedelta(days=5), 11)
    await told.submit("mediator_seized", addressed_to="broker")
    clocks = await stands("3", "mediation", 2, *letters)
    assert clocks["holding_letter"]["state"] == "dropped"

    await until(told, tenth + timedelta(days=30), 11)
    await told.submit("mediation_ended", outcome="opinion", opinion_favours="complainant", accepted=True)
    result = await told.result()
    assert (result["level"], result["stage"], result["closed_by"]) == ("3", "closed", "mediation_opinion")
    assert [sent["kind"] for sent in result["letters"]] == letters
    assert not [entry for entry in result["journal"] if entry["status"] != "accepted"]
    assert not [clock for clock in result["clocks"] if clock["state"] in ("running", "breached")]


# What cannot be accepted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([], "one JSON object"),
        ([{"summary": "x"}, {"summary": "y"}], "one JSON object"),
        (["Indemnité vol refusée"], "one JSON object"),
        ([None], "one JSON object"),
        ([["Indemnité vol refusée"]], "one JSON object"),
        ([{}], "received_at"),
        ([{"Complainant": "Anne Martin", "received_at": "hier"}], "received_at"),
    ],
    ids=["none", "two", "text", "null", "list", "empty", "garbage"],
)
async def test_bad_input_fails_the_run_and_leaves_the_reference_free(
    stage: Stage, inputs: list[Any], says: str
) -> None:
    client, queue = stage.environment.client, stage.settings.task_queue
    reference = f"REC-{uuid.uuid4().hex[:10]}"
    handle = await client.start_workflow("Complaint", args=inputs, id=reference, task_queue=queue)
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "InvalidComplaint"
    assert says in str(failed.value.cause)
    assert "Martin" not in str(failed.value.cause), "no value is repeated"
    assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED

    again = await client.start_workflow("Complaint", stage.complaint(), id=reference, task_queue=queue)
    told = Told(stage, again)
    assert (await again.execute_update("submit", {"type": "note_added", "text": "Corrigé"}))["level"] == "1"
    assert (await told.settled())["reference"] == reference


async def test_bad_signals_are_kept_with_their_reasons_and_the_complaint_lives_on(stage: Stage) -> None:
    told = await stage.opens()
    note = {"text": "Le client a rappelé.", "id": "note-1"}
    signals: list[tuple[str, list[Any], str, str]] = [
        ("response_given", ["rejected"], "refused", "one JSON object"),
        ("response_given", [None], "refused", "one JSON object"),
        ("response_given", [["rejected"]], "refused", "one JSON object"),
        ("response_given", [{}], "refused", "decision"),
        ("response_given", [{**ANSWER, "desicion": "x"}], "refused", "desicion"),
        ("response_given", [], "refused", "0 valeurs"),
        ("response_given", [ANSWER, ANSWER], "refused", "2 valeurs"),
        ("responce_given", [ANSWER], "refused", "response_given"),
        ("mediation_ended", [{"outcome": "opinion"}], "refused", "mediator_seized"),
        ("note_added", [note], "accepted", ""),
        ("note_added", [note], "duplicate", "note-1"),
        ("customer_rejects", [{}], "waiting", "réponse"),
    ]
    for kind, inputs, status, reason in signals:
        await told.signal(kind, *inputs)
        entry = (await told.entries(kind))[-1]
        assert entry["status"] == status, kind
        assert reason in (entry["reason"] or ""), entry["reason"]
        await told.settled()

    assert (await told.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    dossier = await told.dossier()
    assert (dossier["level"], dossier["stage"], dossier["refused"]) == ("1", "investigating", 9)
    assert len([key for key in keys(told, "notice/") if "refused" in key]) == 9, "the contact heard of each"
    await until(told, due_on(stage, ClockName.HOLDING_LETTER))
    assert await told.kinds() == ["acknowledgement", "holding"], "nothing blocked it"


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([], "one JSON object"),
        (["note_added"], "one JSON object"),
        ([{"text": "x"}], "type"),
        ([{"type": "note_added", "text": "x"}, {}], "one JSON object"),
        ([{"type": "responce_given"}], "unknown event"),
        ([{"type": "response_given"}], "decision"),
        ([{"type": "mediation_ended", "outcome": "opinion"}], "mediator_seized"),
        ([{"type": "customer_rejects", "at": "2090-01-01T10:00:00+01:00"}], "futur"),
    ],
    ids=["none", "text", "no type", "two", "unknown", "malformed", "impossible now", "future"],
)
async def test_a_refused_update_answers_its_sender_and_leaves_no_trace(
    stage: Stage, inputs: list[Any], says: str
) -> None:
    told = await stage.opens()
    before = (await told.handle.fetch_history()).events
    dossier = await told.dossier()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await told.handle.execute_update("submit", args=inputs)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "Refused"
    assert says in str(refused.value.cause)
    assert len((await told.handle.fetch_history()).events) == len(before)
    assert await told.dossier() == dossier
