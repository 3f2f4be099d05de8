"""The lives whose histories are kept: each is told once on the real server, then replayed for ever.

Together they hold every level, every event, every status of the journal, and what senders get wrong.
"""

from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from typing import Any

from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment

from starter.client import Complaints
from tests.sendgrid_server import ACCEPT, HANG, KEY, SendGridServer, busy
from tests.stage import Stage, Told
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.calendar import at_time


class OneComplaint(Stage):
    """A stage for one complaint, whose reference is chosen: it decides at what minute letters leave."""

    def __init__(self, environment: WorkflowEnvironment, settings: Settings, reference: str) -> None:
        """Take the server, the settings of its worker, and the reference."""
        super().__init__(environment, settings)
        self.reference = reference

    async def starts(self, *inputs: Any) -> Told:
        """Start the workflow with any inputs."""
        handle = await self.environment.client.start_workflow(
            "Complaint", args=list(inputs), id=self.reference, task_queue=self.settings.task_queue
        )
        return Told(self, handle)


Life = Callable[[OneComplaint], Awaitable[Told]]
"""Lives one complaint to its end."""

LIVES: dict[str, Life] = {}

REJECTED = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}
PARTLY = {
    "decision": "partly_upheld",
    "reasons": "La vétusté a été surestimée.",
    "offer": {"amount": "350.00", "currency": "EUR", "terms": "Versés sous quinze jours, pour solde."},
}
POSTAL = "12 rue des Lilas\n10000 Troyes"
SUMMONS = {"addressed_to": "broker", "court": "Tribunal judiciaire de Troyes"}
SEIZURE = {"addressed_to": "broker", "mediator_reference": "LMA-1"}


def life(told: Life) -> Life:
    """Keep the history of this life, under its name."""
    LIVES[told.__name__.replace("_", "-")] = told
    return told


@life
async def ordinary(stage: OneComplaint) -> Told:
    """Acknowledged, informed twice, answered by a signal, and over when the mediator's year is."""
    told = await stage.opens()
    await told.until_clock("status_letter", timedelta(days=1))
    await told.signal("response_given", REJECTED)
    await told.until_day(370)
    return told


@life
async def carrier_away(stage: OneComplaint) -> Told:
    """E-mail is busy, then silent, then gone past the deadline: tried again, in doubt, lost, and at last by post."""
    complainant = {"name": "Anne Martin", "email": "anne.martin@example.org", "postal_address": POSTAL}
    with SendGridServer() as sendgrid:
        settings = stage.settings.model_copy(
            update={
                "task_queue": f"{stage.settings.task_queue}-by-sendgrid",
                "carrier": "sendgrid",
                "sendgrid_api_key": SecretStr(KEY),
                "sendgrid_host": sendgrid.url,
                "sendgrid_timeout_seconds": 0.5,
            }
        )
        async with build_worker(stage.environment.client, settings):
            told = await OneComplaint(stage.environment, settings, stage.reference).opens(complainant=complainant)
            await told.until_clock("holding_letter", -timedelta(minutes=1))
            sendgrid.always = busy(60)
            await told.until_clock("holding_letter", timedelta(minutes=1))
            sendgrid.always = HANG
            await told.until_clock("holding_letter", timedelta(hours=2))
            sendgrid.stop()
            letter = f"{told.reference}/1/holding"
            await told.submit("delivery_reported", letter_id=f"{letter}/1", status="lost")
            await told.until_clock("holding_letter", timedelta(days=1))
            sendgrid.always = ACCEPT
            sendgrid.start()
            await told.submit("delivery_reported", letter_id=f"{letter}/2", status="posted")
            await told.submit("withdrawn")
            # Its end waits for what staff are still to be told.
            await told.until(await told.now() + timedelta(hours=5))
            await told.result()
    return told


@life
async def rejected_twice(stage: OneComplaint) -> Told:
    """Level 1, then 2a with the insurer's help, then exhausted."""
    told = await stage.opens()
    await told.until_day(4)
    await told.submit("results_known", **PARTLY)
    await told.until_day(5)
    await told.submit("response_given", **PARTLY)
    await told.until_day(12)
    await told.signal("customer_rejects", {"id": "reject-1", "reasons": "Le devis est plus élevé."})
    await told.until_day(30)
    await told.signal("partner_answered", {"party": "insurer", "answer": "Rien à ajouter.", "documents": ["a.pdf"]})
    await told.until_day(75)
    await told.submit("response_given", **REJECTED)
    await told.until_day(80)
    await told.signal("customer_rejects", {"id": "reject-2"})
    await told.until_day(90)
    await told.signal("customer_accepts", {"received_on": told.day(89).date().isoformat()})
    return told


