"""Standing invitations to series."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "7e40c9a1d35f"
down_revision = "c41d7a9e5b02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "standing_invitation",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("series_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("left_out", json, nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_standing_invitation_series_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_standing_invitation_person_id")),
        sa.ForeignKeyConstraint(["list_id"], ["mailing_list.id"], name=op.f("fk_standing_invitation_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_invitation")),
        sa.UniqueConstraint("series_id", "person_id", name=op.f("uq_standing_invitation_series_id_person_id")),
    )
    with op.batch_alter_table("standing_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standing_invitation_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("standing_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_invitation_person_id"))
    op.drop_table("standing_invitation")
