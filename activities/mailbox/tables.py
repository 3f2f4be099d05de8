"""The tables of what customers write to the complaints address. Instants are the machine's."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from activities.register.tables import Base, Instant, Words


class MessageRow(Base):
    """One e-mail as it came. `id`: the digest of what identifies it, so that the same message is kept once."""

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)
    state: Mapped[str] = mapped_column(Words, index=True)
    """A `MessageState`."""
    flags: Mapped[list[str]] = mapped_column(JSON)
    """What a person should know: ids that the pages put into words."""
    sender: Mapped[str] = mapped_column(Words)
    sender_name: Mapped[str | None] = mapped_column(Words)
    subject: Mapped[str] = mapped_column(Words)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(Words)
    checks: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the provider found out about the sender: DKIM, SPF, spam."""
    reference: Mapped[str | None] = mapped_column(Words, index=True)
    """The complaint it became, or belongs to; of a draft: the one its acceptance opens."""
    decided_by: Mapped[str | None] = mapped_column(Words)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str | None] = mapped_column(Words)
    content_type: Mapped[str] = mapped_column(Words)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole call that brought it, byte by byte."""


class AttachmentRow(Base):
    """One file that came with a message."""

    __tablename__ = "attachments"

    message: Mapped[str] = mapped_column(Words, ForeignKey(MessageRow.id, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Words)
    media_type: Mapped[str] = mapped_column(Words)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Words)
    verdict: Mapped[str | None] = mapped_column(Words)
    """Why nobody should open it; None: nothing speaks against it."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
