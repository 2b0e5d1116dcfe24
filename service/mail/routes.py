"""Which relay a letter goes through, and when: fail-over, cool-downs, and rates kept as due times.

A *road* is a relay by its name; the first one open is taken. A *rest* shuts a road, for one
domain or for all. A *rate* is the instant at which the next letter is due: kept in the
database, it holds across workers and restarts (a leaky bucket, as in ITU-T I.371's GCRA).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANY = "*"  # every domain that has no rate of its own
WHOLE = ""  # in place of a domain: the whole relay; in place of a relay: all of them
ENOUGH = 1_000_000
_AHEAD = timedelta(seconds=1)  # letters of one second may leave together


@dataclass(frozen=True, slots=True)
class Road:
    """A relay, and how many letters a minute it takes; 0 is as many as we have."""

    name: str
    per_minute: int = 0


@dataclass(frozen=True, slots=True)
class Routes:
    """The roads in order of preference, and how many letters a minute go to a domain, over all roads.

    The key `*` stands for every domain that is not named; without it these are not limited.
    """

    roads: tuple[Road, ...] = (Road(WHOLE),)
    domain_rates: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_limited(self) -> bool:
        """Tell whether any rate is to be kept."""
        return bool(self.domain_rates) or any(road.per_minute for road in self.roads)


Key = tuple[str, str]  # relay, domain


class Openings:
    """What may leave at one instant, counted down as letters are given their road.

    `rests` holds the keys that are shut now, `due` when the next letter of a rate is due.
    """

    def __init__(self, routes: Routes, *, rests: Iterable[Key], due: Mapping[Key, datetime], now: datetime) -> None:
        self._routes, self._now = routes, now
        self._rests, self._due = frozenset(rests), dict(due)
        self.taken: dict[Key, datetime] = {}  # the due times that changed

    @property
    def is_shut(self) -> bool:
        """Tell whether every road rests."""
        return all((road.name, WHOLE) in self._rests for road in self._routes.roads)

    def shut_domains(self) -> set[str]:
        """Return the domains to which nothing may go now."""
        named = {domain for _, domain in (*self._rests, *self._due) if domain}
        return {domain for domain in named if not self.room(domain)}

    def room(self, domain: str) -> int:
        """Return how many letters may go to a domain now."""
        roads = sum(self._left((road.name, WHOLE), road.per_minute) for road in self._open(domain))
        return min(roads, self._left((WHOLE, domain), self._rate(domain)))

    def take(self, domain: str) -> str | None:
        """Return the road of one more letter to a domain, or None when it has to wait."""
        rate = self._rate(domain)
        if not self._left((WHOLE, domain), rate):
            return None
        for road in self._open(domain):
            if self._left((road.name, WHOLE), road.per_minute):
                self._advance((road.name, WHOLE), road.per_minute)
                self._advance((WHOLE, domain), rate)
                return road.name
        return None

    def _open(self, domain: str) -> list[Road]:
        shut = self._rests
        return [
            road for road in self._routes.roads if (road.name, WHOLE) not in shut and (road.name, domain) not in shut
        ]

    def _rate(self, domain: str) -> int:
        rates = self._routes.domain_rates
        return rates.get(domain, rates.get(ANY, 0))

    def _left(self, key: Key, per_minute: int) -> int:
        if not per_minute:
            return ENOUGH
        step = timedelta(minutes=1) / per_minute
        ahead = self._now + max(_AHEAD, step) - self._next(key)
        return max(0, ahead // step)

    def _advance(self, key: Key, per_minute: int) -> None:
        if per_minute:
            self._due[key] = self.taken[key] = self._next(key) + timedelta(minutes=1) / per_minute

    def _next(self, key: Key) -> datetime:
        return max(self._due.get(key, self._now), self._now)
