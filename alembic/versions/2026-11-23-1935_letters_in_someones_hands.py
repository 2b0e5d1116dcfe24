"""An index of the letters in someone's hands: each claim asks whose sender is gone."""

import sqlalchemy as sa

from alembic import op

revision = "c2d8f06a91be"
down_revision = "5b8c1d20e7f4"
branch_labels = None
depends_on = None

HELD = sa.text("state = 'sending'")


def upgrade() -> None:
    op.create_index("ix_delivery_held", "delivery", ["lease_until"], sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    op.drop_index("ix_delivery_held", "delivery")
