"""When each stretch of an import was carried out, so that it can be taken back."""

import sqlalchemy as sa

from alembic import op

revision = "8a4f0e6b31dc"
down_revision = "5ea1ed1f11e5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_chunk",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("through", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_chunk_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "through", name=op.f("pk_import_chunk")),
    )


def downgrade() -> None:
    op.drop_table("import_chunk")
