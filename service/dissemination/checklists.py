"""What one does with checklists: start one for an event, tick its tasks, see what is late or near."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination import tasks
from service.dissemination.store import tasks as store
from service.dissemination.tasks import DatedTask, Task
from service.events import store as events
from service.events.values import Event, EventState
from service.kernel.clock import local_time
from service.kernel.errors import Conflict

AT_WORK = (EventState.DRAFT, EventState.ANNOUNCED, EventState.CLOSED)


class ChecklistStarted(Conflict):
    """The event has this checklist already."""

    code = "checklist-started"


@dataclass(frozen=True, slots=True)
class NeededTask:
    """A task that is late or due within the week, with its event."""

    event: Event
    dated: DatedTask


def start(session: Session, event_id: str, checklist: str, *, now: datetime, actor: str) -> int:
    """Make the items of a checklist tasks of an event; return how many.

    Raises:
        UnknownEvent, UnknownChecklist, ChecklistStarted.
    """
    events.lock_event(session, event_id)
    wanted = tasks.find_checklist(checklist)
    if any(task.checklist == checklist for task in store.read_tasks(session, [event_id])):
        raise ChecklistStarted("The event has this checklist already.")
    added = store.add_items(session, event_id, checklist, wanted.items)
    facts = {"checklist": checklist, "tasks": added}
    log.record(session, actor=actor, action="checklist.started", subject=f"event:{event_id}", now=now, **facts)
    return added


def read_tasks(session: Session, event: Event, *, now: datetime) -> list[DatedTask]:
    """Return the tasks of an event by day."""
    return tasks.in_order(tasks.dated(task, event, now=now) for task in store.read_tasks(session, [event.id]))


def tick(session: Session, event_id: str, task_id: str, *, done: bool, now: datetime, actor: str) -> Task:
    """Say that a task is done, or that it is not after all; saying it twice changes nothing.

    Raises:
        UnknownEvent, UnknownTask.
    """
    event, before = events.read_event(session, event_id), store.read_task(session, event_id, task_id)
    if done is (before.done_on is not None):
        return before
    today = local_time(now, event.time_zone).date()
    due = tasks.due_day(before, event)
    after = (
        replace(before, due_on=due, done_on=today, done_by=actor)
        if done
        else replace(before, due_on=None, done_on=None, done_by=None)
    )
    store.write_done(session, after)
    action = "task.done" if done else "task.reopened"
    log.record(session, actor=actor, action=action, subject=f"task:{task_id}", now=now)
    return after


def drop(session: Session, event_id: str, task_id: str, *, now: datetime, actor: str) -> None:
    """Take away a task that the event does not need.

    Raises:
        UnknownTask: the event has none of this id.
    """
    task = store.read_task(session, event_id, task_id)
    store.remove_task(session, task_id)
    facts = {"checklist": task.checklist, "position": task.position}
    log.record(session, actor=actor, action="task.dropped", subject=f"event:{event_id}", now=now, **facts)


def read_needed(session: Session, project_id: str, *, now: datetime) -> list[NeededTask]:
    """Return the tasks of a project's events that are late or due within the week, the longest late first."""
    known: dict[str, Event] = {event.id: event for event in events.read_events(session, project_id, states=AT_WORK)}
    found = [
        NeededTask(known[task.event_id], one)
        for task in store.read_tasks(session, known)
        if tasks.needed(one := tasks.dated(task, known[task.event_id], now=now), known[task.event_id], now=now)
    ]
    return sorted(found, key=lambda one: (one.dated.due_on or now.date(), one.event.starts_at, one.dated.task.position))
