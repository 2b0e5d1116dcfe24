"""A file waits in pieces, each sealed by itself. One that waited as a whole does not open: choose it again."""

import sqlalchemy as sa

from alembic import op

revision = "b3c0a7d95e16"
down_revision = "b7c4e19d5a20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_original") as table:
        table.add_column(sa.Column("part", sa.Integer(), autoincrement=False, nullable=False, server_default="0"))
        table.drop_constraint("pk_import_original", type_="primary")
        table.create_primary_key("pk_import_original", ["batch_id", "part"])
    with op.batch_alter_table("import_original") as table:
        table.alter_column("part", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM import_original WHERE part > 0")
    with op.batch_alter_table("import_original") as table:
        table.drop_constraint("pk_import_original", type_="primary")
        table.create_primary_key("pk_import_original", ["batch_id"])
        table.drop_column("part")
