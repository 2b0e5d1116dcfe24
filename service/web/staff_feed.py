"""A calendar feed for one member of staff, at a secret address that can be ended.

Calendars of others fetch it, so it says no more than a diary must: no guest, no join link, no page of ours that opens
without signing in; of what is not open to all no place, of what is discreet not even the title.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import actions
from service.accounts import store as accounts
from service.accounts.values import Permission, Principal
from service.events import store
from service.events.rules import may_be_public
from service.events.values import Event
from service.ical import feed
from service.ical.links import webcal
from service.ical.values import Meeting
from service.kernel.errors import NotFound
from service.web.calendars import meeting_of
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.feeds import Feed, unless_known, validators
from service.web.house import House as HouseValue
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/calendar")
NAME, NEUTRAL = "Farsow", "Meeting"
MOST, KEPT = 1_000, timedelta(days=365)  # events, and how long one that is over stays
PRIVATE = {"Cache-Control": "private, max-age=300"}


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, house: House) -> Response:
    """Say whether there is a feed, and offer to make or end one."""
    return _page(request, session, who, house)


def _page(request: Request, session: Session, who: Principal, house: HouseValue, secret: str = "") -> Response:
    made_at = accounts.read_feed(session, _staff_id(who))
    address = f"{house.public_url}/calendar/{secret}.ics" if secret else ""
    project = current_project(request, session, who)
    open_file = f"{house.public_url}/projects/{project.slug}.ics" if project else ""
    follow = webcal(open_file) if open_file else ""
    return page(
        request,
        "calendar.html",
        project=project,
        made_at=made_at,
        address=address,
        open_file=open_file,
        follow=follow,
    )


def _staff_id(who: Principal) -> str:
    return who.actor.partition(":")[2]


@router.post("")
@rule(Permission.READ)
def make(request: Request, session: WriteSession, who: Who, now: Now, house: House) -> Response:
    """Make a new address, and show it this once."""
    secret = actions.make_feed(session, _staff_id(who), now=now, actor=who.actor)
    return _page(request, session, who, house, secret)


@router.post("/end")
@rule(Permission.READ)
def end(session: WriteSession, who: Who, now: Now) -> Response:
    """End the feed: its address leads nowhere from now on."""
    actions.revoke_feed(session, _staff_id(who), now=now, actor=who.actor)
    return RedirectResponse("/calendar", 303)


@router.get("/{secret}.ics")
@rule(Open.GUEST)
def file(request: Request, session: ReadSession, house: House, now: Now, secret: str) -> Response:
    """Give all events to whoever has the secret address."""
    staff = accounts.find_feed(session, secret)
    if staff is None:
        raise NotFound("There is no such calendar.")
    count, changed_at = store.read_version(session)
    headers = {**PRIVATE, **validators(house, Feed(NAME, f"staff:{staff.id}", count, changed_at, list), now)}

    def made() -> bytes:
        events = store.read_events(session, after=now - KEPT, limit=MOST)
        return feed.publish([_entry(event, house) for event in events], name=NAME)

    return unless_known(request, made, headers)


def _entry(event: Event, house: HouseValue) -> Meeting:
    """Return what a diary may say of an event."""
    whole = meeting_of(event, organizer=house.organizer, url=f"{house.public_url}/events/{event.id}")
    if may_be_public(event):
        return whole
    plain = replace(whole, location="", description="")
    return replace(plain, summary=NEUTRAL) if event.is_discreet else plain
