"""Lessons."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from alembic import op

revision = "c70867c5703a"
down_revision = "47ba49a477b2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("chapter_key", sa.String(length=60), nullable=True),
        sa.Column("topic", sa.String(length=30), nullable=True),
        sa.Column("setting", sa.String(length=13), nullable=True),
        sa.Column("campaigns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_lesson_event_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_lesson_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_project_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_event_id"))

    op.drop_table("lesson")
