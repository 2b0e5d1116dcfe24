"""The SQL of who was invited and who came, as far as that is known of them: by event, and by language.

No other count shares these passes, so they are made only where their rows are printed. Of events most people are
left aside: those of whom all is known and whose audience is not of rank 1 follow by subtraction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select, true
from sqlmodel import Session

from service.db.rows import unsought
from service.db.types import columns
from service.dissemination.store import tallies
from service.dissemination.tables.figures import InvitationTally
from service.invitations.tables import Invitation
from service.people.tables import Audience, Person

_I, _P, _T, _A = columns(Invitation), columns(Person), columns(InvitationTally), columns(Audience)
_IS_PLACED = case((and_(_P.at_risk.is_(False), _P.region.is_not(None)), 1), else_=0)

_CAME = 1 << 32  # what one who came weighs beside those invited, in one sum of both


def read(session: Session, counted: Sequence[str], held: Sequence[str]) -> dict[str, Counter[str]]:
    """Return by event how many of those invited are of rank 1 or of no audience, and of how many who came all is known.

    And of those who said yes and came, how many did so online, and of how many that is not known any more. Those whose
    answers are deleted are among them: what is asked here is kept with their numbers, that of sides since lately.
    """
    first = list(session.execute(select(_A.id).where(_A.rank == 1)).scalars())
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event_id, audience, is_placed, both in session.execute(_live(first, counted, held)):
        came, invited = divmod(int(both), _CAME)
        found[event_id].update(_of(audience, is_placed, invited, came, first))
    for event_id, audience, region, name, n in session.execute(_kept(counted)):
        came = n if name == "attended" and event_id in held else 0
        found[event_id].update(_of(audience, region, n if name == "invited" else 0, came, first))
        found[event_id].update(_SIDES[name](n) if name in _SIDES and event_id in held else {})
    for event_id, n in session.execute(_online(held)):
        found[event_id].update(kept_online=n)
    return dict(found)


def read_languages(session: Session, counted: Sequence[str]) -> dict[str, int]:
    """Return how many people of each language were invited; not those at risk, nor whose answers are deleted."""
    said = and_(tallies.tallies(_I, true())["people_invited"], unsought(_I.event_id.in_(counted)))
    was_invited = exists().where(_I.person_id == _P.id, said)
    found: Counter[str] = Counter()
    query = select(_P.language, func.count()).where(_P.language.is_not(None), _P.at_risk.is_(False), was_invited)
    for language, n in session.execute(query.group_by(_P.language)):
        found[language.partition("-")[0]] += n
    return dict(sorted(found.items()))


# What a kept number says of sides: of those who said yes and came, it is not known but for those told apart.
_SIDES: dict[str, Callable[[int], dict[str, int]]] = {
    "kept": lambda n: {"kept_unsaid": n},
    "kept_online": lambda n: {"kept_unsaid": -n, "kept_online": n},
    "kept_in_room": lambda n: {"kept_unsaid": -n},
}


def _online(held: Sequence[str]) -> Select[Any]:
    """Return the query of those online by event: they are few, and have an index of their own."""
    said = and_(tallies.sides(_I)["kept_online"], _I.event_id.in_(held))
    return select(_I.event_id, func.count()).where(unsought(said), _I.online).group_by(_I.event_id)


def _of(audience: str | None, is_placed: object, invited: int, came: int, first: Sequence[str]) -> dict[str, int]:
    return {
        "priority": int(invited) if audience in first else 0,
        "without_audience": 0 if audience else int(invited),
        "incomplete": 0 if audience and is_placed else int(came),
    }


def _live(first: Sequence[str], counted: Sequence[str], held: Sequence[str]) -> Select[Any]:
    """Return the query by event, audience and whether a region is known; the outer join keeps the order of people."""
    both = func.sum(tallies.weigh(_I, _I.event_id.in_(held), {"people_invited": 1, "attended": _CAME}))
    wanted = or_(_P.audience_id.in_(first), _P.audience_id.is_(None), _IS_PLACED == 0)
    query = select(_I.event_id, _P.audience_id, _IS_PLACED, both).outerjoin_from(
        Person, Invitation, _I.person_id == _P.id
    )
    return query.where(unsought(wanted), unsought(_I.event_id.in_(counted))).group_by(
        _I.event_id, _P.audience_id, _IS_PLACED
    )


def _kept(counted: Sequence[str]) -> Select[Any]:
    query = select(_T.event_id, _T.audience_id, _T.region, _T.name, _T.n)
    return query.where(_T.event_id.in_(counted), _T.name.in_(("invited", "attended", *_SIDES)))
