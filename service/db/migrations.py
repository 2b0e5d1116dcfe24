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
from service.kernel.errors import Conflict
from service.kernel.places import data_folder


class NewerDatabase(Conflict):
    """The database has a revision that this version does not know."""

    code = "newer-database"

    def __init__(self) -> None:
        super().__init__("A newer version of Farsow made this database: start that one, or restore a backup.")


def upgrade(database: str | Engine, revision: str = "head") -> None:
    """Bring a database, given by URL or engine, up to a revision; nothing is done twice.

    Raises:
        NewerDatabase: it is ahead of this version.
    """
    engine = database if isinstance(database, Engine) else make_engine(database)
    if current(engine) not in (None, *_known()):
        raise NewerDatabase
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


def head() -> str:
    """Return the revision this version needs."""
    return _known()[0]


@cache
def _known() -> tuple[str, ...]:
    """Return the revisions this version has, the newest first."""
    return tuple(one.revision for one in ScriptDirectory.from_config(config()).walk_revisions())


def is_current(engine: Engine) -> bool:
    """Tell whether a database has the tables of this version."""
    return current(engine) == head()


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for our revisions, on this connection when given."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(data_folder("alembic")).replace("%", "%%"))
    return made
