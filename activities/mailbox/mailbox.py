"""The mailbox in the register: each message kept whole before anything is made of it, and what became of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update

from activities.mailbox.post import Incoming
from activities.mailbox.recognising import verdict
from activities.mailbox.tables import AttachmentRow, MessageRow
from activities.register.database import Register, insert


class MessageState(StrEnum):
    """What became of a message."""

    NEW = "new"  # kept, and not yet looked at by anything
    DRAFT = "draft"  # a person says whether it is a complaint
    ATTACHED = "attached"  # it belongs to a known complaint, whose journal says that it came
    ACCEPTED = "accepted"  # it became a complaint
    AUTOMATIC = "automatic"  # no person wrote it
    DISMISSED = "dismissed"  # a person found it to be no complaint


@dataclass(frozen=True)
class Attachment:
    """A file of a message, without its bytes."""

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    verdict: str | None


@dataclass(frozen=True)
class Message:
    """One message as it is kept. Instants are the machine's (UTC); `sent_at` is as the sender's clock says."""

    id: str
    received_at: datetime
    state: MessageState
    flags: tuple[str, ...]
    sender: str
    sender_name: str | None
    subject: str
    sent_at: datetime | None
    text: str
    checks: dict[str, Any]
    reference: str | None
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None
    attachments: tuple[Attachment, ...]


class Mailbox:
    """The messages in the register; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def keep(self, identity: str, incoming: Incoming, content_type: str, content: bytes, now: datetime) -> bool:
        """Keep a message and its files as they came; False: it was kept before."""
        with self._register.session() as session:
            flags = ["unreadable"] if incoming.unreadable else []
            made = insert(session, MessageRow).values(
                id=identity, received_at=now, state=MessageState.NEW, flags=flags,
                sender=incoming.sender, sender_name=incoming.sender_name, subject=incoming.subject,
                sent_at=incoming.sent_at, text=incoming.text, checks=incoming.checks, reference=None,
                content_type=content_type, content=content,
            )  # fmt: skip
            new = session.scalar(made.on_conflict_do_nothing().returning(MessageRow.id))
            if new is None:
                return False
            session.add_all(
                AttachmentRow(
                    message=identity, number=number,
                    name=file.name[:255] or f"{number}", media_type=file.media_type[:200],
                    size=len(file.content), sha256=hashlib.sha256(file.content).hexdigest(), verdict=verdict(file),
                    content=file.content,
                )
                for number, file in enumerate(incoming.files, 1)
            )  # fmt: skip
        return True

    def settle(
        self,
        identity: str,
        before: Sequence[MessageState],
        state: MessageState,
        *,
        reference: str | None = None,
        flags: Sequence[str] | None = None,
        by: str | None = None,
        at: datetime | None = None,
        remark: str | None = None,
    ) -> bool:
        """Say what became of a message; False when it is in none of the states `before` any more."""
        values: dict[str, Any] = {"state": state}
        values |= {"reference": reference} if reference is not None else {}
        values |= {"flags": list(flags)} if flags is not None else {}
        values |= {"decided_by": by, "decided_at": at, "remark": remark} if by is not None else {}
        with self._register.session() as session:
            changed = session.scalar(
                update(MessageRow)
                .where(MessageRow.id == identity, MessageRow.state.in_(before))
                .values(**values)
                .returning(MessageRow.id)
            )
        return changed is not None

    def reserve(self, identity: str, reference: str) -> str:
        """Give the reference that a draft opens, written down before anything is started: the first one stays."""
        with self._register.session() as session:
            session.execute(
                update(MessageRow)
                .where(MessageRow.id == identity, MessageRow.reference.is_(None))
                .values(reference=reference)
            )
            return str(session.scalar(select(MessageRow.reference).where(MessageRow.id == identity)))

    def listed(self, states: Sequence[MessageState], limit: int) -> list[Message]:
        """List at most `limit` messages in these states, latest first."""
        query = select(MessageRow).where(MessageRow.state.in_(states)).order_by(MessageRow.received_at.desc())
        return self._read(query.limit(limit))

    def of_complaint(self, reference: str) -> list[Message]:
        """List the messages that belong to a complaint, in the order in which they came."""
        belongs = (MessageState.ACCEPTED, MessageState.ATTACHED)
        query = select(MessageRow).where(MessageRow.reference == reference, MessageRow.state.in_(belongs))
        return self._read(query.order_by(MessageRow.received_at))

    def message(self, identity: str) -> Message | None:
        """Give one message; None when there is none of that id."""
        return next(iter(self._read(select(MessageRow).where(MessageRow.id == identity))), None)

    def unlooked_at(self, limit: int) -> list[Message]:
        """List messages that were kept and of which nothing was made: the door was killed, or Temporal was away."""
        return self._read(select(MessageRow).where(MessageRow.state == MessageState.NEW).limit(limit))

    def raw(self, identity: str) -> tuple[str, bytes] | None:
        """Give the call that brought a message: its content type and its bytes."""
        with self._register.reading() as session:
            row = session.get(MessageRow, identity)
            return (row.content_type, row.content) if row else None

    def file(self, identity: str, number: int) -> tuple[Attachment, bytes] | None:
        """Give one attachment and its bytes."""
        with self._register.reading() as session:
            row = session.get(AttachmentRow, (identity, number))
            return (_attachment_of(row), row.content) if row else None

    def lately_from(self, sender: str, since: datetime) -> int:
        """Count the messages of a sender since an instant (aware)."""
        query = select(func.count()).where(MessageRow.sender == sender, MessageRow.received_at >= since)
        with self._register.reading() as session:
            return int(session.scalar(query) or 0)

    def _read(self, query: Any) -> list[Message]:
        with self._register.reading() as session:
            rows = session.scalars(query).all()
            found: dict[str, list[Attachment]] = {row.id: [] for row in rows}
            files = select(AttachmentRow).where(AttachmentRow.message.in_(found)).order_by(AttachmentRow.number)
            for file in session.scalars(files):
                found[file.message].append(_attachment_of(file))
            return [_message_of(row, tuple(found[row.id])) for row in rows]


def _attachment_of(row: AttachmentRow) -> Attachment:
    return Attachment(row.number, row.name, row.media_type, row.size, row.sha256, row.verdict)


def _message_of(row: MessageRow, attachments: tuple[Attachment, ...]) -> Message:
    return Message(
        id=row.id,
        received_at=row.received_at,
        state=MessageState(row.state),
        flags=tuple(row.flags),
        sender=row.sender,
        sender_name=row.sender_name,
        subject=row.subject,
        sent_at=row.sent_at,
        text=row.text,
        checks=row.checks,
        reference=row.reference,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remark=row.remark,
        attachments=attachments,
    )
