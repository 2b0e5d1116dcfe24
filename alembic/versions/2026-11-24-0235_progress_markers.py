"""Progress markers: what the plan expects, would like and would love to see each audience do."""

import sqlalchemy as sa

from alembic import op

revision = "e5a90b7c4d13"
down_revision = "c3a7d915e84b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "progress_marker",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("audience_key", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_progress_marker_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_marker")),
    )
    op.create_index(op.f("ix_progress_marker_project_id"), "progress_marker", ["project_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_progress_marker_project_id"), "progress_marker")
    op.drop_table("progress_marker")
