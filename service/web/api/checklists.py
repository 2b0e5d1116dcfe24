"""The API of checklists and the tasks of events."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import checklists, tasks
from service.dissemination.tasks import DatedTask
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="checklists")


class ItemOut(ApiModel):
    """One thing to do, so many days before (negative) or after the day of the event."""

    text: str
    role: str
    offset_days: int
    evidence: str


class ChecklistOut(ApiModel):
    """A checklist that comes with the program."""

    key: str
    title: str
    kinds: list[str]
    items: list[ItemOut]


class StartIn(ApiModel):
    """The checklist to start, by its key."""

    checklist: str


class TaskIn(ApiModel):
    """Whether a task is done."""

    done: bool


class TaskOut(ApiModel):
    """A task of an event. An open one is due on a day that moves with the event."""

    id: str
    checklist: str
    text: str
    role: str
    offset_days: int
    evidence: str
    due_on: date | None
    done_on: date | None
    is_late: bool


def _task(one: DatedTask) -> TaskOut:
    names = ("id", "checklist", "text", "role", "offset_days", "evidence", "done_on")
    return TaskOut(**{name: getattr(one.task, name) for name in names}, due_on=one.due_on, is_late=one.is_late)


@router.get("/checklists")
@rule(Permission.READ)
def list_checklists() -> Page[ChecklistOut]:
    """Return the checklists one can start."""
    return Page(items=[ChecklistOut.model_validate(one) for one in tasks.library().values()])


@router.get("/events/{event_id}/tasks")
@rule(Permission.READ)
def read_tasks(session: ReadSession, who: Principal, now: Now, event_id: str) -> Page[TaskOut]:
    """Return the tasks of an event by day."""
    event = own_event(session, who, event_id)
    return Page(items=[_task(one) for one in checklists.read_tasks(session, event, now=now)])


@router.post("/events/{event_id}/tasks", status_code=201)
@rule(Permission.EDIT)
def start(session: WriteSession, who: Principal, now: Now, event_id: str, body: StartIn) -> Page[TaskOut]:
    """Make the items of a checklist tasks of an event."""
    event = own_event(session, who, event_id)
    checklists.start(session, event.id, body.checklist, now=now, actor=who.actor)
    return Page(items=[_task(one) for one in checklists.read_tasks(session, event, now=now)])


@router.patch("/events/{event_id}/tasks/{task_id}")
@rule(Permission.EDIT)
def tick(session: WriteSession, who: Principal, now: Now, event_id: str, task_id: str, body: TaskIn) -> TaskOut:
    """Say whether a task is done."""
    event = own_event(session, who, event_id)
    task = checklists.tick(session, event.id, task_id, done=body.done, now=now, actor=who.actor)
    return _task(tasks.dated(task, event, now=now))


@router.delete("/events/{event_id}/tasks/{task_id}", status_code=204)
@rule(Permission.EDIT)
def drop(session: WriteSession, who: Principal, now: Now, event_id: str, task_id: str) -> Response:
    """Take away a task that the event does not need."""
    event = own_event(session, who, event_id)
    checklists.drop(session, event.id, task_id, now=now, actor=who.actor)
    return Response(status_code=204)
