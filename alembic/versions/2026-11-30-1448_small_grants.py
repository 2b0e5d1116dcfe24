"""Small grants."""

import sqlalchemy as sa

from alembic import op

revision = "47ba49a477b2"
down_revision = "b95cdb209ab4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "small_grant",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_small_grant_organisation_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_small_grant_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_grant")),
    )
    with op.batch_alter_table("small_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_small_grant_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_small_grant_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("small_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_small_grant_project_id"))
        batch_op.drop_index(batch_op.f("ix_small_grant_organisation_id"))

    op.drop_table("small_grant")
