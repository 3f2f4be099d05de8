"""What encryption and erasure keep: keys in use, who had what decoded, legal holds, complaints that were erased."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Instant, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "encryption_keys",
        sa.Column("id", Words, nullable=False),
        sa.Column("fingerprint", Words, nullable=False),
        sa.Column("first_used_at", Instant, nullable=False),
        sa.Column("retired_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encryption_keys")),
    )
    op.create_table(
        "decodings",
        sa.Column("id", Words, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", Words, nullable=False),
        sa.Column("action", Words, nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("payloads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decodings")),
    )
    op.create_index(op.f("ix_decodings_at"), "decodings", ["at"], unique=False)
    op.create_table(
        "holds",
        sa.Column("reference", Words, nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.Column("set_by", Words, nullable=False),
        sa.Column("set_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_holds")),
    )
    op.create_table(
        "erasures",
        sa.Column("reference", Words, nullable=False),
        sa.Column("erased_at", Instant, nullable=False),
        sa.Column("erased_by", Words, nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    for table in ("erasures", "holds", "decodings", "encryption_keys"):
        op.drop_table(table)