@life
async def unanswered_by_anybody(stage: OneComplaint) -> Told:
    """Every clock of a second round breached or reminded: the insurer does not answer, nor do we; a year passes."""
    told = await stage.opens(previous_response_on=stage.today.isoformat())
    await told.until_day(400)
    await told.submit("withdrawn")
    return told


@life
async def still_running(stage: OneComplaint) -> Told:
    """As a deployment finds most complaints: alive, between two clocks."""
    told = await stage.opens()
    await told.until_day(30)
    await told.submit("note_added", text="Le client a rappelé.")
    await told.settled()
    return told


@life
async def by_phone(stage: OneComplaint) -> Told:
    """A call, the written complaint a week later, details asked for and given."""
    complainant = {"name": "Anne Martin", "email": "anne.martin@example.org", "phone": "06 00 00 00 00"}
    told = await stage.opens(channel="phone", sent_on=None, policy_number=None, insurer=None, complainant=complainant)
    await told.until_day(7)
    await told.signal("written_complaint_received", {"received_on": told.day(7).date().isoformat(), "channel": "email"})
    await told.submit("details_given", policy_number="AUTO-2024-118", insurer="Mutuelle du Vallon")
    await told.submit("details_given", sent_on=told.day(6).date().isoformat())
    await told.until_day(20)
    await told.submit("response_given", **PARTLY)
    await told.submit(
        "complaint_classified", cause="delay", root_cause="Un seul gestionnaire.", redress={"amount": "120.50"}
    )
    await told.submit("customer_accepts")
    return told


@life
async def by_phone_only(stage: OneComplaint) -> Told:
    """Never put in writing: no regulatory clock ever starts; a year after the answer it is over."""
    told = await stage.opens(channel="phone", sent_on=None)
    await told.until_day(9)
    await told.signal("response_given", {**REJECTED, "sent_by": "staff", "channel": "phone"})
    await told.until_day(400)
    return told


@life
async def by_post(stage: OneComplaint) -> Told:
    """No e-mail address: letters are queued for the post until staff say that they left; one comes back."""
    told = await stage.opens(
        channel="post", complainant={"name": "Paul Petit", "postal_address": POSTAL}, product="auto"
    )
    await told.submit("delivery_reported", letter_id=f"{told.reference}/1/acknowledgement/1", status="posted")
    await told.until_day(23)
    await told.submit("delivery_reported", letter_id=f"{told.reference}/1/holding/1", status="posted")
    await told.until_day(27)
    await told.signal("delivery_reported", {"letter_id": f"{told.reference}/1/holding/1", "status": "returned"})
    await told.submit("details_given", complainant={"name": "Paul Petit", "postal_address": POSTAL.replace("12", "14")})
    await told.until_day(40)
    await told.signal("withdrawn", {"received_on": told.day(39).date().isoformat()})
    return told


@life
async def bounced(stage: OneComplaint) -> Told:
    """The acknowledgement bounces: it is written again, by post."""
    complainant = {"name": "Anne Martin", "email": "anne.martin@example.org", "postal_address": POSTAL}
    told = await stage.opens(complainant=complainant)
    letter = f"{told.reference}/1/acknowledgement/1"
    await told.signal("delivery_reported", {"letter_id": letter, "status": "bounced", "detail": "550", "by": "system"})
    await told.settled()
    await told.submit("delivery_reported", letter_id=f"{told.reference}/1/acknowledgement/2", status="posted")
    await told.until_day(3)
    await told.submit("delivery_reported", letter_id=f"{told.reference}/1/acknowledgement/2", status="delivered")
    await told.submit("response_given", **REJECTED)
    await told.submit("withdrawn")
    return told


@life
async def anonymous(stage: OneComplaint) -> Told:
    """From a platform, nobody to write to: the answer is filed there."""
    told = await stage.opens(source="SignalConso", complainant={"anonymous": True})
    await told.until_day(3)
    await told.signal("response_given", REJECTED)
    await told.until_day(370)
    return told


@life
async def in_english(stage: OneComplaint) -> Told:
    """Letters in English, and dates that a person estimated."""
    complainant = {"name": "John Smith", "email": "john.smith@example.org", "language": "en", "kind": "third_party"}
    told = await stage.opens(channel="web", sent_on=None, complainant=complainant)
    await told.until_day(8)
    expected_on = told.day(45).date().isoformat()
    await told.submit("estimate_given", expected_on=expected_on, situation="We are waiting for the expert's report.")
    await told.until_day(62)
    await told.submit("results_known", **PARTLY)
    await told.until_day(80)  # the five days of the resolution letter pass: breached
    await told.submit("response_given", **PARTLY)
    await told.submit("customer_accepts")
    return told


