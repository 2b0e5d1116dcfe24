"""Secret addresses at which someone outside may read a frozen report."""

import sqlalchemy as sa

from alembic import op

revision = "c3a7d915e84b"
down_revision = "d83e1f60b7a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_share",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_report_share_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_report_share_token_hash")),
    )
    op.create_index(op.f("ix_report_share_snapshot_id"), "report_share", ["snapshot_id"])


def downgrade() -> None:
    op.drop_table("report_share")
