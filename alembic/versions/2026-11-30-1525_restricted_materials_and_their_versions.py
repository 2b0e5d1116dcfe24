"""Restricted materials and their versions."""

import sqlalchemy as sa

from alembic import op

revision = "2b06cb11cc8c"
down_revision = "6b45606cd50c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asset_version",
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("replaced_by", sa.String(length=60), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_version_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", "number", name=op.f("pk_asset_version")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("link_version", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("asset", schema=None) as batch_op:
        for name in ("version", "restricted", "link_version"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.drop_column("link_version")
        batch_op.drop_column("restricted")
        batch_op.drop_column("version")

    op.drop_table("asset_version")
