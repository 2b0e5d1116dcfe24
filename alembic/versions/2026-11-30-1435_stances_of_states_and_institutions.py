"""Stances of states and institutions."""

import sqlalchemy as sa

from alembic import op

revision = "1843abb32723"
down_revision = "b6781fb8d911"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stance",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("position", sa.String(length=12), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_stance_organisation_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_stance_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stance")),
    )
    with op.batch_alter_table("stance", schema=None) as batch_op:
        batch_op.create_index("ix_stance_current", ["is_current", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_stance_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stance_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("stance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stance_project_id"))
        batch_op.drop_index(batch_op.f("ix_stance_organisation_id"))
        batch_op.drop_index("ix_stance_current")

    op.drop_table("stance")
