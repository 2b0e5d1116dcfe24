"""Reports are drafts, reviewed, issued and superseded. Those that were frozen before count as issued, the last of each."""

import sqlalchemy as sa

from alembic import op

revision = "b7d20e94c1f3"
down_revision = "2b06cb11cc8c"
branch_labels = None
depends_on = None

COLUMNS = (
    ("before_id", sa.String(length=26)),
    ("reviewed_by", sa.String(length=60)),
    ("reviewed_at", sa.DateTime(timezone=True)),
    ("issued_by", sa.String(length=60)),
    ("issued_at", sa.DateTime(timezone=True)),
    ("superseded_at", sa.DateTime(timezone=True)),
    ("superseded_by", sa.String(length=26)),
)
LAST = """(SELECT n.{column} FROM snapshot n WHERE n.project_id = snapshot.project_id
          AND n.profile = snapshot.profile ORDER BY n.created_at DESC, n.id DESC LIMIT 1)"""


def upgrade() -> None:
    op.add_column("snapshot", sa.Column("state", sa.String(length=10), nullable=False, server_default="issued"))
    op.add_column("snapshot", sa.Column("written_by", sa.String(length=60), nullable=False, server_default=""))
    for name, kind in COLUMNS:
        op.add_column("snapshot", sa.Column(name, kind, nullable=True))
    op.execute("UPDATE snapshot SET written_by = created_by, issued_by = created_by, issued_at = created_at")
    last, at = LAST.format(column="id"), LAST.format(column="created_at")
    op.execute(
        f"UPDATE snapshot SET state = 'superseded', superseded_by = {last}, superseded_at = {at} WHERE id <> {last}"  # noqa: S608
    )
    with op.batch_alter_table("snapshot") as table:
        table.alter_column("state", server_default=None)
        table.alter_column("written_by", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("snapshot") as table:
        for name in ("state", "written_by", *(name for name, _kind in COLUMNS)):
            table.drop_column(name)
