"""Figures given by hand: how many, of how many, on what basis, and where one can see it."""

import sqlalchemy as sa

from alembic import op

revision = "f17c2b8e6a09"
down_revision = "883ee31c5371"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "manual_figure",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("indicator", sa.String(length=4), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=True),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_manual_figure_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_figure")),
    )
    op.create_index(op.f("ix_manual_figure_project_id"), "manual_figure", ["project_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_manual_figure_project_id"), "manual_figure")
    op.drop_table("manual_figure")
