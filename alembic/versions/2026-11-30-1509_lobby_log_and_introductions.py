"""Lobby log and introductions."""

import sqlalchemy as sa

from alembic import op

revision = "77b8fa8ebbd1"
down_revision = "c70867c5703a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "introduction",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("to_person_id", sa.String(length=26), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("follow_up", sa.String(length=300), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_introduction_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
    )
    with op.batch_alter_table("introduction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_introduction_noted_at"), ["noted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_to_person_id"), ["to_person_id"], unique=False)

    op.create_table(
        "lobby_meeting",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("said", sa.String(length=4000), nullable=False),
        sa.Column("next_step", sa.String(length=300), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lobby_meeting_organisation_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_lobby_meeting_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lobby_meeting")),
    )
    with op.batch_alter_table("lobby_meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lobby_meeting_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lobby_meeting_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lobby_meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lobby_meeting_project_id"))
        batch_op.drop_index(batch_op.f("ix_lobby_meeting_organisation_id"))

    op.drop_table("lobby_meeting")
    with op.batch_alter_table("introduction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_introduction_to_person_id"))
        batch_op.drop_index(batch_op.f("ix_introduction_project_id"))
        batch_op.drop_index(batch_op.f("ix_introduction_person_id"))
        batch_op.drop_index(batch_op.f("ix_introduction_noted_at"))

    op.drop_table("introduction")
