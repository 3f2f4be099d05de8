"""What can happen to a complaint after it came in: each a signal of that name and a `type` of the `submit` update."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from workflows.procedure.intake import (
    Complainant,
    ContactId,
    Id,
    Instant,
    Line,
    PlausibleDate,
    Representative,
    Shape,
    Text,
    problems,
)
from workflows.procedure.vocabulary import Channel, Decision, DeliveryStatus, MediationOutcome, Party

CAUSE_ID = re.compile(r"[a-z][a-z0-9_]*")


def _cause(said: str) -> str:
    if not CAUSE_ID.fullmatch(said):
        raise ValueError("expected an id of the firm's list of causes, such as delay")
    return said


Cause = Annotated[Line, AfterValidator(_cause)]


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValueError("expected a three-letter currency code such as EUR")
    return code.upper()


class Money(Shape):
    """An amount in a currency (ISO 4217)."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
    currency: Annotated[str, AfterValidator(_currency)] = "EUR"


class Offer(Money):
    """What the compagnie is prepared to pay or do; § 5 wants its terms explained."""

    terms: Text


class Event(Shape):
    """What every event may carry. `at`: when it happened (default: when the worker takes it up)."""

    asks: ClassVar[str]
    """What to send, in one sentence for the person at the dialog."""
    example: ClassVar[dict[str, Any]]
    """A message that is accepted where the table accepts the event."""

    id: Line | None = None
    by: Line | None = None
    at: Instant | None = None

    def days_named(self) -> dict[str, date]:
        """The dates of the past this event names, by field: none may lie in the future."""
        return {}


class ResponseGiven(Event):
    """The answer. `sent_by: system` releases the resolution letter from here; `staff`: it has left already.

    A letter of staff without `sent_on` left on the day of `at`.
    """

    asks = "The answer to the customer: it releases the resolution letter (or records that staff have sent it)."
    example = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais du contrat."}

    decision: Decision
    reasons: Text
    offer: Offer | None = None
    sent_by: Literal["system", "staff"] = "system"
    sent_on: PlausibleDate | None = None
    channel: Channel | None = None
    approved_by: Line | None = None
    """The second person who released it, where the firm wants one (an addition to the contract)."""

    @model_validator(mode="after")
    def _sent_on_goes_with_staff(self) -> "ResponseGiven":
        if self.sent_by == "system" and self.sent_on is not None:
            raise ValueError("`sent_on` goes with `sent_by: staff`: a letter of ours bears its own date")
        return self

    def days_named(self) -> dict[str, date]:
        """The day a letter of staff left."""
        return {"sent_on": self.sent_on} if self.sent_on else {}


class CustomerRejects(Event):
    """The customer is not satisfied with the answer given."""

    asks = "The customer contests the answer. Before any answer it waits for one."
    example = {"reasons": "L'indemnité ne couvre pas le devis.", "received_on": "2026-12-15"}

    reasons: Text | None = None
    received_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day the rejection came in."""
        return {"received_on": self.received_on} if self.received_on else {}


class MediatorSeized(Event):
    """The mediator has notified a Party that the customer seized them."""

    asks = "The mediator's notification: which Party it was addressed to, and when."
    example = {"addressed_to": "broker", "notified_on": "2026-12-15", "mediator_reference": "LMA-2026-1"}

    addressed_to: Party
    mediator_reference: Line | None = None
    notified_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day of the notification."""
        return {"notified_on": self.notified_on} if self.notified_on else {}


