"""What people are looked up by as possible duplicates, and who was said to be two. A duty fills the keys."""

import sqlalchemy as sa

from alembic import op

revision = "3d1ffe2e97c0"
down_revision = "8a4f0e6b31dc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_key",
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_key_person_id")),
        sa.PrimaryKeyConstraint("kind", "key", "person_id", name=op.f("pk_person_key")),
    )
    op.create_index(op.f("ix_person_key_of"), "person_key", ["of"])
    op.create_index("ix_person_key_person_id", "person_key", ["person_id", "of"])
    only = sa.text("shared")
    columns = ["kind", "key", "person_id"]
    op.create_index("ix_person_key_shared", "person_key", columns, sqlite_where=only, postgresql_where=only)
    op.create_table(
        "different_people",
        sa.Column("first_id", sa.String(), nullable=False),
        sa.Column("second_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_different_people_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_different_people_second_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_different_people")),
    )
    op.create_index(op.f("ix_different_people_second_id"), "different_people", ["second_id"])
    op.create_index(op.f("ix_person_updated_at"), "person", ["updated_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_person_updated_at"), "person")
    op.drop_table("different_people")
    op.drop_table("person_key")
