"""Bring a database to the tables of this version, and tell which version it has.

The revisions lie in `alembic/`; `alembic/env.py` prepares the connection for each kind of
database. Two processes that migrate at once wait for each other.
"""

from __future__ import annotations

from functools import cache

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from alembic import command
from service.db.engine import make_engine
from service.kernel.places import data_folder


def upgrade(database: str | Engine, revision: str = "head") -> None:
    """Bring a database, given by URL or engine, up to a revision; nothing is done twice."""
    engine = database if isinstance(database, Engine) else make_engine(database)
    with engine.connect() as connection:
        command.upgrade(config(connection), revision)
    if engine is not database:
        engine.dispose()


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take a database back to a revision; what only the newer tables held is lost."""
    with engine.connect() as connection:
        command.downgrade(config(connection), revision)


def current(engine: Engine) -> str | None:
    """Return the revision a database has, or None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str:
    """Return the revision this version needs."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def is_current(engine: Engine) -> bool:
    """Tell whether a database has the tables of this version."""
    return current(engine) == head()


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for our revisions, on this connection when given."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(data_folder("alembic")).replace("%", "%%"))
    return made
