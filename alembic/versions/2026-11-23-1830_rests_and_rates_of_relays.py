"""Which relay rests for whom, when the next letter of a rate is due, and how often a letter left again."""

import sqlalchemy as sa

from alembic import op

revision = "b7c4e19d5a20"
down_revision = "3d1ffe2e97c0"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('queued', 'deferred')")


def upgrade() -> None:
    op.create_table(
        "relay_rest",
        sa.Column("relay", sa.String(length=270), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("relay", "domain", name=op.f("pk_relay_rest")),
    )
    op.create_table(
        "relay_rate",
        sa.Column("relay", sa.String(length=270), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("relay", "domain", name=op.f("pk_relay_rate")),
    )
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("repeats", server_default=None)
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["mailing_id", "domain", "next_attempt_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_waiting", "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("repeats")
    op.drop_table("relay_rate")
    op.drop_table("relay_rest")
