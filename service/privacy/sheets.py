"""When files beside an event that name people go, such as its attendance sheet."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.events import store as events
from service.privacy import retention
from service.privacy.retention import PERIODS, Held
from service.privacy.store import terms


def due_at(session: Session, event_id: str) -> datetime | None:
    """Return when they go with the answers of their event, or on its promised day; None: the sample keeps its past.

    Raises:
        UnknownEvent: there is no such event.
    """
    event = events.read_event(session, event_id)
    found = []
    if (promised_on := terms.read_promise(session, event_id)) is not None:
        found.append(retention.promised_at(promised_on, event.time_zone))
    if not events.read_project(session, event.project_id).is_sample:
        start = retention.event_start(event.ends_at, event.changed_at, event.state.value)
        kind, shorter = event.kind.value, terms.read_shorter(session)
        found.append(retention.due_at(PERIODS[Held.ANSWERS], kind, start, shorter))
    return min(found, default=None)
