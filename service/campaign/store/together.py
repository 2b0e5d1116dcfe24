"""The SQL of coordinated actions: which events are the local ones of which umbrella, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select
from sqlmodel import Session

from service.campaign.tables import LocalEvent
from service.db.rows import insert_row
from service.db.types import columns
from service.events.tables import Event
from service.invitations.tables import Invitation

_L, _I, _E = columns(LocalEvent), columns(Invitation), columns(Event)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The people of one event: invited, who said yes, who was there."""

    invited: int = 0
    accepted: int = 0
    attended: int = 0

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(self.invited + other.invited, self.accepted + other.accepted, self.attended + other.attended)


def add_local(session: Session, umbrella_id: str, event_id: str) -> None:
    """Make an event a local one of an umbrella."""
    insert_row(session, LocalEvent, {"event_id": event_id, "umbrella_id": umbrella_id})


def remove_local(session: Session, event_id: str) -> None:
    """Let an event stand alone."""
    session.execute(delete(LocalEvent).where(_L.event_id == event_id))


def umbrellas(session: Session, event_ids: Iterable[str]) -> dict[str, str]:
    """Return the umbrella of each of some events that has one."""
    query = select(_L.event_id, _L.umbrella_id).where(_L.event_id.in_(list(event_ids)))
    return {row.event_id: row.umbrella_id for row in session.execute(query)}


def local_ids(session: Session, umbrella_id: str) -> list[str]:
    """Return the local events of an umbrella in order of start."""
    query = select(_L.event_id).join(Event, _E.id == _L.event_id).where(_L.umbrella_id == umbrella_id)
    return list(session.execute(query.order_by(_E.starts_at, _E.id)).scalars())


def count_people(session: Session, event_ids: Sequence[str]) -> dict[str, Numbers]:
    """Return the numbers of several events in one SELECT."""
    holds = and_(_I.withdrawn_at.is_(None), _I.walk_in.is_(False), _I.letter != "none")
    query = select(
        _I.event_id,
        func.count().filter(holds).label("invited"),
        func.count().filter(holds, _I.partstat == "ACCEPTED").label("accepted"),
        func.count().filter(_I.attendance == "present").label("attended"),
    )
    rows = session.execute(query.where(_I.event_id.in_(event_ids)).group_by(_I.event_id))
    found = {row.event_id: Numbers(row.invited, row.accepted, row.attended) for row in rows}
    return {event_id: found.get(event_id, Numbers()) for event_id in event_ids}
