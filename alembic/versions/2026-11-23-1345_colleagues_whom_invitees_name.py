"""Colleagues whom invitees name."""

import sqlalchemy as sa

from alembic import op

revision = "a3d8f573d9a4"
down_revision = "da91fbcde079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "substitute_request",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_substitute_request_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitute_request")),
    )
    with op.batch_alter_table("substitute_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitute_request_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitute_request_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("substitute_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_substitute_request_state"))
        batch_op.drop_index(batch_op.f("ix_substitute_request_invitation_id"))

    op.drop_table("substitute_request")
