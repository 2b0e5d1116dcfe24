"""The file of a preview, and the columns chosen for files of one shape."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from alembic import op

revision = "c7d1e0a45b92"
down_revision = "5e1b7c90d2fa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_original",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_original_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_import_original")),
    )
    op.create_table(
        "import_shape",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_import_shape")),
    )


def downgrade() -> None:
    op.drop_table("import_shape")
    op.drop_table("import_original")
