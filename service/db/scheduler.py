"""What our transactions know of the scheduler on PostgreSQL: its tables, and how workers hear of fresh work.

The scheduler only decides who looks when; what is due stands in our own tables. A word that is
lost loses nothing: the workers look every few seconds anyway. On SQLite there is no scheduler.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

log = structlog.get_logger(__name__)


class Work(StrEnum):
    """Work that a worker is told of at once; the value is the name of its duty."""

    LETTERS = "deliver_letters"
    READING = "read_files"
    APPLYING = "apply_imports"
    UNDOING = "undo_imports"

    @property
    def queue(self) -> str:
        """Which of a worker's two hands does it: letters never wait for a long import."""
        return "letters" if self is Work.LETTERS else "other"


def make_due(session: Session, work: Work, at: datetime | None = None) -> None:
    """Let the workers hear of work, now or at an instant, once this transaction is committed."""
    session.info.setdefault("due", set()).add((work, at))


def tell(connection: Connection, session: Session) -> None:
    """Tell the workers what a committed transaction has made due. Trouble is logged: it changes nothing."""
    due: set[tuple[Work, datetime | None]] = session.info.pop("due", set())
    if not due or connection.dialect.name == "sqlite":
        return
    try:
        with connection.begin():
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.execute(_ADD_JOB, [_job(work, at) for work, at in due])
    except SQLAlchemyError as trouble:
        log.warning("worker.not-told", error=type(trouble).__name__)


def _job(work: Work, at: datetime | None) -> dict[str, Any]:
    """Return a job; no second one of the same kind and second waits beside it."""
    lock = f"{work}@{at:%Y%m%d%H%M%S}" if at else work.value
    alone = None if work is Work.LETTERS else work.value
    return {"queue": work.queue, "task": work.value, "waits_as": lock, "alone": alone, "at": at}


_ADD_JOB = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, lock, scheduled_at) "
    "VALUES (:queue, :task, :waits_as, :alone, :at) ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"
)


def count_workers(session: Session, *, seconds: int = 30) -> int | None:
    """Return how many workers gave a sign of life lately, or None where they are not counted (SQLite)."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    alive = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
    # Each process has two hands, and each of them gives its own sign.
    return (int(session.execute(text(alive), {"seconds": seconds}).scalar_one()) + 1) // 2


def create(connection: Connection) -> None:
    """Make the scheduler's tables, as the library of today has them."""
    _run(connection, SchemaManager.get_schema())


def drop(connection: Connection) -> None:
    """Drop the scheduler's tables, types and functions."""
    _run(connection, _DROP)


def _run(connection: Connection, script: str) -> None:
    """Run several statements as they stand: colons and percent signs are no parameters."""
    raw: Any = connection.connection.driver_connection
    raw.execute(script)


_DROP = r"""
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\_%' LOOP
        EXECUTE format('DROP TABLE %I CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\_%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT typname AS name FROM pg_type
        WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\_%'
        AND typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE %I CASCADE', one.name);
    END LOOP;
END;
$$
"""
