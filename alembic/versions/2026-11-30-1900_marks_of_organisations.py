"""The organisation's mark on reports."""

import sqlalchemy as sa

import service.db.types
from alembic import op

revision = "d2a90c7f5b16"
down_revision = "4f1d8c6a92e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_logo",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", service.db.types.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_logo_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_logo")),
    )


def downgrade() -> None:
    op.drop_table("project_logo")
