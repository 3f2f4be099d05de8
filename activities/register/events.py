"""What the provider reported of letters: kept once, held against the ledger, and what complaints must be told of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from activities.register.database import Register
from activities.register.tables import AttemptRow, AttemptState, DeliveryEventRow, WebhookCallRow
from workflows.procedure.vocabulary import DeliveryStatus, Language

STALE_AFTER = timedelta(hours=25)
"""A call of the provider that is older, or dated so far ahead, is refused whatever it says.

SendGrid repeats a call for a day, and nothing says that a repeated one is signed anew: with a shorter time, a door that
was away for a while would lose bounces. A call made again within it is refused by its digest.
"""

_AT_ONCE = 1_000
_BY_EVENT = "event"


class What(StrEnum):
    """What can be reported of a letter; the values stand in the register."""

    PROCESSED = "processed"  # taken by the provider
    DELIVERED = "delivered"  # taken by the recipient's server
    DEFERRED = "deferred"
    BOUNCE = "bounce"  # the address is dead
    BLOCKED = "blocked"  # refused this time
    DROPPED = "dropped"  # not even tried: an address that bounced before, or reported as spam
    ABSENCE = "absence"  # an automatic reply that came back as if it were a bounce
    OTHER = "other"  # opened, clicked, unsubscribed …: nothing of it concerns the complaint


_STATUS = {
    What.PROCESSED: DeliveryStatus.DELIVERED,
    What.DELIVERED: DeliveryStatus.DELIVERED,
    What.BOUNCE: DeliveryStatus.BOUNCED,
    What.BLOCKED: DeliveryStatus.BLOCKED,
    What.DROPPED: DeliveryStatus.BLOCKED,
}
"""What a complaint is told; and each of these proves that the provider had taken the letter."""
_FAILED = (What.BOUNCE, What.BLOCKED, What.DROPPED)
_UNSETTLED = (AttemptState.OPEN, AttemptState.DOUBTFUL)
_GIVEN_UP = (AttemptState.LOST, AttemptState.NOT_TAKEN, AttemptState.REFUSED)

_SENTENCES: dict[str, tuple[str, str]] = {
    "dropped": ("abandonné par le prestataire : {why}", "dropped by the provider: {why}"),
    "twice": (
        "arrivé alors que l'envoi {number} passait pour perdu : le client l'a peut-être reçu deux fois",
        "arrived although attempt {number} was held to be lost: the customer may have received it twice",
    ),
}


@dataclass(frozen=True)
class Reported:
    """One event of one attempt. `happened_at`: by the provider's clock (aware). `detail` holds no address."""

    event_id: str
    reference: str
    letter_id: str
    attempt: int | None
    what: What
    happened_at: datetime
    provider_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Telling:
    """What a complaint must be told, as `delivery_reported`: the fields of that event. `at` is aware (UTC)."""

    event_id: str
    reference: str
    letter_id: str
    status: DeliveryStatus
    detail: str | None
    at: datetime


