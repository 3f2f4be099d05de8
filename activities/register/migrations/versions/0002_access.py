"""Access: accounts of people, sessions of browsers that are signed in, roles of keys."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Instant, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("api_keys", sa.Column("role", Words, nullable=True))
    op.add_column("api_keys", sa.Column("insurer", Words, nullable=True))
    op.create_table(
        "accounts",
        sa.Column("id", Words, nullable=False),
        sa.Column("login", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("insurer", Words, nullable=True),
        sa.Column("language", Words, nullable=False),
        sa.Column("password", Words, nullable=True),
        sa.Column("subject", Words, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("disabled_at", Instant, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
        sa.UniqueConstraint("subject", name=op.f("uq_accounts_subject")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", Words, nullable=False),
        sa.Column("account", Words, nullable=False),
        sa.Column("token", Words, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("fk_sessions_account_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"], unique=False)
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("sessions")
    op.drop_table("accounts")
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("insurer")
        keys.drop_column("role")
