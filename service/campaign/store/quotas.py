"""The SQL of places by audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from service.campaign.tables import EventQuota
from service.db.types import columns
from service.invitations.tables import Invitation
from service.people.tables import Audience, Organisation, Person
from service.people.values import OrganisationType

_Q, _I, _P, _A, _O = (columns(one) for one in (EventQuota, Invitation, Person, Audience, Organisation))


@dataclass(frozen=True, slots=True)
class Place:
    """One invitation: of which audience its person is, and how it stands."""

    invitation_id: str
    audience: str | None
    is_press: bool
    is_invited: bool
    is_accepted: bool
    is_seated: bool
    is_waiting: bool
    seat_order: int


def read_quotas(session: Session, event_id: str) -> dict[str, int]:
    """Return the places of an event by group."""
    query = select(_Q.group, _Q.places).where(_Q.event_id == event_id)
    return {row.group: row.places for row in session.execute(query)}


def write_quotas(session: Session, event_id: str, quotas: Mapping[str, int]) -> None:
    """Write the places of an event anew."""
    session.execute(delete(EventQuota).where(_Q.event_id == event_id))
    if quotas:
        rows = [{"event_id": event_id, "group": group, "places": places} for group, places in quotas.items()]
        session.execute(insert(EventQuota), rows)


def read_places(session: Session, event_id: str) -> list[Place]:
    """Return the invitations of an event that hold, walk-ins left out."""
    wanted = (_I.id, _A.key, _O.type, _I.letter, _I.partstat, _I.seat, _I.seat_order)
    query = select(*wanted).join(Person, _P.id == _I.person_id).outerjoin(Audience, _A.id == _P.audience_id)
    query = query.outerjoin(Organisation, _O.id == _P.organisation_id)
    holds = (_I.event_id == event_id, _I.withdrawn_at.is_(None), _I.walk_in.is_(False))
    return [
        Place(
            invitation_id=row.id,
            audience=row.key,
            is_press=row.type == OrganisationType.MEDIA.value,
            is_invited=row.letter != "none",
            is_accepted=row.partstat == "ACCEPTED",
            is_seated=row.seat in ("held", "offered"),
            is_waiting=row.seat == "waiting",
            seat_order=row.seat_order,
        )
        for row in session.execute(query.where(*holds).order_by(_I.id))
    ]
