"""Milestones of a target, and the plan as it was approved, version by version."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "c41d7a9e5b02"
down_revision = "5b1c9e7d2a40"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("indicator_target") as batch:
        batch.add_column(sa.Column("milestones", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("indicator_target") as batch:
        batch.alter_column("milestones", server_default=None)
    op.create_table(
        "plan_version",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=60), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_plan_version_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
    )
    op.create_index("ix_plan_version_project_number", "plan_version", ["project_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_plan_version_project_number", "plan_version")
    op.drop_table("plan_version")
    with op.batch_alter_table("indicator_target") as batch:
        batch.drop_column("milestones")
