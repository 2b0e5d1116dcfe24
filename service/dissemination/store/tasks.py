"""The SQL of the tasks of events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.tables.events import EventTask
from service.dissemination.tasks import Item, Task
from service.kernel.errors import NotFound
from service.kernel.ids import new_id

_T = columns(EventTask)
_TASK = [_T[name] for name in Task.__dataclass_fields__]


class UnknownTask(NotFound):
    """The event has no such task."""

    code = "unknown-task"


def add_items(session: Session, event_id: str, checklist: str, items: Iterable[Item]) -> int:
    """Insert the items of a checklist for an event; return how many."""
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "checklist": checklist,
            "position": position,
            "text": item.text,
            "role": item.role,
            "offset_days": item.offset_days,
            "evidence": item.evidence,
        }
        for position, item in enumerate(items)
    ]
    session.execute(insert(EventTask), rows)
    return len(rows)


def read_tasks(session: Session, event_ids: Iterable[str]) -> list[Task]:
    """Return the tasks of some events in the order of their checklists."""
    query = select(*_TASK).where(_T.event_id.in_(list(event_ids)))
    rows = session.execute(query.order_by(_T.event_id, _T.checklist, _T.position))
    return [Task(**row._mapping) for row in rows]


def read_task(session: Session, event_id: str, task_id: str) -> Task:
    """Return one task of an event.

    Raises:
        UnknownTask: the event has none of this id.
    """
    row = session.execute(select(*_TASK).where(_T.event_id == event_id, _T.id == task_id)).first()
    if row is None:
        raise UnknownTask("The event has no such task.")
    return Task(**row._mapping)


def write_done(session: Session, task: Task) -> None:
    """Write whether a task is done: its days and by whom."""
    values: dict[str, Any] = {"due_on": task.due_on, "done_on": task.done_on, "done_by": task.done_by}
    session.execute(update(EventTask).where(_T.id == task.id).values(values))


def remove_task(session: Session, task_id: str) -> None:
    """Delete a task that the event does not need."""
    session.execute(delete(EventTask).where(_T.id == task_id))
