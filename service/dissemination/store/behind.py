"""The rows behind a figure, read live: whom and which invitations a tally counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.behind import Guest, Tally
from service.dissemination.store import tallies
from service.events.tables import Event
from service.invitations.tables import Invitation
from service.people.tables import Audience, Person

_I, _P, _E, _A = columns(Invitation), columns(Person), columns(Event), columns(Audience)


def read_guests(
    session: Session, tally: Tally, counted: Sequence[str], held: Sequence[str], *, offset: int, limit: int
) -> list[Guest]:
    """Return those whom a tally counts, with one invitation each or, of a tally of people, how many they have."""
    query = _counted(tally, counted, held)
    if tally.is_of_people:
        chosen = (func.min(_I.id), _P.id, _P.name, _P.pseudonym, _P.at_risk, func.min(_E.title), func.count())
        query = query.with_only_columns(*chosen).group_by(_P.id, _P.name, _P.pseudonym, _P.at_risk)
    else:
        query = query.with_only_columns(_I.id, _P.id, _P.name, _P.pseudonym, _P.at_risk, _E.title, 1)
    rows = session.execute(
        query.order_by(_P.id, func.min(_I.id) if tally.is_of_people else _I.id).offset(offset).limit(limit)
    )
    return [Guest(*row) for row in rows]


def count_guests(session: Session, tally: Tally, counted: Sequence[str], held: Sequence[str]) -> int:
    """Count the rows that `read_guests` gives in all."""
    what = func.count(_I.person_id.distinct()) if tally.is_of_people else func.count()
    return int(session.execute(_counted(tally, counted, held).with_only_columns(what)).scalar_one())


def _counted(tally: Tally, counted: Sequence[str], held: Sequence[str]) -> Select[tuple[str]]:
    said = _conditions(held)
    where = [said[tally.name], _I.event_id.in_(counted)]
    query = select(_I.id).join(Person, _P.id == _I.person_id).join(Event, _E.id == _I.event_id)
    if tally.narrowed:
        where.append(_NARROWED[tally.narrowed])
    return query.where(*where)


def _conditions(held: Sequence[str]) -> Mapping[str, ColumnElement[bool]]:
    said = tallies.tallies(_I, _I.event_id.in_(held))
    said["walk_ins"] = and_(said["attended"], not_(said["kept"]))
    return said | tallies.troubles(_I) | tallies.stops(_I)


_NARROWED: dict[str, ColumnElement[bool]] = {
    "priority": _P.audience_id.in_(select(_A.id).where(_A.rank == 1)),
    "with_audience": _P.audience_id.is_not(None),
    "with_organisation": _P.organisation_id.is_not(None),
    "placed": and_(_P.at_risk.is_(False), _P.country.is_not(None)),
    "complete": and_(_P.audience_id.is_not(None), _P.at_risk.is_(False), _P.region.is_not(None)),
}