@life
async def insurer_leads(stage: OneComplaint) -> Told:
    """A lawyer wrote to the insurer: it leads, the customer is told, the law's clocks run on as warnings."""
    lawyer = {"name": "Maître Claire Petit", "email": "c.petit@example.org", "mandate": True, "reference": "D-77"}
    told = await stage.opens(source="Avocat", received_by="insurer", representative=lawyer)
    await told.until_day(70)
    await told.signal("response_given", {**REJECTED, "sent_by": "staff"})
    await told.submit("customer_accepts")
    return told


@life
async def lawyer_joins(stage: OneComplaint) -> Told:
    """Level 2b on the way, another person in charge, rejected at 2b: a second round of it."""
    told = await stage.opens()
    await told.until_day(3)
    lawyer = {"name": "Maître Claire Petit", "email": "c.petit@example.org", "mandate": True}
    await told.signal("source_joined", {"source": "lawyer", "received_by": "broker", "representative": lawyer})
    await told.until_day(6)
    await told.submit("contact_reassigned", reason="Congé maternité")
    await told.settled()
    await told.submit("contact_reassigned", contact="c-003", reason="Connaît le dossier")
    await told.until_day(16)
    await told.submit("partner_answered", party="insurer", answer="La garantie vol est acquise.")
    await told.submit("response_given", **REJECTED)
    await told.until_day(20)
    await told.submit("customer_rejects")
    await told.until_day(28)
    await told.submit("response_given", **PARTLY)
    await told.submit("customer_accepts")
    return told


@life
async def journalist(stage: OneComplaint) -> Told:
    """No mandate, nothing about the person; a source that no longer exists is flagged on the way."""
    nobody = {"name": "La Gazette", "email": "gazette@example.org", "mandate": False}
    told = await stage.opens(source="journalist", representative=nobody, channel="portal")
    await told.submit("source_joined", source="ODR", received_by="insurer")
    await told.signal("customer_accepts", {"by": "portal"})  # before any answer: it waits for one for ever
    await told.until_day(1)
    await told.submit("withdrawn")
    return told


@life
async def mediation_premature(stage: OneComplaint) -> Told:
    """Handed back by the mediator: the level before it, with its first due dates."""
    told = await stage.opens()
    await told.until_day(5)
    await told.signal("mediator_seized", SEIZURE)
    await told.until_day(9)
    await told.signal("mediation_ended", {"outcome": "premature"})
    await told.until_day(25)
    await told.submit("response_given", **REJECTED)
    await told.until_day(370)
    return told


@life
async def from_the_mediator(stage: OneComplaint) -> Told:
    """Received from the mediator, our reply filed, an opinion: over."""
    told = await stage.opens(source="mediator")
    await told.submit("help_wanted", about="Le rapport de l'expert.")
    await told.until_day(12)
    await told.submit("partner_answered", party="insurer", answer="Le voici.", documents=["expertise.pdf"], request=1)
    await told.until_day(20)
    await told.signal("reply_filed", {"to": "mediator", "filed_on": told.day(19).date().isoformat()})
    await told.until_day(64)
    await told.submit("mediation_ended", outcome="opinion", opinion_favours="complainant", accepted=True)
    return told


@life
async def mediator_to_the_insurer(stage: OneComplaint) -> Told:
    """The mediator seizes the insurer; its reply clock is breached; settled."""
    told = await stage.opens()
    await told.submit("response_given", **REJECTED)
    await told.until_day(4)
    await told.submit("mediator_seized", addressed_to="insurer")
    await told.until_day(45)
    await told.submit("mediation_ended", outcome="settled")
    return told


@life
async def summons(stage: OneComplaint) -> Told:
    """Level 4: every clock but the appearance stops, counsel appears, the proceedings end."""
    told = await stage.opens()
    await told.until_day(8)
    await told.signal("summons_served", {**SUMMONS, "served_on": told.day(7).date().isoformat()})
    await told.until_day(18)
    await told.submit("reply_filed", to="court")
    await told.until_day(100)
    await told.signal("litigation_ended", {"outcome": "Désistement d'instance"})
    return told


@life
async def summons_on_receipt(stage: OneComplaint) -> Told:
    """It begins with the court; nobody appears in time."""
    told = await stage.opens(source="court", received_by="insurer")
    await told.until_day(20)
    await told.submit("litigation_ended", outcome="Condamnation")
    return told


@life
async def summons_voided(stage: OneComplaint) -> Told:
    """A summons of another file, recorded here by mistake while clocks passed: all is worked out without it."""
    told = await stage.opens()
    await told.until_day(8)
    await told.submit("summons_served", id="wrong-summons", **SUMMONS)
    await told.until_day(25)
    await told.signal("recorded_in_error", {"event_id": "wrong-summons", "reason": "Assignation d'un autre dossier"})
    await told.until_day(66)
    await told.submit("response_given", **REJECTED)
    await told.submit("withdrawn")
    return told


