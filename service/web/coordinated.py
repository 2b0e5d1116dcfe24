"""Staff page of a coordinated action: the local events of an umbrella, each in its own zone, with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import together
from service.events import actions, store
from service.events.values import Event, EventDraft
from service.kernel.errors import Conflict, FarsowError, Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.event_forms import shown_field, typed_fields
from service.web.events import Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("title", "whole_day", "starts_date", "starts_time", "ends_date", "time_zone", "place")


@router.get("/{event_id:identifier}/local")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, event_id: str, saved: str = "") -> Response:
    """Show the local events of an umbrella on one page."""
    return _page(request, session, own_event(session, who, event_id), {}, saved=saved)


@router.post("/{event_id:identifier}/local")
@rule(Permission.EDIT)
def join(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str
) -> Response:
    """Take an event in, or make a local one; a form that cannot be used comes back with what was typed."""
    umbrella = own_event(session, who, event_id)
    try:
        chosen = form.get("event_id") or _made(session, umbrella, form, desk=desk, now=now, actor=who.actor).id
        together.join(session, event_id, chosen, now=now, actor=who.actor)
    except (Invalid, Conflict, store.UnknownEvent) as error:
        session.rollback()
        return _page(request, session, umbrella, form, error=error)
    return RedirectResponse(f"/events/{event_id}/local?saved=yes", 303)


def _made(
    session: Session, umbrella: Event, form: Mapping[str, str], *, desk: Desk, now: datetime, actor: str
) -> Event:
    """Make a draft of the umbrella's kind and privacy, in its own place and zone."""
    typed = typed_fields({name: form.get(name, "") for name in FIELDS})
    own: dict[str, Any] = {"project_id": umbrella.project_id, "kind": umbrella.kind, "privacy": umbrella.privacy}
    draft = EventDraft(**own, language=umbrella.language, **typed)
    return actions.create_event(session, draft, uid_domain=desk.domain, now=now, actor=actor)


@router.post("/{event_id:identifier}/local/{local_id:identifier}/part")
@rule(Permission.EDIT)
def part(session: WriteSession, who: Who, now: Now, event_id: str, local_id: str) -> Response:
    """Let a local event stand alone again."""
    own_event(session, who, event_id)
    together.part(session, event_id, local_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/local?saved=yes", 303)


def _page(
    request: Request,
    session: Session,
    umbrella: Event,
    typed: Mapping[str, str],
    *,
    error: FarsowError | None = None,
    saved: str = "",
) -> Response:
    project = store.read_project(session, umbrella.project_id)
    field = shown_field(error, typed) if isinstance(error, Invalid) and error.field else "event_id"
    return page(
        request,
        "events/local.html",
        project=project,
        event=umbrella,
        above=together.read_umbrella(session, umbrella.id),
        action=together.read_action(session, umbrella),
        candidates=[(one.id, one.title) for one in together.read_candidates(session, umbrella)],
        typed={**dict.fromkeys((*FIELDS, "event_id"), ""), "time_zone": project.time_zone} | dict(typed),
        errors={field: error.sentence} if error else {},
        saved=saved,
        status=(422 if isinstance(error, Invalid) else 409) if error else 200,
    )
