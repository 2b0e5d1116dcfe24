"""A change of many people at once is noted, so that it can be undone."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "c2f7b18e3d64"
down_revision = "5e90c4b7d2a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_edit",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("wish", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edit")),
    )
    op.create_index(op.f("ix_bulk_edit_created_at"), "bulk_edit", ["created_at"])


def downgrade() -> None:
    op.drop_table("bulk_edit")
