"""The API of the tasks for guests after an event."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import guest_tasks
from service.dissemination.promising import GuestTask
from service.dissemination.store.guest_tasks import read_tasks
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/guest-tasks", tag="events")


class GuestTaskIn(ApiModel):
    """A task for a guest; `kind` is call, send_copy, introduce, small_grant or media."""

    person_id: str
    kind: str
    owner: str
    due_on: date
    note: str = ""


class GuestTaskOut(GuestTaskIn):
    """A task as it stands."""

    id: str
    done_on: date | None


class Ticked(ApiModel):
    """Whether a task is done."""

    done: bool


def _task(task: GuestTask) -> GuestTaskOut:
    same = {name: getattr(task, name) for name in ("id", "owner", "due_on", "note", "done_on")}
    return GuestTaskOut(**same, kind=task.kind.value, person_id=task.person_ref)


@router.get("")
@rule(Permission.READ)
def list_tasks(session: ReadSession, who: Principal, event_id: str) -> Page[GuestTaskOut]:
    """Return the tasks for the guests of an event by day."""
    event = own_event(session, who, event_id)
    return Page(items=[_task(one) for one in read_tasks(session, [event.id])])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, event_id: str, body: GuestTaskIn) -> GuestTaskOut:
    """Give a task."""
    event = own_event(session, who, event_id)
    wishes = body.model_dump() | {"person_ref": body.person_id}
    return _task(guest_tasks.add_guest_task(session, event.id, wishes, now=now, actor=who.actor))


@router.patch("/{task_id}")
@rule(Permission.EDIT)
def tick(session: WriteSession, who: Principal, now: Now, event_id: str, task_id: str, body: Ticked) -> GuestTaskOut:
    """Say that a task is done, or that it is not after all."""
    event = own_event(session, who, event_id)
    return _task(guest_tasks.tick(session, event.id, task_id, done=body.done, now=now, actor=who.actor))


@router.delete("/{task_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, event_id: str, task_id: str) -> Response:
    """Take away a task that is not needed."""
    event = own_event(session, who, event_id)
    guest_tasks.remove(session, event.id, task_id, now=now, actor=who.actor)
    return Response(status_code=204)
