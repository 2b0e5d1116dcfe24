"""Staff page of the tasks for guests after an event: who does what for whom, by when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import guest_tasks
from service.dissemination.formats import records_csv
from service.dissemination.promising import GuestTaskKind
from service.dissemination.store import guest_tasks as store
from service.events.store import read_project
from service.events.values import Event
from service.invitations.store.guests import read_guests
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.people.store import read_these
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed, own_event
from service.web.files import csv_file
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events/{event_id:identifier}/guest-tasks")
IDENTIFIERS = identifiers  # its convertor must be known before the paths above
FIELDS = ("person_ref", "kind", "note", "owner", "due_on")
COLUMNS = ("id", "kind", "owner", "due_on", "done_on")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, now: Now, event_id: str, person: str = "", saved: str = ""
) -> Response:
    """Show the tasks of an event; `person` begins the form with for whom one is."""
    event = own_event(session, who, event_id)
    return _page(request, session, event, {"person_ref": person}, now=now, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, event_id: str) -> Response:
    """Give a task; a form that cannot be used comes back with what was typed."""
    event = own_event(session, who, event_id)
    try:
        guest_tasks.add_guest_task(session, event.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, event, form, now=now, error=error)
    return RedirectResponse(f"/events/{event_id}/guest-tasks?saved=yes", 303)


@router.get("/guest-tasks.csv")
@rule(Permission.EXPORT)
def download(session: ReadSession, who: Who, event_id: str) -> Response:
    """Give the tasks as a file, without for whom they are."""
    event = own_event(session, who, event_id)
    rows = ([getattr(one, name) for name in COLUMNS] for one in store.read_tasks(session, [event.id]))
    return csv_file(records_csv.written(COLUMNS, rows), f"guest-tasks-{event.slug}.csv")


@router.post("/{task_id:identifier}")
@rule(Permission.EDIT)
def tick(
    session: WriteSession, who: Who, now: Now, event_id: str, task_id: str, done: Annotated[str, Form()] = ""
) -> Response:
    """Say that a task is done, that it is not after all, or that it is not needed."""
    event = own_event(session, who, event_id)
    if done == "remove":
        guest_tasks.remove(session, event.id, task_id, now=now, actor=who.actor)
    else:
        guest_tasks.tick(session, event.id, task_id, done=done == "yes", now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/guest-tasks", 303)


def _page(
    request: Request,
    session: Session,
    event: Event,
    values: Mapping[str, str],
    *,
    now: datetime,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    tasks = store.read_tasks(session, [event.id])
    guests = sorted(read_guests(session, event.id), key=lambda one: one["invitation"].attendance != "present")
    return page(
        request,
        "events/guest_tasks.html",
        project=read_project(session, event.project_id),
        event=event,
        tasks=tasks,
        people=read_these(session, {one.person_ref for one in tasks}),
        guests=guests,
        kinds=[kind.value for kind in GuestTaskKind],
        today=local_time(now, event.time_zone).date(),
        values=dict.fromkeys(FIELDS, "") | dict(values),
        errors={error.field or "kind": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
