"""Checklists of events: what is to be done before, at and after, counted in days from the start."""

import sqlalchemy as sa

from alembic import op

revision = "d83e1f60b7a4"
down_revision = "7e40c9a1d35f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_task",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("checklist", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_task_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_task")),
    )
    op.create_index("ix_event_task_event_item", "event_task", ["event_id", "checklist", "position"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_event_task_event_item", "event_task")
    op.drop_table("event_task")
