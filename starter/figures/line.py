"""One line of the register: what a supervisor asks of one complaint. Dates are civil dates in Paris."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from workflows.procedure.calendar import months_after
from workflows.procedure.intake import ComplainantKind
from workflows.procedure.vocabulary import (
    Channel,
    ClockName,
    ClockState,
    Decision,
    LetterKind,
    Level,
    MediationOutcome,
    Party,
    Stage,
)


class Part(BaseModel):
    """A part of a line; never changed once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelChange(Part):
    """The level the complaint was at from that day on."""

    on: date
    level: Level


class StageChange(Part):
    """The stage the complaint was at from that day on; days never run backwards."""

    on: date
    stage: Stage


class Handler(Part):
    """A person who was in charge from that day on. `id`: opaque; `name`: personal."""

    on: date
    id: str
    name: str | None


class Extension(Part):
    """A letter that told the customer to wait: what it was, when it left, until when they are to wait."""

    kind: LetterKind
    sent_on: date
    announces: date | None


class Mediation(Part):
    """A seizure of the mediator, and its end."""

    seized_on: date
    addressed_to: Party
    ended_on: date | None = None
    outcome: MediationOutcome | None = None
    favours: str | None = None
    """Whom an opinion favours, as staff wrote it."""
    accepted: bool | None = None


class CourtCase(Part):
    """A summons, and the end of the proceedings. `outcome` is free text: personal."""

    served_on: date
    addressed_to: Party
    ended_on: date | None = None
    outcome: str | None = None


class Breach(Part):
    """A clock that was not kept by the end of its last day."""

    clock: ClockName
    due_on: date


class RedressBasis(StrEnum):
    """What an amount of redress rests on."""

    OFFERED = "offered"  # by the last answer
    PAID = "paid"  # staff have said so (`complaint_classified`)


class Outcome(StrEnum):
    """What came of a complaint: its last answer, or that there is none."""

    UPHELD = Decision.UPHELD.value
    PARTLY_UPHELD = Decision.PARTLY_UPHELD.value
    REJECTED = Decision.REJECTED.value
    WITHDRAWN = "withdrawn"
    """Withdrawn before an answer was given."""
    UNANSWERED = "unanswered"


class DelayBand(StrEnum):
    """How long the first written answer took, in civil days from the sending of the first writing."""

    TEN_DAYS = "within_10_days"
    TWO_MONTHS = "within_2_months"
    OVER_TWO_MONTHS = "over_2_months"
    UNANSWERED = "unanswered"


TEN_DAYS, TWO_MONTHS = 10, 2

PERSONAL: dict[str, Any] = {
    **dict.fromkeys(("complainant", "representative", "policy_number", "summary", "reasons"), True),
    "handlers": {"__all__": {"name"}},
    "court_cases": {"__all__": {"outcome"}},
}
"""Fields an anonymous register leaves out, as pydantic's `exclude` names them."""


class RegisterLine(Part):
    """One complaint (fields: ACPR 2024-R-02 and what insurers ask of delegated brokers)."""

    reference: str
    sent_on: date | None
    """The sending of the first writing; None: never put in writing."""
    sent_on_assumed: bool
    received_on: date
    channel: Channel
    received_by: Party
    complainant_kind: ComplainantKind
    complainant: str | None
    consumer: bool
    represented: bool
    representative: str | None
    policy_number: str | None
    product: str | None
    insurer: str | None
    summary: str
    cause: str | None
    """An id of the firm's list; None: nobody has classified it."""
    levels: tuple[LevelChange, ...]
    """From the opening on; a level that came back is there again."""
    stages: tuple[StageChange, ...]
    rounds: int
    handling_party: Party
    handlers: tuple[Handler, ...]
    acknowledgement: ClockState | None
    """Whether the ten jours ouvrables were kept; None: nothing to acknowledge, it was never put in writing."""
    acknowledged_on: date | None
    extensions: tuple[Extension, ...]
    answered_on: date | None
    """The first answer in writing; of a complaint that was never put in writing, the first answer."""
    last_answered_on: date | None
    outcome: Outcome
    reasons: str | None
    """Of the last answer."""
    redress: Decimal | None
    redress_currency: str | None
    redress_basis: RedressBasis | None
    mediator_named: bool | None
    """Whether a letter that left named the mediator; None: none is open to this complainant."""
    sensitive_sources: tuple[str, ...]
    mediations: tuple[Mediation, ...]
    court_cases: tuple[CourtCase, ...]
    root_cause: str | None
    corrective_action: str | None
    days_from_sending: int | None
    """Civil days from sending (else receipt) to `answered_on`: the law's clock."""
    open_days_from_receipt: int | None
    """Jours ouvrés from receipt to `answered_on`: the firm's clock; None too where the calendar does not reach."""
    breaches: tuple[Breach, ...]
    closed_on: date | None
    closed_by: str | None

    @property
    def opening_level(self) -> Level:
        """The level at which it was opened."""
        return self.levels[0].level

    @property
    def level(self) -> Level:
        """The level it stands at."""
        return self.levels[-1].level

    @property
    def highest_level(self) -> Level:
        """The highest level it ever stood at, a mediation that was handed back included."""
        return max((change.level for change in self.levels), key=lambda level: level.rank)

    @property
    def stage(self) -> Stage:
        """The stage it stands at."""
        return self.stages[-1].stage

    @property
    def counted_from(self) -> date:
        """The day its delay is counted from: of sending, or of receipt where nothing was ever written."""
        return self.sent_on or self.received_on

    @property
    def delay(self) -> DelayBand:
        """The band its first answer falls in."""
        if self.answered_on is None:
            return DelayBand.UNANSWERED
        if (self.answered_on - self.counted_from).days <= TEN_DAYS:
            return DelayBand.TEN_DAYS
        in_time = self.answered_on <= months_after(self.counted_from, TWO_MONTHS)
        return DelayBand.TWO_MONTHS if in_time else DelayBand.OVER_TWO_MONTHS

    def stage_before(self, day: date) -> Stage | None:
        """The stage it stood at when `day` began; None: it had not come in."""
        stood = [change.stage for change in self.stages if change.on < day]
        return stood[-1] if stood else None
