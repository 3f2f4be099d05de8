"""The register: dossiers, journals, letters, attempts to deliver them, what providers and insurers said, keys."""

import sqlalchemy as sa
from alembic import op

from activities.register.tables import Instant, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "api_keys",
        sa.Column("id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=True),
        sa.Column("revoked_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index("ix_api_keys_name", "api_keys", ["name"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("reference", Words, nullable=False),
        sa.Column("contact", Words, nullable=False),
        sa.Column("assigned_at", Instant, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("question", Words, nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_open_contact", "assignments", ["open", "contact"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("letter_id", Words, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", Words, nullable=False),
        sa.Column("carrier", Words, nullable=False),
        sa.Column("state", Words, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("settled_by", Words, nullable=True),
        sa.Column("provider_id", Words, nullable=True),
        sa.Column("detail", Words, nullable=True),
        sa.Column("template", Words, nullable=False),
        sa.Column("sha256", Words, nullable=False),
        sa.Column("content_type", Words, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_reference", "attempts", ["reference"], unique=False)
    op.create_index("ix_attempts_state", "attempts", ["state"], unique=False)
    op.create_index(
        "uq_attempts_may_have_left",
        "attempts",
        ["letter_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'accepted', 'queued', 'doubtful')"),
        postgresql_where=sa.text("state IN ('open', 'accepted', 'queued', 'doubtful')"),
    )

    op.create_table(
        "delivery_events",
        sa.Column("event_id", Words, nullable=False),
        sa.Column("letter_id", Words, nullable=False),
        sa.Column("reference", Words, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("event", Words, nullable=False),
        sa.Column("happened_at", Instant, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("detail", Words, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_delivery_events")),
    )
    op.create_index("ix_delivery_events_letter_id", "delivery_events", ["letter_id"], unique=False)
    op.create_index("ix_delivery_events_reference", "delivery_events", ["reference"], unique=False)

    op.create_table(
        "dossiers",
        sa.Column("reference", Words, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("level", Words, nullable=False),
        sa.Column("stage", Words, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("handling_party", Words, nullable=False),
        sa.Column("supporting_party", Words, nullable=True),
        sa.Column("insurer", Words, nullable=True),
        sa.Column("contact", Words, nullable=True),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("next_deadline", Instant, nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("needs_attention", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("closed_by", Words, nullable=True),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.Column("procedures", sa.JSON(), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_dossiers")),
    )
    op.create_index("ix_dossiers_contact", "dossiers", ["contact"], unique=False)
    op.create_index("ix_dossiers_next_deadline", "dossiers", ["next_deadline"], unique=False)
    op.create_index("ix_dossiers_stage", "dossiers", ["stage"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("digest", Words, nullable=False),
        sa.Column("body", Words, nullable=False),
        sa.Column("reference", Words, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_idempotency_keys")),
    )

    op.create_table(
        "journal",
        sa.Column("reference", Words, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "line", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_type_recorded_at", "journal", ["type", "recorded_at"], unique=False)

    op.create_table(
        "letters",
        sa.Column("letter_id", Words, nullable=False),
        sa.Column("reference", Words, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", Words, nullable=False),
        sa.Column("language", Words, nullable=False),
        sa.Column("channel", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("prepared_at", Instant, nullable=False),
        sa.Column("sent_at", Instant, nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letters")),
    )
    op.create_index("ix_letters_reference", "letters", ["reference"], unique=False)
    op.create_index("ix_letters_status", "letters", ["status"], unique=False)

    op.create_table(
        "partner_calls",
        sa.Column("id", Words, nullable=False),
        sa.Column("direction", Words, nullable=False),
        sa.Column("insurer", Words, nullable=True),
        sa.Column("reference", Words, nullable=True),
        sa.Column("type", Words, nullable=True),
        sa.Column("event_id", Words, nullable=True),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("outcome", Words, nullable=False),
        sa.Column("digest", Words, nullable=True),
        sa.Column("claim", Words, nullable=True),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_calls")),
        sa.UniqueConstraint("claim", name=op.f("uq_partner_calls_claim")),
    )
    op.create_index(
        "ix_partner_calls_insurer_direction_received_at",
        "partner_calls",
        ["insurer", "direction", "received_at"],
        unique=False,
    )

    op.create_table(
        "procedures",
        sa.Column("version", Words, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_procedures")),
    )
    op.create_table(
        "webhook_calls",
        sa.Column("digest", Words, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_webhook_calls")),
    )
    op.create_index("ix_webhook_calls_received_at", "webhook_calls", ["received_at"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("webhook_calls")
    op.drop_table("procedures")
    op.drop_table("partner_calls")
    op.drop_table("letters")
    op.drop_table("journal")
    op.drop_table("idempotency_keys")
    op.drop_table("dossiers")
    op.drop_table("delivery_events")
    op.drop_table("attempts")
    op.drop_table("assignments")
    op.drop_table("api_keys")
