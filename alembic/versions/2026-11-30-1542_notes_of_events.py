"""Notes of events."""

import sqlalchemy as sa

from alembic import op

revision = "9e27b6d0f4a8"
down_revision = "c3b81e57d2a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_notes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("decisions", sa.String(length=2000), nullable=False),
        sa.Column("asks", sa.String(length=2000), nullable=False),
        sa.Column("owners", sa.String(length=2000), nullable=False),
        sa.Column("links", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_notes_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_notes")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_notes_event_id")),
    )


def downgrade() -> None:
    op.drop_table("event_notes")