class SummonsServed(Event):
    """A summons before a court (assignation) was served on a Party."""

    asks = "A summons before a court: on which Party, and when it was served."
    example = {"addressed_to": "broker", "court": "Tribunal judiciaire de Troyes", "served_on": "2026-12-15"}

    addressed_to: Party
    court: Line | None = None
    served_on: PlausibleDate | None = None
    hearing_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day of service."""
        return {"served_on": self.served_on} if self.served_on else {}


class ResultsKnown(Event):
    """The investigation has its results: the five days of the resolution letter begin."""

    asks = "The results of the investigation: the resolution letter is owed within five business days."
    example = {"decision": "partly_upheld", "reasons": "La vétusté a été surestimée."}

    decision: Decision
    reasons: Text
    offer: Offer | None = None


class EstimateGiven(Event):
    """When the results are expected, and where matters stand: the next letter says so."""

    asks = "The date the results are expected and the situation, for the next letter to the customer."
    example = {"expected_on": "2027-01-15", "situation": "Nous attendons le rapport de l'expert."}

    expected_on: PlausibleDate
    situation: Text


class SourceJoined(Event):
    """A lawyer or a body takes the complaint up later: it becomes sensitive (level 2b)."""

    asks = "A lawyer, an authority or a journalist takes the complaint up: who, and which Party received it."
    example = {
        "source": "lawyer",
        "received_by": "broker",
        "representative": {"name": "Maître Claire Petit", "email": "c.petit@example.org", "mandate": True},
    }

    source: Line
    received_by: Party
    representative: Representative | None = None


class WrittenComplaintReceived(Event):
    """The writing that follows a complaint made by phone: its regulatory clocks begin."""

    asks = "The written complaint that follows the phone call: when it was sent and received, and how."
    example = {"sent_on": "2026-12-14", "received_on": "2026-12-15", "channel": "post"}

    received_on: PlausibleDate
    channel: Channel
    sent_on: PlausibleDate | None = None

    @model_validator(mode="after")
    def _in_writing(self) -> "WrittenComplaintReceived":
        if not self.channel.written:
            raise ValueError("a phone call is no writing: expected email, post, web or portal")
        if self.sent_on and self.sent_on > self.received_on:
            raise ValueError("`sent_on` lies after `received_on`")
        return self

    def days_named(self) -> dict[str, date]:
        """The days of sending and of receipt."""
        days = {"received_on": self.received_on}
        return days | ({"sent_on": self.sent_on} if self.sent_on else {})


class DetailsGiven(Event):
    """What was missing in the file, or wrong, is put right."""

    asks = "Missing or corrected details of the file; only what is given changes."
    example = {"policy_number": "AUTO-2024-118", "insurer": "assureur-exemple"}

    _details: ClassVar[tuple[str, ...]] = (
        "policy_number", "insurer", "complainant", "representative", "sent_on", "steps_taken", "complained_about",
    )  # fmt: skip

    policy_number: Line | None = None
    insurer: Id | None = None
    complainant: Complainant | None = None
    representative: Representative | None = None
    sent_on: PlausibleDate | None = None
    steps_taken: Text | None = None
    complained_about: ContactId | None = None

    @model_validator(mode="after")
    def _something(self) -> "DetailsGiven":
        if not self.given():
            raise ValueError(f"give at least one of {', '.join(self._details)}")
        return self

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        return {name: getattr(self, name) for name in self._details if getattr(self, name) is not None}

    def days_named(self) -> dict[str, date]:
        """The day of sending."""
        return {"sent_on": self.sent_on} if self.sent_on else {}


class PartnerAnswered(Event):
    """The other Party has answered a request for help."""

    asks = "The other Party's answer to our request for help."
    example = {"party": "insurer", "answer": "La garantie vol est acquise.", "documents": ["expertise.pdf"]}

    party: Party
    answer: Text
    documents: list[Line] = []
    request: int | None = None
    """Which request it answers; without it, the oldest open one of that Party."""


class HelpWanted(Event):
    """A person asks the other Party for help, with the deadline of any request."""

    asks = "What the other Party is asked for; it gets the usual deadline, and reminders."
    example = {"about": "Le rapport de l'expert et votre position sur la vétusté."}

    about: Text
    party: Party | None = None
    """The Party asked; without it, the one that does not lead."""


class ContactReassigned(Event):
    """Another person takes charge; without `contact`, the directory proposes one."""

    asks = "Another person in charge (an id of the directory; without it one is chosen), and why."
    example = {"contact": "c-002", "reason": "Congé maternité"}

    reason: Text
    contact: Line | None = None


class CustomerAccepts(Event):
    """The customer accepts the answer: the complaint closes."""

    asks = "The customer accepts the answer given."
    example = {"received_on": "2026-12-15"}

    received_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day the acceptance came in."""
        return {"received_on": self.received_on} if self.received_on else {}


