"""What one does with the tasks for guests after an event: give one, tick it, see what is late or near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination.editing import UnknownReference
from service.dissemination.promising import GuestTask, make_guest_task
from service.dissemination.store import guest_tasks as store
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.kernel.clock import local_time
from service.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class NeededGuestTask:
    """A task for a guest that is late or due within the week, with its event."""

    event: Event
    task: GuestTask
    is_late: bool


def add_guest_task(
    session: Session, event_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> GuestTask:
    """Give someone of staff a task for a guest of an event.

    Raises:
        UnknownEvent, UnknownReference, OwnerMissing, NotADay.
    """
    event = events.read_event(session, event_id)
    task = make_guest_task(new_id(), event.id, wishes)
    if invitations.find(session, event.id, task.person_ref) is None:
        raise UnknownReference("They were not invited to this event.", field="person_ref")
    store.add_task(session, task, added_by=actor)
    subject = f"guest-task:{task.id}"
    log.record(session, actor=actor, action="guest-task.added", subject=subject, now=now, kind=task.kind.value)
    return task


def tick(session: Session, event_id: str, task_id: str, *, done: bool, now: datetime, actor: str) -> GuestTask:
    """Say that a task is done, or that it is not after all; saying it twice changes nothing.

    Raises:
        UnknownEvent, UnknownGuestTask.
    """
    event, before = events.read_event(session, event_id), store.read_task(session, event_id, task_id)
    if done is (before.done_on is not None):
        return before
    today = local_time(now, event.time_zone).date()
    after = replace(before, done_on=today, done_by=actor) if done else replace(before, done_on=None, done_by=None)
    store.write_done(session, after)
    action = "guest-task.done" if done else "guest-task.reopened"
    log.record(session, actor=actor, action=action, subject=f"guest-task:{task_id}", now=now)
    return after


def remove(session: Session, event_id: str, task_id: str, *, now: datetime, actor: str) -> None:
    """Take away a task that is not needed.

    Raises:
        UnknownGuestTask: the event has none of this id.
    """
    store.read_task(session, event_id, task_id)
    store.remove_task(session, task_id)
    log.record(session, actor=actor, action="guest-task.removed", subject=f"guest-task:{task_id}", now=now)


def read_needed(session: Session, project_id: str, *, now: datetime) -> list[NeededGuestTask]:
    """Return the tasks for guests that are late or due within the week, the longest late first."""
    known: dict[str, Event] = {event.id: event for event in events.read_events(session, project_id)}
    found = []
    for task in store.read_open(session, known):
        today = local_time(now, known[task.event_id].time_zone).date()
        if task.is_needed(today):
            found.append(NeededGuestTask(known[task.event_id], task, task.is_late(today)))
    return found
