"""Coordinated actions: one umbrella event, and local events in their own places and zones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.campaign.store import together as store
from service.campaign.store.together import Numbers
from service.events import store as events
from service.events.values import Event
from service.kernel.errors import Conflict

MOST_EVENTS = 10_000


class NotTogether(Conflict):
    """Two events that cannot be umbrella and local event."""

    code = "not-together"


@dataclass(frozen=True, slots=True)
class Action:
    """A coordinated action: the local events with their numbers, in order of start, and those of all together."""

    umbrella: Event
    local: tuple[tuple[Event, Numbers], ...]
    total: Numbers


def join(session: Session, umbrella_id: str, event_id: str, *, now: datetime, actor: str) -> None:
    """Make an event a local one of an umbrella; saying it twice changes nothing.

    Raises:
        UnknownEvent, NotTogether.
    """
    umbrella, event = events.read_event(session, umbrella_id), events.read_event(session, event_id)
    known = store.umbrellas(session, [umbrella_id, event_id])
    if known.get(event_id) == umbrella_id:
        return
    check(umbrella, event, known, has_local=bool(store.local_ids(session, event_id)))
    store.add_local(session, umbrella_id, event_id)
    subject = f"event:{event_id}"
    log.record(session, actor=actor, action="event.joined", subject=subject, now=now, umbrella=umbrella_id)


def part(session: Session, umbrella_id: str, event_id: str, *, now: datetime, actor: str) -> None:
    """Let a local event stand alone again; it stays as it is.

    Raises:
        NotTogether: it is no local event of this umbrella.
    """
    if store.umbrellas(session, [event_id]).get(event_id) != umbrella_id:
        raise NotTogether("This event is not part of the action.")
    store.remove_local(session, event_id)
    subject = f"event:{event_id}"
    log.record(session, actor=actor, action="event.parted", subject=subject, now=now, umbrella=umbrella_id)


def read_action(session: Session, umbrella: Event) -> Action:
    """Return an event with its local ones; none when it stands alone."""
    ids = store.local_ids(session, umbrella.id)
    known: dict[str, Event] = {event.id: event for event in _of_project(session, umbrella)} if ids else {}
    numbers = store.count_people(session, ids)
    local = tuple((known[one], numbers[one]) for one in ids if one in known)
    return Action(umbrella, local, sum((each for _event, each in local), Numbers()))


def read_umbrella(session: Session, event_id: str) -> Event | None:
    """Return the umbrella of a local event."""
    umbrella_id = store.umbrellas(session, [event_id]).get(event_id)
    return events.read_event(session, umbrella_id) if umbrella_id else None


def read_candidates(session: Session, umbrella: Event) -> list[Event]:
    """Return the events that may become local ones: of the same project, standing alone."""
    every = _of_project(session, umbrella)
    taken = store.umbrellas(session, [one.id for one in every])
    above = {umbrella.id, *taken, *taken.values()}
    return [one for one in every if one.id not in above]


def _of_project(session: Session, umbrella: Event) -> list[Event]:
    return events.read_events(session, umbrella.project_id, limit=MOST_EVENTS)


# Pure


def check(umbrella: Event, event: Event, known: dict[str, str], *, has_local: bool) -> None:
    """Refuse what would not be one umbrella above local events of its own project.

    Raises:
        NotTogether: with the reason.
    """
    if event.id == umbrella.id or event.project_id != umbrella.project_id:
        raise NotTogether("Choose another event of the same project.")
    if umbrella.id in known:
        raise NotTogether("This event is part of an action itself, so nothing can be part of it.")
    if event.id in known or has_local:
        raise NotTogether("That event belongs to an action already.")
