"""Public pages and feeds: open, announced events only. No place or link that is not for everyone, no guest."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from service.events import store
from service.events.rules import may_be_public
from service.events.values import Event, EventState
from service.ical import feed
from service.kernel.errors import NotFound
from service.web import dates
from service.web.calendars import publishable
from service.web.deps import House, Now, ReadSession
from service.web.guest import when_words
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("")
CACHE = {"Cache-Control": "public, max-age=300"}
CALENDAR = "text/calendar; charset=utf-8"
NOTHING = {"held": "", "forget": "", "stop": ""}


def _public_event(session: Session, slug: str) -> Event:
    event = store.read_event_by_slug(session, slug)
    if event is None or not (may_be_public(event) or _was_public(event)):
        raise NotFound("There is no such event.")
    return event


def _was_public(event: Event) -> bool:
    """A cancelled open event keeps its page, so that people who come back learn of it."""
    return event.privacy == "open" and event.state is EventState.CANCELLED and event.announced_at is not None


@router.get("/events/{slug}.ics")
@rule(Open.PUBLIC)
def event_file(request: Request, session: ReadSession, house: House, slug: str) -> Response:
    """Give one open event's PUBLISH file."""
    event = _public_event(session, slug)
    return _calendar(request, [event], house, name=event.title, path=f"/events/{slug}.ics")


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
        calendar=f"{house.public_url}/events/{slug}.ics" if event.state is EventState.ANNOUNCED else "",
    )


def _words(event: Event) -> dict[str, Any]:
    when = when_words(event.language, event.starts_at, event.ends_at, event.time_zone, "")
    return {
        "title": event.title,
        "summary": event.summary,
        "when_venue": when.when_venue,
        "city_venue": when.city_venue,
        "utc": f"{event.starts_at:%Y-%m-%d %H:%M}–{event.ends_at:%H:%M} UTC",
        "place": event.place,
        "has_room": event.has_room,
        "has_link": event.has_link,
        "language_name": dates.language_name(event.language, event.language),
    }


def _state(event: Event, *, past: bool) -> str:
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        return str(event.state.value)
    return "past" if past or event.state is EventState.CLOSED else "open"


@router.get("/series/{slug}.ics")
@rule(Open.PUBLIC)
def series_file(request: Request, session: ReadSession, house: House, slug: str) -> Response:
    """Give the feed of a series' open events."""
    series = _series(session, slug)
    shown = [e for e in store.read_events(session, series_id=series["id"]) if may_be_public(e)]
    return _calendar(request, shown, house, name=series["title"], path=f"/series/{slug}.ics")


@router.get("/series/{slug}")
@rule(Open.PUBLIC)
def series_page(request: Request, session: ReadSession, now: Now, slug: str) -> Response:
    """Show a series' open events; one without any does not exist for the public."""
    series = _series(session, slug)
    shown = [e for e in store.read_events(session, series_id=series["id"]) if may_be_public(e)]
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
        feed=f"/series/{slug}.ics",
    )


def _series(session: Session, slug: str) -> dict[str, Any]:
    found = next((s for s in store.read_series(session) if s["slug"] == slug), None)
    if found is None or not any(may_be_public(e) for e in store.read_events(session, series_id=found["id"])):
        raise NotFound("There is no such series.")
    return found


def _row(event: Event) -> dict[str, Any]:
    return {**_words(event), "address": f"/events/{event.slug}", "cancelled": event.state is EventState.CANCELLED}


@router.get("/projects/{slug}.ics")
@rule(Open.PUBLIC)
def project_file(request: Request, session: ReadSession, house: House, slug: str) -> Response:
    """Give the feed of a project's open events."""
    project = store.read_project_by_slug(session, slug)
    if project is None:
        raise NotFound("There is no such project.")
    shown = [e for e in store.read_events(session, project.id) if may_be_public(e)]
    return _calendar(request, shown, house, name=project.name, path=f"/projects/{slug}.ics")


def _calendar(request: Request, events: list[Event], house: House, *, name: str, path: str) -> Response:
    """Return a feed; its ETag stays the same until something changes."""
    meetings = publishable(events, organizer=house.organizer, public_url=house.public_url)
    data = feed.publish(meetings, name=name, source=f"{house.public_url}{path}")
    etag = f'"{sha256(data).hexdigest()[:32]}"'
    headers = {**CACHE, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=CALENDAR, headers=headers)
