"""The tables of the scheduler that wakes the workers, on PostgreSQL only.

They belong to the library procrastinate and are made as its installed version has them. A newer
version that changes them fails a test (tests/house/test_migrations.py) until a revision with what
changed follows this one.
"""

from alembic import op
from service.db import scheduler

revision = "5b1c9e7d2a40"
down_revision = "f08b3d72c915"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        scheduler.create(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        scheduler.drop(op.get_bind())
