"""What staff made of mail that could not be placed."""

import sqlalchemy as sa

from alembic import op

revision = "5e1b7c90d2fa"
down_revision = "5ea1ed0c3115"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("intake_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("settled_by", sa.String(length=60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("intake_message", schema=None) as batch_op:
        batch_op.drop_column("settled_by")
        batch_op.drop_column("settled_at")
        batch_op.drop_column("settled")
