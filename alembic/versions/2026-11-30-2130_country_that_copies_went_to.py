"""Country that copies went to."""

import sqlalchemy as sa

from alembic import op

revision = "5b8e21d7c4f0"
down_revision = "d2a90c7f5b16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shipment", sa.Column("country", sa.String(length=2), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_column("country")
