"""At most one answer is worked on for a complaint: of two that were begun at the same instant the later one stays."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = "state IN ('draft', 'proposed', 'returned')"


def upgrade() -> None:
    """Go to this revision."""
    op.execute(
        """
        UPDATE proposals SET state = 'dropped'
        WHERE state IN ('draft', 'proposed', 'returned') AND EXISTS (
            SELECT 1 FROM proposals AS later
            WHERE later.reference = proposals.reference AND later.state IN ('draft', 'proposed', 'returned')
            AND (later.composed_at, later.id) > (proposals.composed_at, proposals.id)
        )
        """
    )
    op.create_index(
        "uq_proposals_open",
        "proposals",
        ["reference"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_index("uq_proposals_open", table_name="proposals")
