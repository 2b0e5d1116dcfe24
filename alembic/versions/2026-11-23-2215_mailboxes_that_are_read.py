"""How far the mailbox of the intake address was read."""

import sqlalchemy as sa

from alembic import op

revision = "d41a6e0f9b27"
down_revision = "c2f7b18e3d64"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_mailbox",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_intake_mailbox")),
    )


def downgrade() -> None:
    op.drop_table("intake_mailbox")
