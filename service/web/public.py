"""Public pages: open, announced events only. No place or link that is not for everyone, no guest."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from service.events import store
from service.events.rules import may_be_public
from service.events.values import Event, EventState
from service.ical.links import web_calendars, webcal
from service.kernel.errors import NotFound
from service.web import dates
from service.web.calendars import publishable
from service.web.deps import House, Now, ReadSession
from service.web.feeds import CACHE
from service.web.guest import when_of
from service.web.house import House as HouseValue
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("")
NOTHING = {"held": "", "forget": "", "stop": ""}


def _public_event(session: Session, slug: str) -> Event:
    event = store.read_event_by_slug(session, slug)
    if event is None or not may_be_public(event):
        raise NotFound("There is no such event.")
    return event


@router.get("/events/{slug}")
@rule(Open.PUBLIC)
def event_page(request: Request, session: ReadSession, house: House, now: Now, slug: str) -> Response:
    """Show an open event."""
    event = _public_event(session, slug)
    project = store.read_project(session, event.project_id)
    series = next((s for s in store.read_series(session, event.project_id) if s["id"] == event.series_id), None)
    return page(
        request,
        "guest/event_public.html",
        language=event.language,
        headers=CACHE,
        sender=project.organisation,
        links=NOTHING,
        event=_words(event),
        state=_state(event, past=now >= event.ends_at),
        series={"title": series["title"], "address": f"/series/{series['slug']}"} if series else None,
        **_calendars(event, house),
    )


def _calendars(event: Event, house: HouseValue) -> dict[str, Any]:
    """Return the address of the event's file, and links that open it in calendars on the web."""
    if event.state is not EventState.ANNOUNCED:
        return {"calendar": "", "web_calendars": ()}
    address = f"{house.public_url}/events/{event.slug}.ics"
    (meeting,) = publishable([event], organizer=house.organizer, public_url=house.public_url)
    return {"calendar": address, "web_calendars": web_calendars(meeting, address)}


def _words(event: Event) -> dict[str, Any]:
    when = when_of(event, event.language)
    return {
        "title": event.title,
        "summary": event.summary,
        "when_venue": when.when_venue,
        "city_venue": when.city_venue,
        "utc": "" if event.whole_day else f"{event.starts_at:%Y-%m-%d %H:%M}–{event.ends_at:%H:%M} UTC",
        "place": event.place,
        "has_room": event.has_room,
        "has_link": event.has_link,
        "language_name": dates.language_name(event.language, event.language),
    }


def _state(event: Event, *, past: bool) -> str:
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        return str(event.state.value)
    return "past" if past or event.state is EventState.CLOSED else "open"


@router.get("/series/{slug}")
@rule(Open.PUBLIC)
def series_page(request: Request, session: ReadSession, house: House, now: Now, slug: str) -> Response:
    """Show a series' open events; one without any does not exist for the public."""
    series = _series(session, slug)
    shown = store.read_public(session, series_id=series["id"])
    project = store.read_project(session, series["project_id"])
    rows = [_row(e) for e in shown if e.ends_at > now], [_row(e) for e in shown if e.ends_at <= now]
    return page(
        request,
        "guest/series_public.html",
        language=project.locale,
        headers=CACHE,
        sender=project.organisation,
        links=NOTHING,
        series={"title": series["title"], "summary": ""},
        coming=rows[0],
        past=rows[1],
        feed=webcal(f"{house.public_url}/series/{slug}.ics"),
        file=f"/series/{slug}.ics",
    )


def _series(session: Session, slug: str) -> dict[str, Any]:
    found = next((s for s in store.read_series(session) if s["slug"] == slug), None)
    if found is None or not store.read_public_version(session, series_id=found["id"])[0]:
        raise NotFound("There is no such series.")
    return found


def _row(event: Event) -> dict[str, Any]:
    return {**_words(event), "address": f"/events/{event.slug}", "state": event.state.value}
