"""The SQL of the organisations that people came from, by kind.

Of each organisation it is enough to find one who came, so few invitations are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session

from service.db.rows import unsought
from service.db.types import columns
from service.dissemination.store import tallies
from service.dissemination.tables.figures import PlaceTally
from service.invitations.tables import Invitation
from service.invitations.values import Attendance
from service.people.tables import Organisation, Person

_O, _P, _I, _W = columns(Organisation), columns(Person), columns(Invitation), columns(PlaceTally)


def read_organisations(session: Session, held: Sequence[str]) -> dict[str, int]:
    """Return how many organisations of each kind people came from; those that state none are left out.

    So are those that only people at risk came from: of them no kind is told.
    """
    was_there = and_(_I.attendance == Attendance.PRESENT.value, unsought(_I.event_id.in_(held)))
    came = exists().where(_I.person_id == _P.id, was_there)
    live = exists().where(_P.organisation_id == _O.id, _P.at_risk.is_(False), came)
    kept = select(_W.key).where(_W.kind == tallies.ORGANISATION, _W.event_id.in_(held))
    query = select(_O.type, func.count()).where(_O.type.is_not(None), or_(_O.id.in_(kept), live)).group_by(_O.type)
    return {kind: int(n) for kind, n in session.execute(query)}