class DeliveryEvents:
    """The events in the register. Threads and processes may share it.

    Its faults are SQLAlchemy's: then nothing of the call was kept, and it can be made again.
    """

    def __init__(self, register: Register, language: Language = Language.FR) -> None:
        """Keep them in `register`; details for staff are said in `language`."""
        self._register = register
        self._language = language

    def keep(self, reports: Iterable[Reported], now: datetime) -> list[Telling]:
        """Keep what is new at `now` (aware, the machine's), settle the attempts it proves, and say whom to tell what.

        Given again, an event changes nothing; it is said again as long as its complaint was not told.
        """
        # Always in the same order, so that two calls never wait for each other's rows.
        ordered = sorted(reports, key=lambda report: (report.letter_id, report.attempt or 0, report.happened_at))
        with self._register.session() as session:
            return [telling for report in ordered if (telling := self._keep_one(session, report, now))]

    def untold(self) -> list[Telling]:
        """List what complaints could not be told yet, oldest first."""
        with self._register.session() as session:
            rows = session.scalars(
                select(DeliveryEventRow)
                .where(DeliveryEventRow.told.is_(False))
                .order_by(DeliveryEventRow.received_at, DeliveryEventRow.event_id)
                .limit(_AT_ONCE)
            )
            return [_telling(row) for row in rows]

    def told(self, event_ids: Collection[str]) -> None:
        """Write down that the complaints of these events were told, or never can be."""
        with self._register.session() as session:
            session.execute(update(DeliveryEventRow).where(DeliveryEventRow.event_id.in_(event_ids)).values(told=True))

    def was_taken(self, digest: str) -> bool:
        """Say whether the call with this digest was taken before."""
        with self._register.session() as session:
            return session.get(WebhookCallRow, digest) is not None

    def take_call(self, digest: str, now: datetime) -> bool:
        """Write down at `now` that a call was taken; False when it was before. Those that are stale are forgotten."""
        with self._register.session() as session:
            # A call may be dated ahead: it is refused as stale only after twice that time.
            session.execute(delete(WebhookCallRow).where(WebhookCallRow.received_at < now - 2 * STALE_AFTER))
            return self._inserted(session, WebhookCallRow, digest=digest, received_at=now)

    def _keep_one(self, session: Session, report: Reported, now: datetime) -> Telling | None:
        attempt = None
        if report.attempt is not None:
            # Locked: a worker may be settling it by its own answer.
            attempt = session.get(AttemptRow, (report.letter_id, report.attempt), with_for_update=True)
        state = AttemptState(attempt.state) if attempt else None
        new = self._inserted(
            session,
            DeliveryEventRow,
            event_id=report.event_id,
            letter_id=report.letter_id,
            reference=report.reference,
            attempt=report.attempt,
            event=report.what,
            happened_at=report.happened_at,
            received_at=now,
            detail=self._detail(report, state),
            told=not _concerns_the_complaint(report.what, state),
        )
        if new and attempt and state in _UNSETTLED and report.what in _STATUS:
            attempt.state, attempt.settled_by, attempt.settled_at = AttemptState.ACCEPTED, _BY_EVENT, now
            attempt.provider_id = report.provider_id or attempt.provider_id
            session.flush()  # the batch's next event of this attempt reads it anew
        row = session.get_one(DeliveryEventRow, report.event_id)
        return None if row.told else _telling(row)

    def _inserted(self, session: Session, table: type[DeliveryEventRow | WebhookCallRow], **values: Any) -> bool:
        """Insert one row unless it is there; both databases know how, each by its own statement."""
        insert: Any = sqlite.insert if self._register.is_sqlite else postgresql.insert
        (key,) = table.__table__.primary_key
        inserted = session.scalar(insert(table).values(**values).on_conflict_do_nothing().returning(key))
        return inserted is not None

    def _detail(self, report: Reported, state: AttemptState | None) -> str | None:
        if report.what is What.DROPPED:
            return self._say("dropped", why=report.detail or "?")
        if report.what is What.DELIVERED and state in _GIVEN_UP:
            return self._say("twice", number=report.attempt)
        return report.detail

    def _say(self, code: str, **values: object) -> str:
        french, english = _SENTENCES[code]
        return (french if self._language is Language.FR else english).format(**values)


def _concerns_the_complaint(what: What, state: AttemptState | None) -> bool:
    """Whether the complaint must hear of it, when its attempt stood so.

    That a letter arrived is news only where that was in doubt, or where another one may have left instead. That an
    attempt failed is none when it was given up: another one has its place.
    """
    if state in _GIVEN_UP:
        return what is What.DELIVERED
    if what in _FAILED:
        return True
    return what in _STATUS and state is AttemptState.DOUBTFUL


def _telling(row: DeliveryEventRow) -> Telling:
    return Telling(
        event_id=row.event_id,
        reference=row.reference,
        letter_id=row.letter_id,
        status=_STATUS[What(row.event)],
        detail=row.detail,
        at=row.happened_at,
    )
