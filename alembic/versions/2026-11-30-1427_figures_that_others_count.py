"""Figures that others count."""

import sqlalchemy as sa

from alembic import op

revision = "b6781fb8d911"
down_revision = "a4e70c21f9d6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_source",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("reference", sa.String(length=260), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_external_source_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_source")),
    )
    with op.batch_alter_table("external_source", schema=None) as batch_op:
        batch_op.create_index("ix_external_source_next_at", ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_external_source_project_id"), ["project_id"], unique=False)

    op.create_table(
        "external_figure",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("metric", sa.String(length=10), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["external_source.id"], name=op.f("fk_external_figure_source_id")),
        sa.PrimaryKeyConstraint("source_id", "metric", "as_of", name=op.f("pk_external_figure")),
    )


def downgrade() -> None:
    op.drop_table("external_figure")
    with op.batch_alter_table("external_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_source_project_id"))
        batch_op.drop_index("ix_external_source_next_at")

    op.drop_table("external_source")
