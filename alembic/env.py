"""How Alembic runs our revisions: on SQLite by rebuilding tables, on PostgreSQL with a lock timeout.

The connection comes from `service.db.migrations`, or is made of `-x url=…` on Alembic's own
command line. All revisions of one run are one transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Connection, text
from sqlmodel import AutoString

from alembic import context
from service.db.engine import make_engine
from service.db.types import Instant
from service.schema import metadata

ONE_AT_A_TIME = 0x0FA2503  # any constant: the advisory lock that migrating processes share
LOCK_TIMEOUT = "5s"  # rather give up than hold every reader behind a waiting ALTER TABLE


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell whether a table is ours to compare; the scheduler brings its own."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def spelled(kind: str, thing: Any, drafting: Any) -> str | bool:
    """Spell our column types in plain SQLAlchemy: a revision must outlive the code of its day."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    if kind == "type" and isinstance(thing, JSON):
        drafting.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def migrate(connection: Connection) -> None:
    """Run the revisions that are wanted, in one transaction."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # Rebuilding a table drops the old one, and a drop deletes row by row: with foreign
        # keys on, that would empty the tables that point at it. Not settable in a transaction.
        _pragma(connection, "foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=is_sqlite,
        include_name=ours,
        render_item=spelled,
        transactional_ddl=True,  # SQLite too: our engine says BEGIN itself
    )
    try:
        with context.begin_transaction():
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            context.run_migrations()
            if is_sqlite:
                _refuse_orphans(connection)
    finally:
        if is_sqlite:
            _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, setting: str) -> None:
    connection.connection.driver_connection.execute(f"PRAGMA {setting}")


def _refuse_orphans(connection: Connection) -> None:
    if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise RuntimeError(f"this revision leaves rows that point nowhere: {[row[:3] for row in orphans[:5]]}")


def main() -> None:
    """Take the connection that was given, or make one of `-x url=…`."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given.execution_options(writes=True))
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("Say which database: alembic -x url=sqlite:///var/scratch.db …")
    with make_engine(url).connect() as connection:
        migrate(connection.execution_options(writes=True))


main()
