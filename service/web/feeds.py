"""Calendar files everyone may fetch or subscribe to: one open event, a series, a project.

Calendars ask again every hour for years, so "nothing changed" is answered from one small query,
and no file is written for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from fastapi import Request, Response
from sqlmodel import Session

from service.events import store
from service.events.rules import may_be_public
from service.events.values import Entry, Event
from service.ical import feed
from service.ical.components import PRODUCT
from service.kernel.errors import NotFound
from service.web.calendars import publishable
from service.web.deps import House, Now, ReadSession
from service.web.house import House as HouseValue
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("")
CACHE = {"Cache-Control": "public, max-age=300"}
CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar file: its name, its path, how many events it holds, when one last changed, and the events.

    `page` is the path of a page that shows the same to people.
    """

    name: str
    path: str
    count: int
    changed_at: datetime | None
    events: Callable[[], Sequence[Event | Entry]]
    page: str = ""


@router.get("/events/{slug}.ics")
@rule(Open.PUBLIC)
def event_file(request: Request, session: ReadSession, house: House, now: Now, slug: str) -> Response:
    """Give one open event's PUBLISH file."""
    event = store.read_event_by_slug(session, slug)
    if event is None or not may_be_public(event):
        raise NotFound("There is no such event.")
    found = Feed(event.title, f"/events/{slug}.ics", 1, event.changed_at, lambda: [event], f"/events/{slug}")
    return answer(request, house, found, now)


@router.get("/series/{slug}.ics")
@rule(Open.PUBLIC)
def series_file(request: Request, session: ReadSession, house: House, now: Now, slug: str) -> Response:
    """Give the feed of a series' open events; a series without any does not exist for the public."""
    series = next((s for s in store.read_series(session) if s["slug"] == slug), None)
    found = _feed(session, series["title"], f"/series/{slug}.ics", series_id=series["id"]) if series else None
    if found is None or not found.count:
        raise NotFound("There is no such series.")
    return answer(request, house, replace(found, page=f"/series/{slug}"), now)


@router.get("/projects/{slug}.ics")
@rule(Open.PUBLIC)
def project_file(request: Request, session: ReadSession, house: House, now: Now, slug: str) -> Response:
    """Give the feed of a project's open events."""
    project = store.read_project_by_slug(session, slug)
    if project is None:
        raise NotFound("There is no such project.")
    return answer(request, house, _feed(session, project.name, f"/projects/{slug}.ics", project_id=project.id), now)


def _feed(session: Session, name: str, path: str, **which: str) -> Feed:
    version = store.read_public_version(session, **which)
    return Feed(name, path, *version, lambda: store.read_public_entries(session, **which))


def answer(request: Request, house: HouseValue, wanted: Feed, now: datetime) -> Response:
    """Return the file, or 304 when the caller's copy is still true (RFC 9110 §13)."""

    def made() -> bytes:
        meetings = publishable(wanted.events(), organizer=house.organizer, public_url=house.public_url)
        page = f"{house.public_url}{wanted.page}" if wanted.page else None
        return feed.publish(meetings, name=wanted.name, source=f"{house.public_url}{wanted.path}", page=page)

    return unless_known(request, made, {**CACHE, **validators(house, wanted, now)})


def unless_known(request: Request, made: Callable[[], bytes], headers: dict[str, str]) -> Response:
    """Return a calendar file, or 304 without making it."""
    if _has_it(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(made(), media_type=CALENDAR, headers=headers)


def validators(house: HouseValue, wanted: Feed, now: datetime) -> dict[str, str]:
    """Return ETag and Last-Modified; the latter counts seconds, so it waits until its second is over."""
    facts = (PRODUCT, house.public_url, house.organizer, wanted.name, wanted.path, wanted.count, wanted.changed_at)
    headers = {"ETag": f'"{sha256(repr(facts).encode()).hexdigest()[:32]}"'}
    if wanted.changed_at and wanted.changed_at < now - timedelta(seconds=1):
        headers["Last-Modified"] = format_datetime(wanted.changed_at.replace(microsecond=0), usegmt=True)
    return headers


def _has_it(request: Request, headers: dict[str, str]) -> bool:
    if tags := request.headers.get("if-none-match"):
        return tags.strip() == "*" or headers["ETag"] in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    since, changed = request.headers.get("if-modified-since"), headers.get("Last-Modified")
    return bool(since and changed) and _date(since) >= _date(changed)


def _date(written: str | None) -> float:
    """Return an HTTP date as unix time; what is none is before every change."""
    try:
        return parsedate_to_datetime(written or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return float("-inf")
