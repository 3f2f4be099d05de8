"""What the register gives back: frozen pictures of its rows. Instants are in UTC."""

from dataclasses import dataclass
from datetime import datetime

from activities.register.tables import AttemptRow, AttemptState, DeliveryEventRow, DossierRow, SettledBy
from workflows.procedure.records import Letter
from workflows.procedure.vocabulary import Level, Party, Stage


@dataclass(frozen=True)
class Standing:
    """Where a complaint stood when it was last written. `revision`: the lines its journal had then."""

    reference: str
    revision: int
    level: Level
    stage: Stage
    round: int
    handling_party: Party
    supporting_party: Party | None
    insurer: str | None
    contact: str | None
    received_at: datetime
    next_deadline: datetime | None
    overdue: bool
    needs_attention: bool
    refused: int
    closed_by: str | None
    written_at: datetime
    """By the machine's clock."""


@dataclass(frozen=True)
class KeptAttempt:
    """One attempt to have a letter carried. `asked_at`, `settled_at` are the machine's time, `started_at` is not."""

    number: int
    carrier: str
    state: AttemptState
    started_at: datetime
    asked_at: datetime
    settled_at: datetime | None
    settled_by: SettledBy | None
    provider_id: str | None
    detail: str | None
    template: str
    sha256: str
    content_type: str
    content: bytes | None
    """The bytes as sent; None when they did not leave, or could not be restored."""


@dataclass(frozen=True)
class KeptLetter:
    """A letter as the dossier knew it last, and every attempt to have it carried, in their order."""

    record: Letter
    attempts: tuple[KeptAttempt, ...]

    @property
    def as_sent(self) -> KeptAttempt | None:
        """The attempt by which it left, or may have left; None when none did."""
        did_not = (AttemptState.NOT_TAKEN, AttemptState.REFUSED, AttemptState.LOST)
        return next((attempt for attempt in self.attempts if attempt.state not in did_not), None)


@dataclass(frozen=True)
class KeptEvent:
    """What a provider reported of a letter. `received_at` is the machine's time."""

    event_id: str
    letter_id: str
    attempt: int | None
    event: str
    happened_at: datetime
    received_at: datetime
    detail: str | None
    told: bool


def standing_of(row: DossierRow) -> Standing:
    """Picture a row of `dossiers`, without its view."""
    return Standing(
        reference=row.reference,
        revision=row.revision,
        level=Level(row.level),
        stage=Stage(row.stage),
        round=row.round,
        handling_party=Party(row.handling_party),
        supporting_party=Party(row.supporting_party) if row.supporting_party else None,
        insurer=row.insurer,
        contact=row.contact,
        received_at=row.received_at,
        next_deadline=row.next_deadline,
        overdue=row.overdue,
        needs_attention=row.needs_attention,
        refused=row.refused,
        closed_by=row.closed_by,
        written_at=row.written_at,
    )


def attempt_of(row: AttemptRow) -> KeptAttempt:
    """Picture a row of `attempts`."""
    return KeptAttempt(
        number=row.number,
        carrier=row.carrier,
        state=AttemptState(row.state),
        started_at=row.started_at,
        asked_at=row.asked_at,
        settled_at=row.settled_at,
        settled_by=SettledBy(row.settled_by) if row.settled_by else None,
        provider_id=row.provider_id,
        detail=row.detail,
        template=row.template,
        sha256=row.sha256,
        content_type=row.content_type,
        content=row.content,
    )


def event_of(row: DeliveryEventRow) -> KeptEvent:
    """Picture a row of `delivery_events`."""
    return KeptEvent(
        event_id=row.event_id,
        letter_id=row.letter_id,
        attempt=row.attempt,
        event=row.event,
        happened_at=row.happened_at,
        received_at=row.received_at,
        detail=row.detail,
        told=row.told,
    )
