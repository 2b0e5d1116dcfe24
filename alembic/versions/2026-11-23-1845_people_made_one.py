"""Two people made one: what can be undone for 30 days, and ids that lead on."""

import sqlalchemy as sa

from sqlalchemy.dialects import postgresql

from alembic import op

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


revision = "5b8c1d20e7f4"
down_revision = "b3c0a7d95e16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_id",
        sa.Column("old_id", sa.String(length=26), nullable=False),
        sa.Column("new_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_merged_id")),
    )
    op.create_index(op.f("ix_merged_id_new_id"), "merged_id", ["new_id"])
    op.create_table(
        "person_merge",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("kept_id", sa.String(length=26), nullable=False),
        sa.Column("taken_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("hashes", JSON, nullable=False),
        sa.Column("letters", JSON, nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"])
    op.create_index(op.f("ix_person_merge_at"), "person_merge", ["at"])


def downgrade() -> None:
    op.drop_table("person_merge")
    op.drop_table("merged_id")
