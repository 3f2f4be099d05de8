"""What the API answers, as its callers see it. The dossier is the contract's; a later release may add fields."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from activities.register.kept import KeptLetter, Standing
from starter.figures.line import RegisterLine
from workflows.procedure.calendar import PARIS
from workflows.procedure.vocabulary import (
    Channel,
    ClockKind,
    ClockName,
    ClockState,
    EntryStatus,
    Language,
    LetterKind,
    LetterStatus,
    Level,
    Party,
    Stage,
)


class Opened(BaseModel):
    """A complaint that was opened, now or by the same call before."""

    reference: str


class ReceiptView(BaseModel):
    """What became of an event: where the complaint stands now, and a sentence for the sender."""

    model_config = ConfigDict(extra="allow")

    reference: str
    event_id: str
    level: Level
    stage: Stage
    next_deadline: datetime | None
    message: str


class ListedView(BaseModel):
    """One complaint of a list: nothing personal. Instants are in Paris time."""

    reference: str
    open: bool
    level: Level
    stage: Stage
    contact: str | None
    handling_party: Party
    insurer: str | None
    received_at: datetime
    next_deadline: datetime | None
    overdue: bool
    needs_attention: bool
    refused: int


class Page(BaseModel):
    """Some complaints in the order of their receipt; `next`: the cursor of the page that follows, null at the end."""

    complaints: list[ListedView]
    next: str | None


class AgendaView(BaseModel):
    """Open complaints, what is overdue first, then by the next deadline. `complete`: whether there are no more."""

    days: int
    complaints: list[ListedView]
    complete: bool


class ContactView(BaseModel):
    """The person in charge."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    phone: str | None = None
    email: str | None = None


class SkippedView(BaseModel):
    """A day that does not count, and why."""

    date: date
    why: str


class DueView(BaseModel):
    """One clock's dates, without the spread of the day's letters (`complaints due --json`)."""

    model_config = ConfigDict(extra="allow")

    clock: ClockName
    kind: ClockKind
    starts_on: date
    due_on: date
    act_on: date
    act_at: datetime | None
    skipped: list[SkippedView]


class ClockView(DueView):
    """One clock of a dossier."""

    round: int
    state: ClockState
    reason: str | None = None
    recorded_late: bool = False


class ChangeView(BaseModel):
    """What a complaint's changes say of it: where it stands. `revision`: how many lines its journal has."""

    reference: str
    revision: int
    level: Level
    stage: Stage
    next_deadline: datetime | None
    overdue: bool
    needs_attention: bool


class LetterOfDossier(BaseModel):
    """A letter as the dossier knows it."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: LetterKind
    language: Language
    serves: list[ClockName]
    due_on: date | None
    channel: Channel
    status: LetterStatus
    sent_at: datetime | None


class EntryView(BaseModel):
    """One line of the journal."""

    model_config = ConfigDict(extra="allow")

    at: datetime
    recorded_at: datetime
    type: str
    by: str | None
    id: str | None
    status: EntryStatus
    reason: str | None


class DossierAnswer(BaseModel):
    """The whole state of a complaint. `as_of`: only out of the register, when it was last written there."""

    model_config = ConfigDict(extra="allow")

    reference: str
    level: Level
    stage: Stage
    round: int
    handling_party: Party
    supporting_party: Party | None
    insurer: str | None
    contact: ContactView | None
    received_at: datetime
    sent_on: date | None
    sent_on_assumed: bool
    next_deadline: datetime | None
    overdue: bool
    needs_attention: bool
    refused: int
    clocks: list[ClockView]
    letters: list[LetterOfDossier]
    requests: list[dict[str, Any]]
    journal: list[EntryView]
    as_of: datetime | None = None


class LetterView(BaseModel):
    """A letter of a complaint. `href`: where its bytes as sent are; null when none left, or none are kept."""

    id: str
    kind: LetterKind
    language: Language
    channel: Channel
    status: LetterStatus
    due_on: date | None
    prepared_at: datetime
    sent_at: datetime | None
    media_type: str | None
    sha256: str | None
    href: str | None


class Letters(BaseModel):
    """The letters of a complaint, in the dossier's order."""

    letters: list[LetterView]


class RegisterPage(BaseModel):
    """Lines of the register, in the order of receipt; `next`: the cursor of the page that follows, null at the end."""

    year: int
    lines: list[RegisterLine]
    next: str | None


def listed_view(standing: Standing) -> ListedView:
    """Show where one complaint stands."""
    return ListedView(
        reference=standing.reference,
        open=standing.stage is not Stage.CLOSED,
        level=standing.level,
        stage=standing.stage,
        contact=standing.contact,
        handling_party=standing.handling_party,
        insurer=standing.insurer,
        received_at=standing.received_at.astimezone(PARIS),
        next_deadline=standing.next_deadline.astimezone(PARIS) if standing.next_deadline else None,
        overdue=standing.overdue,
        needs_attention=standing.needs_attention,
        refused=standing.refused,
    )


def letter_view(letter: KeptLetter, href: str) -> LetterView:
    """Show one letter; `href` is given only where its bytes are kept."""
    record, sent = letter.record, letter.as_sent
    return LetterView(
        id=record.id,
        kind=record.kind,
        language=record.language,
        channel=record.channel,
        status=record.status,
        due_on=record.due_on,
        prepared_at=record.prepared_at.astimezone(PARIS),
        sent_at=record.sent_at.astimezone(PARIS) if record.sent_at else None,
        media_type=sent.content_type if sent else None,
        sha256=sent.sha256 if sent else None,
        href=href if sent and sent.content is not None else None,
    )
