"""The SQL of the tasks for guests after events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.promising import GuestTask, GuestTaskKind
from service.dissemination.store.refs import now_called, refs_of
from service.dissemination.tables.events import GuestTask as GuestTaskRow
from service.kernel.errors import NotFound

_T = columns(GuestTaskRow)
_TASK = [_T[name] for name in GuestTask.__dataclass_fields__ if name != "person_ref"]
_CURRENT = [*_TASK, now_called(_T.person_ref).label("person_ref")]


class UnknownGuestTask(NotFound):
    """The event has no such task."""

    code = "unknown-guest-task"


def add_task(session: Session, task: GuestTask, *, added_by: str) -> None:
    """Insert a task."""
    insert_row(session, GuestTaskRow, {**asdict(task), "added_by": added_by})


def write_done(session: Session, task: GuestTask) -> None:
    """Write whether a task is done, and by whom."""
    done = {"done_on": task.done_on, "done_by": task.done_by}
    session.execute(update(GuestTaskRow).where(_T.id == task.id).values(**done))


def remove_task(session: Session, task_id: str) -> None:
    """Delete a task."""
    session.execute(delete(GuestTaskRow).where(_T.id == task_id))


def read_task(session: Session, event_id: str, task_id: str) -> GuestTask:
    """Return one task of an event.

    Raises:
        UnknownGuestTask: the event has none of this id.
    """
    row = session.execute(select(*_CURRENT).where(_T.event_id == event_id, _T.id == task_id)).mappings().first()
    if row is None:
        raise UnknownGuestTask("The event has no such task.")
    return _task(row)


def read_tasks(session: Session, event_ids: Iterable[str]) -> list[GuestTask]:
    """Return the tasks of some events by day."""
    query = select(*_CURRENT).where(_T.event_id.in_(list(event_ids))).order_by(_T.due_on, _T.id)
    return [_task(row) for row in session.execute(query).mappings()]


def read_open(session: Session, event_ids: Iterable[str]) -> list[GuestTask]:
    """Return the tasks of some events that are not done, by day."""
    query = select(*_CURRENT).where(_T.event_id.in_(list(event_ids)), _T.done_on.is_(None))
    return [_task(row) for row in session.execute(query.order_by(_T.due_on, _T.id)).mappings()]


def read_tasks_of(session: Session, person_id: str) -> list[GuestTask]:
    """Return the tasks for a person by day."""
    query = select(*_CURRENT).where(_T.person_ref.in_(refs_of(session, person_id))).order_by(_T.due_on, _T.id)
    return [_task(row) for row in session.execute(query).mappings()]


def _task(row: Mapping[Any, Any]) -> GuestTask:
    return GuestTask(**{**row, "kind": GuestTaskKind(row["kind"])})
