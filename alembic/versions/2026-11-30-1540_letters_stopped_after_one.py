"""Letters that were stopped by one about an event. The default stays, for a version before that still writes."""

import sqlalchemy as sa

from alembic import op

revision = "5f9d0e735744"
down_revision = "0c9ad47be315"
branch_labels = None
depends_on = None

NAME, ON = "ix_invitation_unsubscribed", ["event_id"]
FEW = {"sqlite_where": sa.text("unsubscribed = 1"), "postgresql_where": sa.text("unsubscribed")}


def upgrade() -> None:
    op.add_column("invitation", sa.Column("unsubscribed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(NAME, "invitation", ON, **FEW)


def downgrade() -> None:
    op.drop_index(NAME, "invitation", **FEW)
    with op.batch_alter_table("invitation") as batch:
        batch.drop_column("unsubscribed")
