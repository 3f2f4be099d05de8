"""What a dossier keeps: entries of the journal, letters, answers, requests for help, a mediation, a summons."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from workflows.procedure.events import Money, Offer
from workflows.procedure.orders import CallKind
from workflows.procedure.vocabulary import (
    Channel,
    ClockName,
    Decision,
    EntryStatus,
    Language,
    LetterKind,
    LetterStatus,
    Level,
    MediationOutcome,
    Party,
    RequestStatus,
)


class Record(BaseModel):
    """A part of the dossier, changed only by the rules."""

    model_config = ConfigDict(extra="forbid")


class Entry(Record):
    """One line of the journal. `at`: when it happened; `recorded_at`: when the complaint took it up (both aware).

    Entries of `by: system` are the complaint's own acts. `data` holds what was said, so that the dossier can be worked
    out again from its journal alone.
    """

    at: datetime
    recorded_at: datetime
    type: str
    by: str | None
    id: str
    status: EntryStatus
    reason: str | None = None
    at_assumed: bool = False
    in_clear: bool = False
    """Whether it came in clear although payloads are encrypted."""
    data: dict[str, Any] = {}


class Letter(Record):
    """A letter to the customer and its proof. `sent_at`: the carrier's acceptance, or the posting staff confirmed."""

    id: str
    kind: LetterKind
    sections: list[LetterKind]
    round: int
    language: Language
    serves: list[ClockName]
    clocks: list[str]
    causes: list[str] = []
    due_on: date | None
    channel: Channel
    status: LetterStatus
    prepared_at: datetime
    sent_at: datetime | None = None
    template: str = ""
    proof: str | None = None
    announces: date | None = None
    estimated: bool = True
    """Whether a person gave the date it announces; else it is the firm's default."""
    contact: str | None = None
    problem: str | None = None
    sha256: str = ""
    """Of the bytes that were handed to the carrier, or printed."""
    carrier: str = ""
    attempt: int = 0
    """Which attempt of the register this was; 0 when no carrier was asked."""
    tries: int = 0
    """How often a carrier could not take it."""
    tried_since: datetime | None = None
    again_at: datetime | None = None
    """When it is tried again; for a doubtful one, when a person is to decide."""
    person_decides: bool = False
    kept: list[str] = []
    """Keys of the clocks this letter kept: a bounce takes that back."""


class Answer(Record):
    """An answer given to the customer, by a letter from here or one staff have sent."""

    event_id: str
    round: int
    at: datetime
    decision: Decision
    reasons: str
    offer: Offer | None = None
    sent_by: str = "system"


class Mediation(Record):
    """A seizure of the mediator, and how it ended."""

    addressed_to: Party
    notified_on: date
    reference: str | None = None
    outcome: MediationOutcome | None = None


class Litigation(Record):
    """Proceedings before a court, and how they ended."""

    addressed_to: Party
    served_on: date
    court: str | None = None
    hearing_on: date | None = None
    outcome: str | None = None


class HelpStep(Record):
    """A day on which a request is repeated: to the Party (`remind`), or to its manager (`insist`)."""

    at: datetime
    kind: CallKind


class Handling(Record):
    """Who led and who helped from `since` on, and what made it so: an entry of the journal."""

    since: datetime
    level: Level
    handled_by: Party
    helped_by: Party | None
    because: str
    entry: str


class Classification(Record):
    """What staff say the complaint comes from, for the register. `cause`: an id of the firm's list."""

    cause: str | None = None
    root_cause: str | None = None
    corrective_action: str | None = None
    redress: Money | None = None
    """What was really paid, where it is not what the last answer offered."""


class HelpRequest(Record):
    """Help asked of the other Party."""

    number: int
    party: Party
    asked_at: datetime
    about: str
    due_on: date
    clock: str = ""
    """The key of the clock that runs for it."""
    steps: list[HelpStep] = []
    """When it is still to be repeated."""
    status: RequestStatus = RequestStatus.OPEN
    answered_at: datetime | None = None
    answer: str | None = None
    documents: list[str] = []


class LetterCall(Record):
    """A letter called for by something that happened, not by a clock; `cause` is the id of that entry."""

    kind: LetterKind
    cause: str
    blocked: bool = False
    again_at: datetime | None = None
    """No carrier could take it: not before this."""


class PartnerWish(Record):
    """A call on the other Party that is still to be made; `cause` is the id of the entry that wants it."""

    kind: CallKind
    cause: str
    party: Party
    level: Level
    about: str
    request: int | None = None
    blocked: bool = False
    deferred: int = 0
    """How often it could not be made."""
    again_at: datetime | None = None
    """No carrier could take it: not before this."""
    tries: int = 0
    """How often the Party's webhook did not take it."""

    @property
    def key(self) -> str:
        """The business key within the complaint."""
        return f"{self.kind}/{self.cause}"


class ContactWish(Record):
    """A person is to be put in charge; `wanted` names one, `keep` is who had it before it was closed."""

    wanted: str | None = None
    instead_of: str | None = None
    keep: str | None = None
    again_at: datetime | None = None
    """Nobody was to be had: looked for again then, or when a person has acted."""
