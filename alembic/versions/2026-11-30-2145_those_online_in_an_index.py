"""Those online in an index of their own, for the figures."""

import sqlalchemy as sa

from alembic import op

revision = "8c1f4a60d3e9"
down_revision = "5b8e21d7c4f0"
branch_labels = None
depends_on = None

NAME, ON = "ix_invitation_online", ["event_id"]
FEW = {"sqlite_where": sa.text("online = 1"), "postgresql_where": sa.text("online")}


def upgrade() -> None:
    op.create_index(NAME, "invitation", ON, **FEW)


def downgrade() -> None:
    op.drop_index(NAME, "invitation", **FEW)
