"""What is deleted by time."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from alembic import op

revision = "ad45095305bb"
down_revision = "a3d8f573d9a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deletion_certificate",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("ids_sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_deletion_certificate_number")),
    )
    with op.batch_alter_table("deletion_certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deletion_certificate_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deletion_certificate_rule"), ["rule"], unique=False)

    op.create_table(
        "retention_rule",
        sa.Column("held", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("held", "kind", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "invitation_tally",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("audience_id", sa.String(length=26), nullable=False),
        sa.Column("region", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_invitation_tally_event_id")),
        sa.PrimaryKeyConstraint("event_id", "audience_id", "region", "name", name=op.f("pk_invitation_tally")),
    )
    op.create_table(
        "place_tally",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_place_tally_event_id")),
        sa.PrimaryKeyConstraint("event_id", "kind", "key", name=op.f("pk_place_tally")),
    )
    op.create_table(
        "retention_promise",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_retention_promise_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_retention_promise")),
    )


def downgrade() -> None:
    op.drop_table("retention_promise")
    op.drop_table("place_tally")
    op.drop_table("invitation_tally")
    op.drop_table("retention_rule")
    with op.batch_alter_table("deletion_certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deletion_certificate_rule"))
        batch_op.drop_index(batch_op.f("ix_deletion_certificate_event_id"))

    op.drop_table("deletion_certificate")
