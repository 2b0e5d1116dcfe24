"""A file waits in pieces, each sealed by itself. Those that wait as a whole are let go: choose them again."""

import sqlalchemy as sa

from alembic import op

revision = "b3c0a7d95e16"
down_revision = "b7c4e19d5a20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("import_original")
    _create(sa.Column("part", sa.Integer(), autoincrement=False, nullable=False))


def downgrade() -> None:
    op.drop_table("import_original")
    _create()


def _create(*parts: sa.Column[int]) -> None:
    op.create_table(
        "import_original",
        sa.Column("batch_id", sa.String(), nullable=False),
        *parts,
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_original_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", *(p.name for p in parts), name=op.f("pk_import_original")),
    )
