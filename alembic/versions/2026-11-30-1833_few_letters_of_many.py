"""Few letters of many: those nobody is sure of, and those that left again. The pages of letters ask for them."""

import sqlalchemy as sa

from alembic import op

revision = "7c1e0a94b2d5"
down_revision = "7d0f5a2c91be"
branch_labels = None
depends_on = None

INDEXES = {"ix_delivery_unsure": "state = 'unknown'", "ix_delivery_twice": "repeats > 0"}


def upgrade() -> None:
    for name, few in INDEXES.items():
        op.create_index(name, "delivery", ["mailing_id"], sqlite_where=sa.text(few), postgresql_where=sa.text(few))


def downgrade() -> None:
    for name, few in INDEXES.items():
        op.drop_index(name, "delivery", sqlite_where=sa.text(few), postgresql_where=sa.text(few))
