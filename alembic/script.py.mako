<%
def without_remarks(body):
    """Leave out what Alembic says to the person who drafts."""
    lines = [line for line in (body or "pass").splitlines() if not line.strip().startswith("# ###")]
    return "\n".join(lines).strip() or "pass"
%>\
"""${message[:1].upper() + message[1:]}."""

import sqlalchemy as sa
${"\n".join(sorted((imports or "").split("\n")))}
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${without_remarks(upgrades)}


def downgrade() -> None:
    ${without_remarks(downgrades)}
