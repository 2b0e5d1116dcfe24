"""Case studies."""

import sqlalchemy as sa

from alembic import op

revision = "e1a7430bd96c"
down_revision = "9e27b6d0f4a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_study",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("campaign", sa.String(length=60), nullable=False),
        sa.Column("chapter_key", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=20000), nullable=False),
        sa.Column("names", sa.String(length=300), nullable=False),
        sa.Column("consent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_case_study_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_study")),
    )
    op.create_index(op.f("ix_case_study_project_id"), "case_study", ["project_id"])


def downgrade() -> None:
    op.drop_table("case_study")
