"""Places of an event by audience: how many each may have, how many were invited and come, and who waits first.

A quota is a wish. Staff still decide; nobody is refused or seated by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign.rules import UnknownChoice
from service.campaign.store import quotas as store
from service.campaign.store.quotas import Place
from service.events import store as events
from service.kernel.errors import Invalid
from service.people import store as people

PRESS = "press"  # those of organisations that are media, whatever their audience
LARGEST = 100_000


class BadQuota(Invalid):
    """A number of places that is none."""

    code = "bad-quota"


@dataclass(frozen=True, slots=True)
class Share:
    """One group of an event: its places (None: no quota), who was invited, who comes to the room, who waits."""

    group: str
    places: int | None
    invited: int
    accepted: int
    seated: int
    waiting: int


def set_quotas(session: Session, event_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> None:
    """Set how many places each group may have; a group that is not named, or has an empty number, has no quota.

    Raises:
        UnknownEvent, UnknownChoice, BadQuota.
    """
    events.lock_event(session, event_id)
    after = judge(wishes, groups(session))
    if after != store.read_quotas(session, event_id):
        store.write_quotas(session, event_id, after)
        log.record(session, actor=actor, action="quotas.set", subject=f"event:{event_id}", now=now, places=after)


def groups(session: Session) -> list[str]:
    """Return the groups that may have places: the audiences by rank, then the press."""
    return [*(one.key for one in people.read_audiences(session)), PRESS]


def read_shares(session: Session, event_id: str) -> list[Share]:
    """Return how the places of an event are taken, of every group that has a quota or anybody in it."""
    return shares(groups(session), store.read_quotas(session, event_id), store.read_places(session, event_id))


def read_suggestion(session: Session, event_id: str) -> list[Place]:
    """Return those who wait, in the order that fills the quotas evenly; see `suggested`."""
    places = store.read_places(session, event_id)
    return suggested(store.read_quotas(session, event_id), places)


# Pure


def judge(wishes: Mapping[str, Any], known: Iterable[str]) -> dict[str, int]:
    """Return quotas as they are wanted.

    Raises:
        UnknownChoice: there is no such group.
        BadQuota: a number cannot be read.
    """
    found = {}
    names = set(known)
    for group, raw in wishes.items():
        if group not in names:
            raise UnknownChoice("There is no such audience.", field=group[:60])
        if raw in (None, ""):
            continue
        text = str(raw).strip()
        if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST:
            raise BadQuota("Give a whole number of places, or leave it empty.", field=group)
        found[group] = int(text)
    return found


def group_of(place: Place) -> str:
    """Return the group of someone; "" for nobody's audience."""
    return PRESS if place.is_press else place.audience or ""


def shares(known: Iterable[str], quotas: Mapping[str, int], places: Iterable[Place]) -> list[Share]:
    """Return how places are taken, by group; someone of no audience counts under ""."""
    counts = {name: Counter[str]() for name in ("invited", "accepted", "seated", "waiting")}
    for place in places:
        for name, counter in counts.items():
            counter[group_of(place)] += bool(getattr(place, f"is_{name}"))
    found = [
        Share(group, quotas.get(group), *(counts[name][group] for name in ("invited", "accepted", "seated", "waiting")))
        for group in (*known, "")
    ]
    return [one for one in found if one.places is not None or one.invited or one.waiting]


def suggested(quotas: Mapping[str, int], places: Iterable[Place]) -> list[Place]:
    """Return those who wait: always the first in the queue of the group whose quota is least filled.

    Whoever has no quota, or whose group is full, comes after, in the order of the queue.
    """
    every = list(places)
    seated = Counter(group_of(one) for one in every if one.is_seated)
    queue = sorted((one for one in every if one.is_waiting), key=lambda one: (one.seat_order, one.invitation_id))
    chosen: list[Place] = []
    while True:
        open_ones = [one for one in queue if seated[group_of(one)] < quotas.get(group_of(one), 0)]
        if not open_ones:
            return chosen + queue
        first = min(open_ones, key=lambda one: seated[group_of(one)] / quotas[group_of(one)])
        queue.remove(first)
        chosen.append(first)
        seated[group_of(first)] += 1