class Withdrawn(Event):
    """The customer withdraws the complaint: it is confirmed in writing, and closes."""

    asks = "The customer withdraws the complaint."
    example = {"received_on": "2026-12-15"}

    received_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day the withdrawal came in."""
        return {"received_on": self.received_on} if self.received_on else {}


class MediationEnded(Event):
    """The mediator has ended the mediation; three of the five ends bring the complaint back to us."""

    asks = "How the mediation ended: inadmissible, premature, withdrawn, settled or opinion."
    example = {"outcome": "opinion", "opinion_favours": "complainant", "accepted": True}

    outcome: MediationOutcome
    opinion_favours: Line | None = None
    accepted: bool | None = None


class LitigationEnded(Event):
    """The court proceedings are over."""

    asks = "How the court proceedings ended."
    example = {"outcome": "Désistement d'instance"}

    outcome: Text


class ReplyFiled(Event):
    """Our reply left for the mediator, or our counsel appeared before the court (an addition to the contract)."""

    asks = "Our reply was sent to the mediator, or our counsel appeared before the court: it keeps that clock."
    example = {"to": "mediator", "filed_on": "2026-12-15"}

    to: Literal["mediator", "court"]
    filed_on: PlausibleDate | None = None

    def days_named(self) -> dict[str, date]:
        """The day of filing."""
        return {"filed_on": self.filed_on} if self.filed_on else {}


class DeliveryReported(Event):
    """What happened to a letter. `posted`: staff put it in the post; `lost`: it reached nobody, and is sent again."""

    asks = (
        "What happened to a letter: bounced, blocked, returned, delivered; posted, when staff put it in the post; "
        "lost, when it reached nobody and is to be sent again."
    )
    example = {"letter_id": "REC-2026-7F3K9Q/1/acknowledgement/1", "status": "bounced"}

    letter_id: Line
    status: DeliveryStatus
    detail: Text | None = None


class RecordedInError(Event):
    """An event that should not have been recorded here: the dossier is worked out without it."""

    asks = "The id of the event recorded by mistake, and why; level and clocks are worked out without it."
    example = {"event_id": "e-4", "reason": "Assignation d'un autre dossier"}

    event_id: Line
    reason: Text


class CalendarChanged(Event):
    """The firm's calendar or deadlines changed: the due dates of this open complaint are worked out again."""

    asks = "Why the due dates are to be worked out again from the firm's present file."
    example = {"reason": "Fermeture du 4 janvier décidée"}

    reason: Text


class NoteAdded(Event):
    """A note for the file; it changes nothing."""

    asks = "A note for the file."
    example = {"text": "Le client a rappelé ce matin."}

    text: Text


class ComplaintClassified(Event):
    """What the complaint comes from, for the register (an addition to the contract); it changes nothing owed.

    Given again, a field replaces what stood there. `cause` is an id of the firm's list, which the rules do not carry:
    the list may grow while complaints run, and after they closed.
    """

    asks = (
        "For the register: the cause (an id of the firm's list), the root cause and the corrective action in words "
        "without names, the redress really paid. Only what is given changes."
    )
    example = {
        "cause": "delay",
        "root_cause": "Une seule personne suit les expertises.",
        "corrective_action": "Un remplaçant est désigné pour chaque expertise.",
    }

    cause: Cause | None = None
    root_cause: Text | None = None
    corrective_action: Text | None = None
    redress: Money | None = None

    @model_validator(mode="after")
    def _something(self) -> "ComplaintClassified":
        if not self.given():
            raise ValueError("give at least one of cause, root_cause, corrective_action, redress")
        return self

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        own = ("cause", "root_cause", "corrective_action", "redress")
        return {name: getattr(self, name) for name in own if getattr(self, name) is not None}


EVENTS: dict[str, type[Event]] = {
    "response_given": ResponseGiven,
    "customer_rejects": CustomerRejects,
    "mediator_seized": MediatorSeized,
    "summons_served": SummonsServed,
    "results_known": ResultsKnown,
    "estimate_given": EstimateGiven,
    "source_joined": SourceJoined,
    "written_complaint_received": WrittenComplaintReceived,
    "details_given": DetailsGiven,
    "partner_answered": PartnerAnswered,
    "help_wanted": HelpWanted,
    "contact_reassigned": ContactReassigned,
    "customer_accepts": CustomerAccepts,
    "withdrawn": Withdrawn,
    "mediation_ended": MediationEnded,
    "litigation_ended": LitigationEnded,
    "reply_filed": ReplyFiled,
    "delivery_reported": DeliveryReported,
    "recorded_in_error": RecordedInError,
    "calendar_changed": CalendarChanged,
    "note_added": NoteAdded,
    "complaint_classified": ComplaintClassified,
}
"""Every event by its name, which is a signal's name and a `type` of `submit`."""


class NotUnderstood(ValueError):
    """A message that is no event; `args[0]` says what is wrong with it, for the person who sent it."""


def parse_event(kind: str, message: Any) -> Event:
    """Read one message as the event `kind`.

    Raises:
        NotUnderstood: the kind is unknown, the message is no object, or a field is missing, unknown or malformed.

    """
    if kind not in EVENTS:
        raise NotUnderstood(f"unknown event; known are: {', '.join(EVENTS)}")
    if not isinstance(message, dict):
        raise NotUnderstood("expected one JSON object")
    # Who knows `submit` may give the type in a signal too.
    fields = {name: value for name, value in message.items() if name != "type" or value != kind}
    try:
        return EVENTS[kind].model_validate(fields)
    except ValidationError as error:
        raise NotUnderstood("; ".join(problems(error))) from None
