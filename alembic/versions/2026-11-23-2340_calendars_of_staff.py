"""The secret address of a calendar feed for each member of staff."""

import sqlalchemy as sa

from alembic import op

revision = "f08b3d72c915"
down_revision = "d41a6e0f9b27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_feed",
        sa.Column("staff_id", sa.String(length=26), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_feed_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_feed_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("staff_feed")
