"""The yearly figures, as a model: what each counts is said in `docs/figures.md`."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from starter.figures.line import DelayBand, Outcome
from workflows.procedure.vocabulary import Channel, ClockName, Level, Stage

NOT_STATED = "not_stated"
"""Where products and insurers are counted, the place of complaints that name none."""


class Part(BaseModel):
    """A part of the figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Acknowledged(StrEnum):
    """What became of the ten jours ouvrables in which a complaint is to be acknowledged."""

    IN_TIME = "in_time"
    LATE = "late"
    PENDING = "pending"
    NOT_OWED = "not_owed"


class MediationResult(StrEnum):
    """How a mediation ended, an opinion by whom it favours."""

    INADMISSIBLE = "inadmissible"
    PREMATURE = "premature"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    OPINION_FOR = "opinion_for_complainant"
    OPINION_AGAINST = "opinion_against_complainant"
    OPINION = "opinion_not_stated"


class Movement(Part):
    """What was open, came and went: `open_at_start + received + reopened - closed == open_at_end`."""

    open_at_start: int
    received: int
    reopened: int
    closed: int
    open_at_end: int
    open_by_stage: dict[Stage, int]
    """Of those open at the end, how many stood at which stage."""


class Redress(Part):
    """Of the complaints received: how many led to redress, and its total in each currency (ISO 4217)."""

    complaints: int
    totals: dict[str, Decimal]


class Mediations(Part):
    """The mediator in the year: seizures notified, mediations ended by result, those not ended by its last day."""

    seized: int
    ended: dict[MediationResult, int]
    pending: int


class Courts(Part):
    """Summonses served in the year, proceedings ended in it, those not ended by its last day."""

    summonses: int
    ended: int
    pending: int


class Lesson(Part):
    """What staff said a complaint received in the year comes from, and what is done about it."""

    reference: str
    cause: str | None
    root_cause: str | None
    corrective_action: str | None


class YearFigures(Part):
    """One civil year (Paris). Unless said otherwise, of the complaints received in it, as they stand now."""

    year: int
    movement: Movement
    by_cause: dict[str, int]
    """Ids of the firm's list, `unclassified` among them."""
    by_opening_level: dict[Level, int]
    by_highest_level: dict[Level, int]
    by_channel: dict[Channel, int]
    by_product: dict[str, int]
    by_insurer: dict[str, int]
    by_outcome: dict[Outcome, int]
    by_delay: dict[DelayBand, int]
    acknowledgements: dict[Acknowledged, int]
    redress: Redress
    breaches: dict[ClockName, int]
    """Clocks whose last day lay in the year and that were not kept, whenever the complaint came in."""
    mediations: Mediations
    courts: Courts
    delay_by_quarter: tuple[dict[DelayBand, int], ...]
    """Four quarters of receipt."""
    level_by_month: tuple[dict[Level, int], ...]
    """Twelve months of receipt; the level at opening."""
    lessons: tuple[Lesson, ...]


class Figures(Part):
    """The figures of a year beside those of the year before."""

    insurer: str | None
    """An id: only that insurer's complaints; None: all."""
    year: YearFigures
    before: YearFigures
