"""What customers write to the complaints address: messages and their attachments."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Instant, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "messages",
        sa.Column("id", Words, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("sender", Words, nullable=False),
        sa.Column("sender_name", Words, nullable=True),
        sa.Column("subject", Words, nullable=False),
        sa.Column("sent_at", Instant, nullable=True),
        sa.Column("text", Words, nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("reference", Words, nullable=True),
        sa.Column("decided_by", Words, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("remark", Words, nullable=True),
        sa.Column("content_type", Words, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    for column in ("received_at", "state", "reference"):
        op.create_index(f"ix_messages_{column}", "messages", [column], unique=False)
    op.create_table(
        "attachments",
        sa.Column("message", Words, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("media_type", Words, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", Words, nullable=False),
        sa.Column("verdict", Words, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"], ["messages.id"], name=op.f("fk_attachments_message_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message", "number", name=op.f("pk_attachments")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("attachments")
    op.drop_table("messages")
