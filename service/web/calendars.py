"""Events as calendar values, for feeds, downloads and a guest's own file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from service.events.values import Entry, Event, EventState
from service.ical.values import Address, Meeting
from service.kernel.clock import floor_second


def meeting_of(event: Event | Entry, *, organizer: Address, url: str | None = None) -> Meeting:
    """Return an event as a calendar entry; its stamp is the last change, so the file is stable."""
    return Meeting(
        uid=event.uid,
        sequence=event.sequence,
        dtstamp=floor_second(event.changed_at),
        starts_local=datetime.fromisoformat(event.starts_local),
        ends_local=datetime.fromisoformat(event.ends_local),
        time_zone=event.time_zone,
        whole_day=event.whole_day,
        summary=event.title,
        organizer=organizer,
        description=event.summary,
        location=event.place,
        status=_STATUS.get(event.state, "CONFIRMED"),
        url=url,
    )


_STATUS: dict[str, str] = {
    EventState.CANCELLED: "CANCELLED",
    EventState.POSTPONED: "TENTATIVE",
    EventState.DRAFT: "TENTATIVE",
}


def publishable(events: Iterable[Event | Entry], *, organizer: Address, public_url: str) -> list[Meeting]:
    """Return events for a PUBLISH file: no join link, no guest, the public page as the address."""
    return [meeting_of(e, organizer=organizer, url=f"{public_url}/events/{e.slug}") for e in events]
