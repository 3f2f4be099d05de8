"""The tables of the register: what must outlive a complaint's workflow, on SQLite and on PostgreSQL alike.

Instants are aware and kept in UTC. Those called `…_at` without more are the complaint's own time, which a rehearsal
skips; `asked_at`, `settled_at`, `received_at` and `written_at` are the machine's.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Index, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC: SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an instant to UTC; one without a zone is a fault of ours. Raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text of any length. What people send may hold what PostgreSQL cannot keep: NUL and lone surrogates go."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Give what any database can keep."""
        return None if value is None else value.replace("\0", "").encode("utf-8", "replace").decode()


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=_NAMES)


def table_of(row: type[Base]) -> Table:
    """Give the table itself: a statement on it makes nothing of the rows, and is made faster."""
    return cast("Table", row.__table__)


class DossierRow(Base):
    """One complaint as it last stood. `revision`: how many lines its journal had then; it never falls."""

    __tablename__ = "dossiers"

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    revision: Mapped[int]
    level: Mapped[str] = mapped_column(Words)
    stage: Mapped[str] = mapped_column(Words, index=True)
    round: Mapped[int]
    handling_party: Mapped[str] = mapped_column(Words)
    supporting_party: Mapped[str | None] = mapped_column(Words)
    insurer: Mapped[str | None] = mapped_column(Words)
    contact: Mapped[str | None] = mapped_column(Words, index=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    next_deadline: Mapped[datetime | None] = mapped_column(Instant, index=True)
    overdue: Mapped[bool]
    needs_attention: Mapped[bool]
    refused: Mapped[int]
    closed_by: Mapped[str | None] = mapped_column(Words)
    view: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the query `dossier` answered, without its journal."""
    procedures: Mapped[list[str]] = mapped_column(JSON)
    """The versions of the procedure that it was pinned to, in their order."""
    written_at: Mapped[datetime] = mapped_column(Instant)


class PersonsRow(Base):
    """Who complains, for lists and the search: a name to show, and the folded words a complaint is found by."""

    __tablename__ = "persons"

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    name: Mapped[str | None] = mapped_column(Words)
    words: Mapped[str] = mapped_column(Words)


_WORKED_ON = "state IN ('draft', 'proposed', 'returned')"


class ProposalRow(Base):
    """An answer that a person composed, before it is released to the customer. Instants are the machine's.

    `revision` counts its changes: who works on an older one is told so. A complaint has one that is open at most.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_open",
            "reference",
            unique=True,
            sqlite_where=text(_WORKED_ON),
            postgresql_where=text(_WORKED_ON),
        ),
    )

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    reference: Mapped[str] = mapped_column(Words, index=True)
    state: Mapped[str] = mapped_column(Words, index=True)
    """A `ProposalState`."""
    revision: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The fields of `response_given`."""
    journal_lines: Mapped[int]
    """How many lines the complaint's journal had when it was composed."""
    composed_by: Mapped[str] = mapped_column(Words)
    composed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(Words)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str | None] = mapped_column(Words)
    """What whoever returned it wants changed."""


