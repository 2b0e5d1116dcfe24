"""Tasks for guests after an event."""

import sqlalchemy as sa

from alembic import op

revision = "0c9ad47be315"
down_revision = "65c0987045e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_task",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("person_ref", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(length=60), nullable=True),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_guest_task_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_task")),
    )
    op.create_index(op.f("ix_guest_task_event_id"), "guest_task", ["event_id"])
    op.create_index(op.f("ix_guest_task_person_ref"), "guest_task", ["person_ref"])


def downgrade() -> None:
    op.drop_table("guest_task")
