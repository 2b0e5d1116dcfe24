"""Lists have an owner; a segment is a list with a filter and a ground in place of members."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "5e90c4b7d2a8"
down_revision = "c2d8f06a91be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("mailing_list") as table:
        table.add_column(sa.Column("owner", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("filter", json, nullable=True))
        table.add_column(sa.Column("ground", sa.String(length=30), nullable=True))
    with op.batch_alter_table("mailing_list") as table:
        table.alter_column("owner", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("mailing_list") as table:
        for name in ("ground", "filter", "owner"):
            table.drop_column(name)