@life
async def calendar_changed(stage: OneComplaint) -> Told:
    """Due dates worked out again on the way."""
    told = await stage.opens(sent_on=(stage.today - timedelta(days=3)).isoformat())
    await told.until_day(2)
    await told.signal("calendar_changed", {"reason": "Fermeture décidée"})
    await told.until_day(15)
    await told.submit("calendar_changed", reason="Fermeture annulée")
    await told.until_day(24)
    await told.submit("withdrawn")
    return told


@life
async def what_senders_get_wrong(stage: OneComplaint) -> Told:
    """No input, two, no object, no known name, unreadable, impossible here: all refused, none lost."""
    told = await stage.opens()
    for inputs in ((), ({"text": "un"}, {"text": "deux"}), (["no object"],), ({"txet": "?"},), (None,)):
        await told.signal("note_added", *inputs)
    await told.signal("response_given", RawValue(Payload(metadata={"encoding": b"binary/unheard-of"}, data=b"\x00")))
    await told.signal("no_such_signal", {"text": "?"})
    await told.signal("another_unknown_signal")
    await told.signal("letter_sent", {"id": f"{told.reference}/1/holding/1"})  # an act of ours, said by somebody
    await told.signal("litigation_ended", {"outcome": "?"})
    await told.signal("note_added", {"id": "once", "text": "Une fois."})
    await told.signal("note_added", {"id": "once", "text": "Une fois."})
    assert await told.refused("mediation_ended", outcome="opinion")
    assert await told.refused("no_such_event")
    await told.until_day(2)
    await told.submit("note_added", id="once", text="Une fois.")
    await told.signal("recorded_in_error", {"event_id": "once", "reason": "Autre dossier"})  # works all of it out anew
    await told.submit("withdrawn")
    return told


@life
async def rejection_before_the_answer(stage: OneComplaint) -> Told:
    """It waits for the answer it speaks of; the answer arrives later and happened before."""
    told = await stage.opens()
    answered_at = await told.now()
    await told.until_day(2)
    await told.signal("customer_rejects", {"reasons": "Non."})
    await told.until_day(3)
    await told.signal("response_given", {**REJECTED, "at": answered_at.isoformat()})
    await told.until_day(12)
    await told.submit("withdrawn")
    return told


@life
async def nobody_reachable(stage: OneComplaint) -> Told:
    """No address and an insurer nobody knows: letters and calls fail, staff put it right, they leave."""
    told = await stage.opens(
        source="DGCCRF", insurer="inconnue", complainant={"name": "Anne Martin"}, policy_number=None
    )
    await told.until_day(1)
    complainant = {"name": "Anne Martin", "email": "anne.martin@example.org"}
    await told.submit("details_given", insurer="assureur-exemple", complainant=complainant, policy_number="A-1")
    assert await told.refused("withdrawn")
    await told.until_day(3)
    await told.submit("response_given", **PARTLY)
    await told.submit("customer_accepts")
    return told


@life
async def received_long_ago(stage: OneComplaint) -> Told:
    """Entered three months late: what is overdue is acted on at once, in one letter, and recorded as missed."""
    day = stage.today - timedelta(days=100)
    told = await stage.opens(received_at=at_time(day, time(10)).isoformat(), sent_on=day.isoformat())
    await told.until_day(10)
    await told.submit("response_given", **REJECTED)
    await told.submit("customer_accepts")
    return told


@life
async def refused_at_the_door(stage: OneComplaint) -> Told:
    """No complaint: the run fails, and the reference is free for a corrected start."""
    told = await stage.starts({"summary": "?"})
    try:
        await told.result()
    except WorkflowFailureError:
        return told
    raise AssertionError("a start without its fields was accepted")


@life
async def reopened(stage: OneComplaint) -> Told:
    """Closed by acceptance, contested after all: the same reference, clocks and levels as they stood."""
    told = await stage.opens()
    await told.submit("response_given", **REJECTED)
    await told.submit("customer_accepts")
    await told.result()
    complaints = Complaints(stage.environment.client, stage.settings.task_queue)
    await complaints.submit(told.reference, "customer_rejects", {"at": (await told.now()).isoformat()})
    again = Told(stage, stage.environment.client.get_workflow_handle(told.reference))
    await again.settled()
    await again.until_day(16)
    await again.submit("response_given", **PARTLY)
    await again.until_day(370)
    return again


async def continued(stage: OneComplaint) -> Told:
    """So long a history that the server asks for a new run, which takes everything over (`record` makes it short)."""
    told = await stage.opens()
    for number in range(8):
        await told.submit("note_added", id=f"note-{number}", text=f"Appel {number}.")
    await told.until_day(18)
    await told.submit("response_given", **REJECTED)
    await told.submit("customer_accepts")
    return told
