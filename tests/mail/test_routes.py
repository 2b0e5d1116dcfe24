"""Which road a letter takes: fail-over, rests, and rates as due times."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.mail import store
from service.mail.routes import Openings, Road, Routes
from tests.mail.cast import NOW

TWO = Routes((Road("first"), Road("second")))
SECOND = timedelta(seconds=1)


def openings(routes: Routes, now: datetime = NOW, rests: object = (), due: object = None) -> Openings:
    return Openings(routes, rests=rests, due=due or {}, now=now)  # type: ignore[arg-type]


def taken(given: Openings, domain: str, tries: int) -> list[str | None]:
    return [given.take(domain) for _ in range(tries)]


@pytest.mark.parametrize(
    ("rests", "road"),
    [
        ([], "first"),
        ([("first", "")], "second"),
        ([("first", "slow.example")], "second"),
        ([("first", "other.example")], "first"),
        ([("first", "slow.example"), ("second", "")], None),
        ([("first", ""), ("second", "")], None),
    ],
)
def test_first_open_road_is_taken(rests: list[tuple[str, str]], road: str | None):
    given = openings(TWO, rests=rests)

    assert bool(given.room("slow.example")) is (road is not None)
    assert given.take("slow.example") == road


def test_house_is_shut_when_every_road_rests():
    assert openings(TWO, rests=[("first", ""), ("second", "")]).is_shut
    assert not openings(TWO, rests=[("first", ""), ("second", "slow.example")]).is_shut


def test_domains_without_room_are_named():
    given = openings(
        Routes((Road("first"),), {"full.example": 60}),
        rests=[("first", "slow.example")],
        due={("", "full.example"): NOW + SECOND},
    )

    assert given.shut_domains() == {"slow.example", "full.example"}


def test_rate_of_a_relay_goes_over_to_the_next():
    routes = Routes((Road("first", per_minute=120), Road("second")))

    assert taken(openings(routes), "a.example", 4) == ["first", "first", "second", "second"]


def test_rate_of_a_domain_holds_over_all_roads():
    given = openings(Routes((Road("first"), Road("second")), {"slow.example": 60, "*": 240}))

    assert taken(given, "slow.example", 2) == ["first", None]
    assert taken(given, "any.example", 5) == ["first"] * 4 + [None]
    assert given.taken == {
        ("", "slow.example"): NOW + SECOND,
        ("", "any.example"): NOW + SECOND,
    }


@pytest.mark.parametrize("per_minute", [1, 7, 60, 600])
def test_no_minute_has_more_than_its_rate_and_one_second(per_minute: int):
    """Claims come every 100 ms; what is due is kept between them as the database does."""
    due: dict[tuple[str, str], datetime] = {}
    left: list[float] = []
    for tick in range(1800):
        now = NOW + tick * timedelta(milliseconds=100)
        given = openings(Routes((Road("only", per_minute),)), now=now, due=due)
        while given.take("a.example"):
            left.append(tick / 10)
        due |= given.taken

    most = max(sum(start <= at < start + 60 for at in left) for start in left)
    assert per_minute <= most <= per_minute + max(1, per_minute / 60)
    assert len(left) >= 3 * per_minute


def test_rests_and_due_times_are_kept_until_they_are_over(engine: Engine):
    later = NOW + timedelta(minutes=5)
    with writing(engine) as session:
        store.write_rests(session, {("first", ""): later, ("first", "a.example"): NOW + SECOND}, now=NOW)
        store.write_rests(session, {("first", "a.example"): later}, now=NOW)
        store.write_due(session, {("", "a.example"): NOW + SECOND}, now=NOW)
        store.write_due(session, {("", "a.example"): later, ("first", ""): NOW + SECOND}, now=NOW)
    with reading(engine) as session:
        rests = [store.read_rests(session, now=at) for at in (NOW, later)]
        due = [store.read_due(session, now=at) for at in (NOW, NOW + SECOND, later)]
    with writing(engine) as session:
        store.forget_routes(session, now=later)

    assert rests == [{("first", ""), ("first", "a.example")}, set()]
    assert due == [
        {("", "a.example"): later, ("first", ""): NOW + SECOND},
        {("", "a.example"): later},
        {},
    ]
    with reading(engine) as session:
        assert store.read_rests(session, now=NOW) == set()
        assert store.read_due(session, now=NOW) == {}
