"""The SQL of what live invitations count for: by event, and by audience and region of the people.

Each is one SELECT whatever the number of invitations, and one pass over an index that holds all it asks. SQLite keeps
no statistics here, so some conditions say more than they mean; each of those says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, func, literal, select, true
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.rows import unsought
from service.db.types import columns
from service.dissemination.facts import Segment
from service.dissemination.store import tallies
from service.events.tables import Event
from service.invitations.tables import Invitation
from service.people.tables import Audience, Person

_I, _P, _A, _E = columns(Invitation), columns(Person), columns(Audience), columns(Event)
_REGIONS = 1000  # more than any code of a region (UN M49)


def read_by_event(session: Session, counted: Sequence[str], held: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the tallies of each event.

    Equal invitations are counted together first, in the order of the index, then told apart.
    """
    marks = {name: 1 << n for n, name in enumerate((*tallies.TALLIES, *tallies.TROUBLES))}
    state = (_I.event_id, _I.letter, _I.partstat, _I.attendance, _I.walk_in, _I.withdrawn_at)
    alike = select(_I.event_id, func.count(), tallies.weigh(_I, true(), marks)).where(_I.event_id.in_(counted))
    live: dict[str, dict[str, int]] = {}
    for event_id, n, marked in session.execute(alike.group_by(*state)):
        found = live.setdefault(event_id, dict.fromkeys(marks, 0))
        for name, mark in marks.items():
            found[name] += n if marked & mark else 0
    for event_id in live.keys() - set(held):
        live[event_id] |= dict.fromkeys(tallies.ONLY_WHEN_HELD & marks.keys(), 0)
    stopped = _stopped(session, counted)
    return {event_id: found | stopped.get(event_id, {}) for event_id, found in live.items()}


def _stopped(session: Session, counted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many stopped letters after one about each event: they are few, and have an index of their own."""
    (name, said), *_rest = tallies.stops(_I).items()
    rows = session.execute(select(_I.event_id).where(unsought(and_(said, _I.event_id.in_(counted))), _I.unsubscribed))
    return {event_id: {name: n} for event_id, n in Counter(rows.scalars()).items()}


def read_by_person(
    session: Session, counted: Sequence[str], held: Sequence[str]
) -> tuple[tuple[Segment, ...], int, int]:
    """Return the tallies by audience and region, and how many organisations and countries came.

    Each person's invitations are taken together first, once for all three. People at risk have
    neither region nor country here, whatever their record says.
    """
    # Joining the audiences in SQL would look one up for each person; there are but a few.
    audiences = session.execute(select(_A.id, _A.key).order_by(_A.id)).all()
    most = max(len(counted), 1)  # nobody is invited twice to one event
    packed = tallies.pack(tallies.TALLIES, most)
    people = _people(session, [one.id for one in audiences], _own(counted, held, packed))
    their = _read_out(people.c, packed, most)
    sums = [func.sum(their[name]).label(name) for name in tallies.TALLIES if name not in tallies.OF_PEOPLE]
    once = [func.count().filter(their[of] > 0).label(name) for name, of in tallies.OF_PEOPLE.items()]
    # As one string of keys: to tell different ones apart in SQL, all people would be kept aside and gone through again.
    places = [
        func.aggregate_strings(people.c[kind], ",").filter(their["attended"] > 0).label(kind) for kind in tallies.PLACES
    ]
    rows = session.execute(select(people.c.kind, *places, *sums, *once).group_by(people.c.kind)).all()
    keys = [None, *(one.key for one in audiences)]
    kept = tallies.read_places(session, held)
    organisations, countries = (_different((row._mapping[kind] for row in rows), kept[kind]) for kind in tallies.PLACES)
    return tuple(_segment(row, keys) for row in rows), organisations, countries


def _own(counted: Sequence[str], held: Sequence[str], packed: Sequence[dict[str, int]]) -> Any:
    """Return the query of each person's tallies, packed into few numbers."""
    to_come = set(counted).difference(held)
    is_held = _I.event_id.not_in(sorted(to_come)) if to_come else true()
    sums = (func.sum(tallies.weigh(_I, is_held, {name: 1 << at for name, at in each.items()})) for each in packed)
    query = select(_I.person_id, *(cast(one, BigInteger).label(f"packed_{n}") for n, one in enumerate(sums)))
    # Often almost all events count, and the list of the others is the shorter one to look through for each invitation.
    others = select(_E.id).where(_E.id.not_in(counted))
    return query.where(_I.event_id.not_in(others)).group_by(_I.person_id).cte("own")


def _people(session: Session, audiences: Sequence[str], own: Any) -> Any:
    """Return the query of each person's kind, organisation, country and packed tallies.

    The kind is one number, of the audience's place among these, and of the region's code: SQLite puts numbers in order
    in half the time that it takes for words.
    """
    is_placed = _P.at_risk.is_(False)
    region = func.coalesce(case((is_placed, cast(_P.region, Integer))), 0)
    audience = case({one: n for n, one in enumerate(audiences, 1)}, value=_P.audience_id, else_=0) if audiences else 0
    kind, country = (region + _REGIONS * audience).label("kind"), case((is_placed, _P.country)).label(tallies.COUNTRY)
    packed = [one for one in own.c if one.key != "person_id"]
    organisation = _P.organisation_id.label(tallies.ORGANISATION)
    query = select(kind, organisation, country, *packed).select_from(own)
    return query.join(Person, _is_them(session, own.c.person_id)).cte("people")


def _is_them(session: Session, person_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a person has this id.

    For one id SQLite takes the index of the key, and looks up each row; for a range it takes the one that holds all.
    """
    is_them: ColumnElement[bool] = _P.id.between(person_id, person_id) if is_sqlite(session) else _P.id == person_id
    return is_them


def _read_out(c: Any, packed: Sequence[dict[str, int]], most: int) -> dict[str, ColumnElement[int]]:
    """Return how each tally is read out of the numbers that they are packed in."""
    mask = (1 << most.bit_length()) - 1
    return {
        name: c[f"packed_{n}"].bitwise_rshift(literal(at, Integer)).bitwise_and(mask)
        for n, each in enumerate(packed)
        for name, at in each.items()
    }


def _different(came: Iterable[str | None], kept: set[str]) -> int:
    """Return how many different keys there are in strings of them, with those kept of deleted invitations."""
    found = set(kept)
    for keys in came:
        found.update((keys or "").split(","))
    return len(found - {""})


def _segment(row: Any, audiences: Sequence[str | None]) -> Segment:
    audience, region = divmod(row.kind, _REGIONS)
    counts = {name: int(n) for name, n in list(row._mapping.items())[3:]}
    return Segment(audiences[audience], f"{region:03}" if region else None, counts)
