"""Weights and risks of targets."""

import sqlalchemy as sa

from alembic import op

revision = "c56e9ccaeeb6"
down_revision = "e1a7430bd96c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("indicator_target", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weight", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("risk", sa.String(length=300), server_default="", nullable=False))
    with op.batch_alter_table("indicator_target", schema=None) as batch_op:
        batch_op.alter_column("risk", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("indicator_target", schema=None) as batch_op:
        batch_op.drop_column("risk")
        batch_op.drop_column("weight")
