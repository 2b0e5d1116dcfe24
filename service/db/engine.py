"""The engine, and one transaction for a request or a duty.

SQLite: WAL, FULL sync, foreign keys on; a transaction that will write says BEGIN IMMEDIATE,
because a deferred read that turns into a write dies with "database is locked".
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlmodel import Session

from service.db import scheduler

BUSY_TIMEOUT_MS = 10_000
LOOK_AGAIN_SECONDS = 0.002
FROZEN_AFTER_MS = 120_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "secure_delete=ON",
    "cache_size=-32000",
)


def make_engine(url: str) -> Engine:
    """Return an engine for a SQLite or PostgreSQL URL; a SQLite file's folder is made."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    parsed = parsed.set(drivername="postgresql+psycopg")
    if "options" not in parsed.query:
        # A process that is frozen amid a transaction would keep its rows from all others.
        parsed = parsed.update_query_dict({"options": f"-c idle_in_transaction_session_timeout={FROZEN_AFTER_MS}"})
    return create_engine(parsed, pool_size=20, max_overflow=20, pool_pre_ping=True)


def _sqlite(url: str, database: str | None) -> Engine:
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=20, max_overflow=40, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    _sync(connection)
    if connection.get_execution_options().get("writes", False):
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _sync(connection: Connection) -> None:
    """Let the commit of this transaction wait for the disk, or not; a connection keeps the last setting."""
    wanted = "FULL" if connection.get_execution_options().get("durable", True) else "NORMAL"
    if connection.info.get("synchronous", "FULL") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted


def _begin_writing(connection: Connection) -> None:
    """Become the one writer, looking every few milliseconds whether there is another.

    SQLite's own waiting looks less and less often, so that a guest's answer beside a long import came in by luck.

    Raises:
        OperationalError: the database is locked for longer than `BUSY_TIMEOUT_MS`.
    """
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        until = monotonic() + BUSY_TIMEOUT_MS / 1000
        while monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            sleep(LOOK_AGAIN_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # so that SQLAlchemy gives the error its own kind
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session for reading; whatever it changed is rolled back."""
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Session]:
    """Give a session for one transaction: committed at the end, rolled back on any error.

    Then the workers are told what it has made due. What is not `durable` may be gone after a power cut, whole
    and with nothing that was committed before it; the next durable commit takes it to the disk. Only SQLite heeds
    it: whoever wrote to PostgreSQL may outlive it, and would believe in what is gone.
    """
    with (
        engine.connect().execution_options(writes=True, durable=durable) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        scheduler.tell(connection, session)


def is_sqlite(session: Session) -> bool:
    """Tell which of the two databases this is."""
    return session.get_bind().dialect.name == "sqlite"
