"""Counts of materials beside their key, so that adding them up is one pass.

Only SQLite keeps a table in the order of its key; on PostgreSQL nothing changes.
"""

from alembic import op

revision = "7d0f5a2c91be"
down_revision = "a7d20c41be93"
branch_labels = None
depends_on = None

TABLE = "asset_hit_daily"


def upgrade() -> None:
    _copy(with_rowid=False)


def downgrade() -> None:
    _copy(with_rowid=True)


def _copy(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(TABLE, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
