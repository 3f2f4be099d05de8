"""Who complains: what complaints are found by."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "persons",
        sa.Column("reference", Words, nullable=False),
        sa.Column("name", Words, nullable=True),
        sa.Column("words", Words, nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_persons")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("persons")
