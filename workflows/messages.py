"""What the workflow and its activities say to each other. Names of activities, and what each takes and returns."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from workflows.procedure.dossier import Carried
from workflows.procedure.orders import Contact, LetterOrder, Notice, PartnerCall
from workflows.procedure.vocabulary import Language, LetterStatus, Level, Way

PIN_PROCEDURE = "pin_procedure"
ASSIGN_CONTACT = "assign_contact"
NOTIFY = "notify"
ESCALATE = "escalate"
RECORD = "record"

A_LETTER_TAKES = timedelta(seconds=30)
"""How long one attempt at a letter, or at a call on the other Party, may take."""
A_SIGN_OF_LIFE = timedelta(seconds=5)
"""How often at least an attempt at a letter says that it is alive: when its worker was killed, another is made."""

NOT_OPEN_YET_TYPE = "NotOpenYet"
NOT_OPEN_YET = "The dossier is being opened: ask again in a moment."
"""What a query answers during the moments before the dossier is there."""


class Message(BaseModel):
    """One object in, one object out; new fields are optional, so that running complaints keep working."""

    model_config = ConfigDict(frozen=True)


class PinRequest(Message):
    """Asks `pin_procedure` for the procedure as it stands, with its closed days from `first` to two years past `last`.

    Returns: `workflows.procedure.pinned.Procedure`.
    """

    first: date
    last: date


class AssignRequest(Message):
    """Asks `assign_contact` for a person: able to handle the level, present on `on`, least loaded."""

    reference: str
    level: Level
    on: date
    language: Language
    wanted: str | None = None
    """The id of the person asked for by name."""
    not_this_one: str | None = None
    """The id of the person to be relieved."""
    keep: str | None = None
    """The id of the person who was in charge of it before it was closed."""
    never: str | None = None
    """The id of the person it is about."""


class Assignment(Message):
    """Whom the directory proposes; without a contact, `problem` says why nobody can take charge."""

    contact: Contact | None = None
    problem: str | None = None


class NotifyRequest(Message):
    """Asks `notify` to write and deliver letters and notices. Each is delivered once, however often this is asked."""

    reference: str
    contact: Contact | None
    letters: list[LetterOrder] = []
    notices: list[Notice] = []
    never: str | None = None
    """The id of the person it is about, who is told nothing."""


class Delivery(Message):
    """What became of one letter. `at` is the complaint's time, in UTC: acceptance, or the moment it was queued."""

    letter_id: str
    status: Literal[
        LetterStatus.SENT, LetterStatus.QUEUED, LetterStatus.FAILED, LetterStatus.DEFERRED, LetterStatus.DOUBTFUL
    ]
    at: datetime
    template: str = ""
    proof: str | None = None
    sha256: str = ""
    carrier: str = ""
    attempt: int = 0
    problem: str | None = None
    """Why it could not leave, or why that is not known, for staff."""
    retry_after: timedelta | None = None
    """How long the carrier asks to be left alone."""


class NotifyResult(Message):
    """What `notify` did: one delivery for each letter ordered, and the keys of the notices no carrier could take."""

    letters: list[Delivery] = []
    untold: list[str] = []


class EscalateRequest(Message):
    """Asks `escalate` to call on the other Party. Each call is made once, however often this is asked."""

    calls: list[PartnerCall]
    contact: Contact | None
    dossier: dict[str, Any] | None = None
    """What the query `dossier` answers, when the dossier is handed over by one of the calls."""


class CallOutcome(Message):
    """What became of one call on the other Party."""

    key: str
    at: datetime
    party_contact: str | None = None
    """The address written to, or the host of the webhook that took it."""
    by: Way | None = None
    """By which way it went, or could not go now."""
    webhook_problem: str | None = None
    """Why the webhook refused it, so that an e-mail was written instead; for staff."""
    problem: str | None = None
    """Why the Party could not be reached, for staff."""
    deferred: bool = False
    """No carrier could take it now: it is to be tried again."""


class EscalateResult(Message):
    """What `escalate` did: one outcome for each call."""

    outcomes: list[CallOutcome]


class RecordRequest(Message):
    """Asks `record` to write the dossier as it stands into the register. The same or an older state changes nothing."""

    dossier: Carried
