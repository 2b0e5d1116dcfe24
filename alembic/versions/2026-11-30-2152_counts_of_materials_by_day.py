"""Counts of materials by day, too: the months of use are one pass, and need no sorting."""

from alembic import op

revision = "e45b4d18e32f"
down_revision = "8c1f4a60d3e9"
branch_labels = None
depends_on = None

INDEX = "ix_asset_hit_daily_day"


def upgrade() -> None:
    op.create_index(INDEX, "asset_hit_daily", ["day", "asset_id", "requests", "sessions"])


def downgrade() -> None:
    op.drop_index(INDEX, "asset_hit_daily")
