"""Quotes with the consent to print them, and which frozen report holds which."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "d42ca1a450e2"
down_revision = "77b8fa8ebbd1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("person_ref", sa.String(length=26), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("attribution", sa.String(length=10), nullable=False),
        sa.Column("credit", sa.String(length=200), nullable=False),
        sa.Column("uses", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("agreed_how", sa.String(length=300), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_quote_event_id_event")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_quote_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
    )
    op.create_index(op.f("ix_quote_person_ref"), "quote", ["person_ref"])
    op.create_index(op.f("ix_quote_project_id"), "quote", ["project_id"])
    op.create_table(
        "snapshot_quote",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("quote_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_snapshot_quote_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("snapshot_id", "quote_id", name=op.f("pk_snapshot_quote")),
    )
    op.create_index(op.f("ix_snapshot_quote_quote_id"), "snapshot_quote", ["quote_id"])


def downgrade() -> None:
    op.drop_table("snapshot_quote")
    op.drop_table("quote")
