"""Reports whose words name someone who was forgotten are marked."""

import sqlalchemy as sa

from alembic import op

revision = "4f1d8c6a92e3"
down_revision = "b7c2e9f0418d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("forgotten_in", sa.String(length=200), nullable=False, server_default="")
    op.add_column("snapshot", column)
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("snapshot", "forgotten_in", server_default=None)


def downgrade() -> None:
    op.drop_column("snapshot", "forgotten_in")
