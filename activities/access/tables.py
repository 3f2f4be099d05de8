"""The tables of people's access. Instants are the machine's."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from activities.register.tables import Base, Instant, Words


class AccountRow(Base):
    """One person who may sign in. `id` stands in journals: a contact's (`c-014`), or made for it (`u-…`)."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    login: Mapped[str] = mapped_column(Words, unique=True)
    """An e-mail address, in lower case."""
    name: Mapped[str] = mapped_column(Words)
    roles: Mapped[list[str]] = mapped_column(JSON)
    insurer: Mapped[str | None] = mapped_column(Words)
    language: Mapped[str] = mapped_column(Words)
    password: Mapped[str | None] = mapped_column(Words)
    """Its Argon2 hash; None: this person signs in at the firm's provider only."""
    subject: Mapped[str | None] = mapped_column(Words, unique=True)
    """Whom the firm's provider knows it by, since this person first came from there."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int]
    """Wrong passwords since the last right one."""
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class SessionRow(Base):
    """One browser that is signed in, by the digest of what its cookie says."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(Words, primary_key=True)
    account: Mapped[str] = mapped_column(Words, ForeignKey(AccountRow.id, ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(Words)
    """What its forms must bear: another site cannot know it."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)
