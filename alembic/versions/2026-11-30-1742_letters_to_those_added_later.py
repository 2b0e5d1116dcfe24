"""Letters to those added later: one of a mailing's words to each. Earlier letters hold none, so the index is empty."""

import sqlalchemy as sa

from alembic import op

revision = "2487b26c653e"
down_revision = "c56e9ccaeeb6"
branch_labels = None
depends_on = None

NAME, ON = "ix_delivery_first", ["first_id", "recipient_ref"]
LATER = sa.text("first_id IS NOT NULL AND state <> 'cancelled'")
FEW = {"sqlite_where": LATER, "postgresql_where": LATER}


def upgrade() -> None:
    op.add_column("delivery", sa.Column("first_id", sa.String(length=26), nullable=True))
    op.create_index(NAME, "delivery", ON, unique=True, **FEW)


def downgrade() -> None:
    op.drop_index(NAME, "delivery", **FEW)
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("first_id")
