"""Staff page of the places of an event by audience, and in which order those who wait might get one."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import quotas
from service.campaign.store.quotas import read_quotas
from service.events import store
from service.events.values import Event
from service.invitations.store import guests as invitation_guests
from service.kernel.errors import Invalid
from service.people import store as people
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("/{event_id:identifier}/quotas")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, event_id: str, saved: str = "") -> Response:
    """Show the places by audience beside who was invited and comes, and who waits."""
    event = own_event(session, who, event_id)
    typed = {group: str(places) for group, places in read_quotas(session, event_id).items()}
    return _page(request, session, event, typed, saved=saved)


@router.post("/{event_id:identifier}/quotas")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, event_id: str) -> Response:
    """Set the places; a form that cannot be used comes back with what was typed."""
    event = own_event(session, who, event_id)
    typed = {group: form.get(f"places-{group}", "") for group in quotas.groups(session)}
    try:
        quotas.set_quotas(session, event_id, typed, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, event, typed, error=error)
    return RedirectResponse(f"/events/{event_id}/quotas?saved=yes", 303)


def _page(
    request: Request,
    session: Session,
    event: Event,
    typed: Mapping[str, str],
    *,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    guests = {guest["invitation"].id: guest for guest in invitation_guests.read_guests(session, event.id)}
    waiting = quotas.read_suggestion(session, event.id)
    return page(
        request,
        "events/quotas.html",
        project=store.read_project(session, event.project_id),
        event=event,
        shares={one.group: one for one in quotas.read_shares(session, event.id)},
        groups=quotas.groups(session),
        audiences={one.key: one.name for one in people.read_audiences(session)},
        waiting=[(place, quotas.group_of(place), guests[place.invitation_id]) for place in waiting],
        typed=dict(typed),
        errors={f"places-{error.field}": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
