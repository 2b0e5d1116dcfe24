"""Places of events by audience."""

import sqlalchemy as sa

from alembic import op

revision = "6b45606cd50c"
down_revision = "e620a3b98992"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_quota",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("group", sa.String(length=60), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_quota_event_id")),
        sa.PrimaryKeyConstraint("event_id", "group", name=op.f("pk_event_quota")),
    )


def downgrade() -> None:
    op.drop_table("event_quota")
