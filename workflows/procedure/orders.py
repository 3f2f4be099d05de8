"""What the rules order from the world: letters to the customer, notices to staff, calls on the other Party."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workflows.procedure.events import Offer
from workflows.procedure.vocabulary import Channel, Decision, Language, LetterKind, Level, Party


class Order(BaseModel):
    """Travels to an activity and is written into the history: lean, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(Order):
    """The person in charge, as the customer is told of them (§ 2 and § 3)."""

    id: str
    name: str
    phone: str
    email: str


class Recipient(Order):
    """To whom letters go: the complainant, or a representative with a mandate."""

    name: str
    language: Language
    email: str | None = None
    postal_address: str | None = None
    organisation: str | None = None
    on_behalf_of: str | None = None
    """The complainant's name, when a representative is written to."""
    their_reference: str | None = None


class LetterFacts(Order):
    """What a letter can speak of. Dates are civil dates in Paris; what a letter does not need is left out."""

    reference: str
    received_on: date
    channel: Channel
    consumer: bool
    handling_party: Party
    insurer: str | None = None
    policy_number: str | None = None
    missing: tuple[str, ...] = ()
    """Details of the file to ask for (`policy_number`, `insurer`)."""
    expected_on: date | None = None
    situation: str | None = None
    """None: nobody gave one, and the firm's own sentence stands."""
    decision: Decision | None = None
    reasons: str | None = None
    offer: Offer | None = None
    answered_on: date | None = None
    contested: bool = False
    """The answer told is one the customer has rejected already: its letter is late, and ends nothing."""
    two_months_on: date | None = None
    mediation_opens_on: date | None = None
    mediation_closes_on: date | None = None
    mediator_seized_on: date | None = None
    withdrawn_on: date | None = None


class StaffRole(StrEnum):
    """Whom a notice is for."""

    CONTACT = "contact"
    MANAGER = "manager"


class Notice(Order):
    """A matter for a person of the firm, told once: `key` is the matter's business key."""

    key: str
    to: tuple[StaffRole, ...]
    text: str
    when: Literal["now", "morning"] = "now"
    """`morning`: no message of its own; the digest of the next open morning says it, in office hours."""


class LetterOrder(Order):
    """One letter to write and deliver, once: `letter_id` is its business key `reference/round/kind/n`."""

    letter_id: str
    kind: LetterKind
    sections: tuple[LetterKind, ...]
    """What it says: its own kind first, then those of the letters owed on the same day that it takes with it."""
    serves: tuple[str, ...]
    """Keys of the clocks it acts for."""
    due_on: date | None
    channel: Channel
    recipient: Recipient
    contact: Contact
    facts: LetterFacts
    tell_when_it_leaves: Notice | None = None
    """What staff must know of it once it has left."""


class CallKind(StrEnum):
    """Why the other Party is called on."""

    ASK = "ask"  # help with a deadline (2a, 2b)
    REMIND = "remind"  # the deadline is here
    INSIST = "insist"  # it has passed: their manager
    HAND_OVER = "hand_over"  # that Party leads: the dossier goes to it
    INFORM = "inform"  # level 4: it is told
    TAKE_BACK = "take_back"  # help no longer needed


class PartnerCall(Order):
    """One message to the other Party, sent once: `key` is its business key."""

    key: str
    kind: CallKind
    party: Party
    insurer: str | None
    reference: str
    level: Level
    about: str
    """What is asked or told, a sentence of the rules' own."""
    answer_by: date | None = None
    request: int | None = None
    """The number of the request for help it belongs to."""
    by_email: bool = False
    """Its webhook has not taken it often enough: the e-mail contact is written to."""
