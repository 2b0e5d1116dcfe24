"""Files of evidence beside records, sealed."""

import sqlalchemy as sa

import service.db.types
from alembic import op

revision = "b7c2e9f0418d"
down_revision = "7c1e0a94b2d5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.String(length=26), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", service.db.types.Sealed(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("names_people", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", service.db.types.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_evidence_file_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index("ix_evidence_file_record", "evidence_file", ["project_id", "kind", "record_id"])


def downgrade() -> None:
    op.drop_table("evidence_file")
