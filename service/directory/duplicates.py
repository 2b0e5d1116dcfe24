"""People who may be one: the list of suggestions, and saying that two are two.

Keys are worked out by a duty after a person changed, so that an import pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.directory import rules
from service.directory.store import duplicates as store
from service.directory.values import Place, Suggestion
from service.kernel.errors import Invalid
from service.people.store import UnknownPerson
from service.people.values import Page

CHUNK = 200


def work_out_keys(engine: Engine, *, now: datetime) -> int:
    """Work out the keys of people who changed, one stretch of them; return how many."""
    with reading(engine) as session:
        if not store.read_stale(session, now=now, limit=1):
            return 0
    with writing(engine) as session:
        return work_out_stretch(session, now=now)


def work_out_stretch(session: Session, *, now: datetime) -> int:
    """Work out the keys of one stretch of people in this transaction; return how many."""
    stale = store.read_stale(session, now=now, limit=CHUNK)
    people = store.read_traits(session, stale)
    store.write_keys(session, {person_id: rules.keys_of(one) for person_id, one in people.items()}, stale)
    return len(stale)


def suggest(session: Session, *, limit: int, after: str | None = None) -> Page[Suggestion]:
    """Return pairs who may be one, the strongest reasons first. `after`: the pair to go on from.

    Raises:
        Invalid: there is no such pair any more.
    """
    place = _place_of(session, after) if after else None
    found = list(islice(_suggestions(session, after=place, stretch=limit + 1), limit + 1))
    return Page(tuple(found[:limit]), found[limit - 1].pair if len(found) > limit else None)


def _place_of(session: Session, pair: str) -> Place:
    first, _, second = pair.partition(".")
    place = store.find_place(session, first, second)
    if place is None:
        raise Invalid("This list has changed. Begin again from its first page.", field="after")
    return place


def _suggestions(session: Session, *, after: Place | None, stretch: int) -> Iterator[Suggestion]:
    """Give the pairs who still share what they are listed by."""
    while places := store.read_pairs(session, after=after, limit=stretch):
        people = store.read_traits(session, {who for place in places for who in (place.first, place.second)})
        for place in places:
            one, other = people[place.first], people[place.second]
            if (place.kind, place.key) in rules.keys_of(one) & rules.keys_of(other):
                yield Suggestion(place, rules.likenesses(one, other))
        after = places[-1] if len(places) == stretch else None
        if after is None:
            return


def tell_apart(session: Session, one: str, other: str, *, now: datetime, actor: str) -> None:
    """Remember that two people are two: they are never suggested again. Twice is as once.

    Raises:
        SamePerson: it is one person. UnknownPerson: one of them is not known.
    """
    pair = rules.ordered(one, other)
    if len(store.read_traits(session, pair)) < len(pair):
        raise UnknownPerson("One of these people is not known.")
    if store.add_different(session, pair, now=now, actor=actor):
        subject = f"person:{pair[0]}"
        log.record(session, actor=actor, action="people.told-apart", subject=subject, now=now, other=pair[1])
