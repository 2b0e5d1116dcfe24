"""Notes and telephone numbers of imports lie sealed."""

import sqlalchemy as sa
from alembic import op

revision = "5ea1ed1f11e5"
down_revision = "c7d1e0a45b92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_column("sealed")
