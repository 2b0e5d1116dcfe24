"""Events of whole days."""

import sqlalchemy as sa

from alembic import op

revision = "a7d20c41be93"
down_revision = "2487b26c653e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("event") as table:
        table.add_column(sa.Column("whole_day", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("event") as table:
        table.alter_column("whole_day", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("event") as table:
        table.drop_column("whole_day")
