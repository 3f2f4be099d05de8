"""Answers that people compose, before they are released."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Instant, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "proposals",
        sa.Column("id", Words, nullable=False),
        sa.Column("reference", Words, nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("journal_lines", sa.Integer(), nullable=False),
        sa.Column("composed_by", Words, nullable=False),
        sa.Column("composed_at", Instant, nullable=False),
        sa.Column("decided_by", Words, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("remark", Words, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_reference", "proposals", ["reference"], unique=False)
    op.create_index("ix_proposals_state", "proposals", ["state"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("proposals")
