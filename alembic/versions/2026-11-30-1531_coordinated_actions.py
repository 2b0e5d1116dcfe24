"""Coordinated actions."""

import sqlalchemy as sa

from alembic import op

revision = "65c0987045e3"
down_revision = "b7d20e94c1f3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_event",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("umbrella_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_local_event_event_id")),
        sa.ForeignKeyConstraint(["umbrella_id"], ["event.id"], name=op.f("fk_local_event_umbrella_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_local_event")),
    )
    with op.batch_alter_table("local_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_event_umbrella_id"), ["umbrella_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("local_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_event_umbrella_id"))

    op.drop_table("local_event")
