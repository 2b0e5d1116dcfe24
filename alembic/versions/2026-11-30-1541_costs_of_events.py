"""What was spent on events."""

import sqlalchemy as sa

from alembic import op

revision = "c3b81e57d2a4"
down_revision = "5f9d0e735744"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_cost",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("booked_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_cost_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_cost")),
    )
    op.create_index(op.f("ix_event_cost_event_id"), "event_cost", ["event_id"])


def downgrade() -> None:
    op.drop_table("event_cost")
