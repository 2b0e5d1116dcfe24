"""Staff page of what the guests of an event need to take part, on one sheet for whoever sees to it."""

from __future__ import annotations

from fastapi import Request, Response

from service.accounts.values import Permission
from service.events import store
from service.ical.values import PartStat
from service.invitations.needs import read_event_needs
from service.invitations.store import guests as invitation_guests
from service.web import identifiers
from service.web.deps import House, ReadSession
from service.web.deps import Principal as Who
from service.web.events import own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")
IDENTIFIERS = identifiers  # its convertor must be known before the path below


@router.get("/{event_id:identifier}/needs")
@rule(Permission.EDIT)
def show(request: Request, session: ReadSession, who: Who, house: House, event_id: str) -> Response:
    """Show what those who come or may come need; a text that does not open says why in its place."""
    event = own_event(session, who, event_id)
    opened, faults = read_event_needs(session, event_id, ring=house.ring)
    guests = [
        guest for guest in invitation_guests.read_guests(session, event_id) if _comes(guest["invitation"].partstat)
    ]
    return page(
        request,
        "events/needs.html",
        project=store.read_project(session, event.project_id),
        event=event,
        guests=[guest for guest in guests if guest["invitation"].id in opened.keys() | faults.keys()],
        needs=opened,
        faults=faults,
    )


def _comes(partstat: str) -> bool:
    return partstat in (PartStat.ACCEPTED, PartStat.TENTATIVE)