class ProcedureRow(Base):
    """A procedure that some complaint was pinned to: shared by all that were."""

    __tablename__ = "procedures"

    version: Mapped[str] = mapped_column(Words, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class JournalRow(Base):
    """One line of a complaint's journal; `line` counts from 1."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "type", "recorded_at"),)  # what is new of a kind, over all complaints

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    type: Mapped[str] = mapped_column(Words)
    status: Mapped[str] = mapped_column(Words)
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The whole entry, from which the dossier can be worked out again."""


class LetterRow(Base):
    """A letter to the customer as the dossier knows it; its bytes lie with the attempts to deliver it."""

    __tablename__ = "letters"

    letter_id: Mapped[str] = mapped_column(Words, primary_key=True)
    reference: Mapped[str] = mapped_column(Words, index=True)
    position: Mapped[int]
    """Its place among the complaint's letters, from 1."""
    kind: Mapped[str] = mapped_column(Words)
    language: Mapped[str] = mapped_column(Words)
    channel: Mapped[str] = mapped_column(Words)
    status: Mapped[str] = mapped_column(Words, index=True)
    due_on: Mapped[date | None]
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The letter's whole record in the dossier."""


class AssignmentRow(Base):
    """Who was put in charge of a complaint: written when the choice is made, so that the next one counts it at once.

    `question`: a digest of what was asked; asked again, it has the same answer. None when the dossier told who it is.
    """

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_open_contact", "open", "contact"),)

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    contact: Mapped[str] = mapped_column(Words)
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    open: Mapped[bool]
    """Whether the complaint counts among those the person has to see to: it is not closed."""
    question: Mapped[str | None] = mapped_column(Words)


class AttemptState(StrEnum):
    """What is known of one attempt to have a letter carried."""

    OPEN = "open"  # asked; the answer is not known, or not yet
    ACCEPTED = "accepted"  # by the provider, or posted
    QUEUED = "queued"  # printed for the post, until staff confirm the posting
    NOT_TAKEN = "not_taken"  # certainly not accepted, and worth another attempt
    REFUSED = "refused"  # certainly not accepted, and no use in asking again
    DOUBTFUL = "doubtful"  # no answer came: only an event of the provider or a person can tell
    LOST = "lost"  # doubtful, and a person found that it never left


class SettledBy(StrEnum):
    """Who told what became of an attempt."""

    ANSWER = "answer"  # the carrier's own, at once
    EVENT = "event"  # what the provider reported later
    PERSON = "person"


_MAY_HAVE_LEFT = "state IN ('open', 'accepted', 'queued', 'doubtful')"


class AttemptRow(Base):
    """One attempt to have one letter carried: written before the carrier is asked, settled after.

    At most one attempt of a letter may have left (the database sees to it): a second one is possible only once the
    first certainly did not.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index(
            "uq_attempts_may_have_left",
            "letter_id",
            unique=True,
            sqlite_where=text(_MAY_HAVE_LEFT),
            postgresql_where=text(_MAY_HAVE_LEFT),
        ),
    )

    letter_id: Mapped[str] = mapped_column(Words, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Words, index=True)
    carrier: Mapped[str] = mapped_column(Words)
    state: Mapped[str] = mapped_column(Words, index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str | None] = mapped_column(Words)
    """A `SettledBy`."""
    provider_id: Mapped[str | None] = mapped_column(Words)
    detail: Mapped[str | None] = mapped_column(Words)
    template: Mapped[str] = mapped_column(Words)
    sha256: Mapped[str] = mapped_column(Words)
    content_type: Mapped[str] = mapped_column(Words)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The bytes as sent; dropped when they certainly did not leave."""


class DeliveryEventRow(Base):
    """What the provider reported of a letter. `told`: whether its complaint was told, or need not be."""

    __tablename__ = "delivery_events"

    event_id: Mapped[str] = mapped_column(Words, primary_key=True)
    letter_id: Mapped[str] = mapped_column(Words, index=True)
    reference: Mapped[str] = mapped_column(Words, index=True)
    attempt: Mapped[int | None]
    event: Mapped[str] = mapped_column(Words)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    detail: Mapped[str | None] = mapped_column(Words)
    told: Mapped[bool]


class WebhookCallRow(Base):
    """A call of a provider that was taken, by the digest of its signature: the same call is not taken twice."""

    __tablename__ = "webhook_calls"

    digest: Mapped[str] = mapped_column(Words, primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PartnerCallRow(Base):
    """A call of an insurer on our door (`direction` in), or of ours on its webhook (out), and what came of it."""

    __tablename__ = "partner_calls"
    __table_args__ = (Index("ix_partner_calls_insurer_direction_received_at", "insurer", "direction", "received_at"),)

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    direction: Mapped[str] = mapped_column(Words)
    insurer: Mapped[str | None] = mapped_column(Words)
    """None: the firm knows no such insurer."""
    reference: Mapped[str | None] = mapped_column(Words)
    """None, as the two that follow, when the call could not be trusted or understood."""
    type: Mapped[str | None] = mapped_column(Words)
    event_id: Mapped[str | None] = mapped_column(Words)
    received_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(Words)
    """A `CallResult`."""
    digest: Mapped[str | None] = mapped_column(Words)
    claim: Mapped[str | None] = mapped_column(Words, unique=True)
    """Insurer, source and id of an event that was taken: it is taken once."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the insurer was answered once its event was settled: the same event is answered so again."""


class ApiKeyRow(Base):
    """A key of a system on the HTTP API, by the digest of its secret. Instants are the machine's."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    name: Mapped[str] = mapped_column(Words, index=True)
    """Whose it is; several keys of one name are valid at once while one replaces another."""
    digest: Mapped[str] = mapped_column(Words)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    role: Mapped[str | None] = mapped_column(Words)
    insurer: Mapped[str | None] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class IdempotencyKeyRow(Base):
    """The reference reserved for an intake that bears a key of the sender's. `created_at` is the machine's time."""

    __tablename__ = "idempotency_keys"

    digest: Mapped[str] = mapped_column(Words, primary_key=True)
    body: Mapped[str] = mapped_column(Words)
    """The digest of what was sent: the same key bears one complaint."""
    reference: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Instant)


class EncryptionKeyRow(Base):
    """A key that payloads in Temporal were encrypted with. `retired_at`: no history needs it any more."""

    __tablename__ = "encryption_keys"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Words)
    first_used_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class DecodingRow(Base):
    """Somebody had payloads decoded, or encoded, at the codec door. Instants are the machine's."""

    __tablename__ = "decodings"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    by: Mapped[str] = mapped_column(Words)
    action: Mapped[str] = mapped_column(Words)
    references: Mapped[list[str]] = mapped_column(JSON)
    """The complaints whose payloads they were, as far as the payloads say."""
    payloads: Mapped[int]


class HoldRow(Base):
    """A legal hold: the complaint is not erased while it stands. Instants are the machine's."""

    __tablename__ = "holds"

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    reason: Mapped[str] = mapped_column(Words)
    set_by: Mapped[str] = mapped_column(Words)
    set_at: Mapped[datetime] = mapped_column(Instant)


class ErasureRow(Base):
    """A complaint whose person was erased: its reference is never another complaint's. Instants are the machine's."""

    __tablename__ = "erasures"

    reference: Mapped[str] = mapped_column(Words, primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(Instant)
    erased_by: Mapped[str] = mapped_column(Words)
    line: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The anonymous line of the register that remains."""
