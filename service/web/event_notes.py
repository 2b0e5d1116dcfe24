"""Staff page of what was agreed at an event: plain lists, to print and to draft the letter of next steps from."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.dissemination import notes
from service.events.store import read_project
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events/{event_id:identifier}/notes")
IDENTIFIERS = identifiers  # its convertor must be known before the paths above


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, event_id: str, saved: str = "") -> Response:
    """Show what was agreed."""
    event = own_event(session, who, event_id)
    found = notes.read_notes(session, event_id)
    return page(
        request,
        "events/notes.html",
        project=read_project(session, event.project_id),
        event=event,
        notes=found,
        lists={part: found.lines(part) for part in notes.PARTS},
        saved=saved,
    )


@router.post("")
@rule(Permission.EDIT)
def write(form: Typed, session: WriteSession, who: Who, now: Now, event_id: str) -> Response:
    """Write down what was agreed."""
    event = own_event(session, who, event_id)
    notes.write_notes(session, event.id, form, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/notes?saved=yes", 303)
