"""What follows an event: its letters once staff said yes, what guests say, and what they will do."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "e620a3b98992"
down_revision = "c83e5a6f10d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("materials", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=60), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_follow_up_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_follow_up")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_commitment_event_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_commitment_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_commitment_invitation_id")),
    )
    op.create_index(op.f("ix_commitment_event_id"), "commitment", ["event_id"])
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("usefulness", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=True),
        sa.Column("chapter", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_survey_answer_event_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_survey_answer_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_survey_answer_invitation_id")),
    )
    op.create_index(op.f("ix_survey_answer_event_id"), "survey_answer", ["event_id"])
    op.create_table(
        "survey_return",
        sa.Column("invitation_id", sa.String(length=26), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("next_steps", sa.Boolean(), nullable=False),
        sa.Column("may_ask", sa.Boolean(), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_survey_return_invitation_id")),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_survey_return")),
    )
    with op.batch_alter_table("planned_letter") as table:
        table.add_column(sa.Column("note", sa.String(length=4000), nullable=False, server_default=""))
    with op.batch_alter_table("planned_letter") as table:
        table.alter_column("note", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("planned_letter") as table:
        table.drop_column("note")
    op.drop_table("survey_return")
    op.drop_table("survey_answer")
    op.drop_table("commitment")
    op.drop_table("follow_up")
