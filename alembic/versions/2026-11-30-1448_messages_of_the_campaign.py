"""Messages of the campaign."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from alembic import op

revision = "b95cdb209ab4"
down_revision = "1843abb32723"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_message",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("audience_key", sa.String(length=60), nullable=True),
        sa.Column("topic", sa.String(length=30), nullable=True),
        sa.Column("countries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("writers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_campaign_message_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_message")),
    )
    with op.batch_alter_table("campaign_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_message_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("campaign_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_message_project_id"))

    op.drop_table("campaign_message")
