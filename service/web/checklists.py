"""Staff page of an event's checklists: what is to be done by when, and what is done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import checklists, tasks
from service.events.store import read_project
from service.events.values import Event
from service.kernel.errors import Conflict, Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events/{event_id:identifier}/checklist")
IDENTIFIERS = identifiers  # its convertor must be known before the paths above


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, event_id: str) -> Response:
    """Show what is to be done for an event."""
    return _page(request, session, own_event(session, who, event_id), now=now)


@router.post("")
@rule(Permission.EDIT)
def start(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    event_id: str,
    checklist: Annotated[str, Form()] = "",
) -> Response:
    """Make the items of a checklist tasks of the event."""
    event = own_event(session, who, event_id)
    try:
        checklists.start(session, event.id, checklist, now=now, actor=who.actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _page(request, session, event, now=now, error=error)
    return RedirectResponse(f"/events/{event_id}/checklist", 303)


@router.post("/{task_id:identifier}")
@rule(Permission.EDIT)
def tick(
    session: WriteSession, who: Who, now: Now, event_id: str, task_id: str, done: Annotated[str, Form()] = ""
) -> Response:
    """Say that a task is done, or that it is not after all."""
    event = own_event(session, who, event_id)
    checklists.tick(session, event.id, task_id, done=done == "yes", now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/checklist#task-{task_id}", 303)


@router.post("/{task_id:identifier}/drop")
@rule(Permission.EDIT)
def drop(session: WriteSession, who: Who, now: Now, event_id: str, task_id: str) -> Response:
    """Take away a task that the event does not need."""
    event = own_event(session, who, event_id)
    checklists.drop(session, event.id, task_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/checklist", 303)


def _page(
    request: Request, session: Session, event: Event, *, now: datetime, error: Invalid | Conflict | None = None
) -> Response:
    found = checklists.read_tasks(session, event, now=now)
    started = {one.task.checklist for one in found}
    return page(
        request,
        "events/checklist.html",
        project=read_project(session, event.project_id),
        event=event,
        tasks=found,
        done=sum(one.task.done_on is not None for one in found),
        late=sum(one.is_late for one in found),
        titles={key: one.title for key, one in tasks.library().items()},
        offered=[one for one in tasks.suiting(event.kind) if one.key not in started],
        error=error.sentence if error else "",
        status=200 if error is None else 422 if isinstance(error, Invalid) else 409,
    )
