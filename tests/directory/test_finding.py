"""Finding people: the SQL of a filter says what plain Python says of the same tree, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from service.directory import store
from service.directory.filters import FIELDS, read_filter
from service.directory.store import finding
from service.directory.values import Found
from service.people import actions as people
from service.people.tables import Person
from tests.directory.population import COUNTRIES, LANGUAGES, SOURCES, TAGS, World, holds, populate
from tests.factories import NOW, STAFF


def choices(world: World) -> dict[str, list[Any]]:
    """Return the values that each condition is tried with: those that some have, and one that nobody has."""
    audiences = sorted({g.audience for g in world.guests if g.audience})
    organisations = sorted({g.organisation[:2] for g in world.guests if g.organisation})
    lists = sorted({one for g in world.guests for one in g.lists})
    events = [*(event for event, _project in world.events), {"project": world.events[0][1]}, "nobody-s"]
    days = ["2026-11-28", "2026-11-30", "2026-11-30T09:00:00+00:00"]
    said = {
        "text": ["ada", "LOVE lace", "nandu", "100%", "_", "%", "strasse", "ليلى", "ete", "network", "é t"],
        "audience": [audiences[0][0], audiences[1][1], "none"],
        "audience_rank": [1, 2, 9],
        "country": [*COUNTRIES[1:], "NO"],
        "region": ["014", "155", "021"],
        "organisation": [organisations[0][0], organisations[1][1].upper(), "Nowhere"],
        "organisation_type": ["coalition", "ministry", "media"],
        "stance": ["core_group", "supportive", "latent", "reluctant"],
        "language": [*LANGUAGES[1:], "de"],
        "tag": [*TAGS, "none"],
        "source": [*SOURCES[1:], "none"],
        "list": [lists[0][0], lists[1][1], "none"],
        "at_risk": [True, False],
        "has_bounced": [True, False],
        "created_since": days,
        "created_before": days,
    }
    return said | {name: events for name in FIELDS if name not in said}


MANY = {
    "audience",
    "audience_rank",
    "country",
    "region",
    "organisation",
    "organisation_type",
    "stance",
    "language",
    "tag",
    "source",
    "list",
}
NEVER_NULL = {"audience_rank"}


def conditions(world: World) -> st.SearchStrategy[Any]:
    each = []
    for name, values in choices(world).items():
        value: st.SearchStrategy[Any] = st.sampled_from(values)
        if name in MANY:
            value = st.one_of(value, st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
        if name in MANY - NEVER_NULL:
            value = st.one_of(value, st.none())
        each.append(value.map(lambda chosen, name=name: {name: chosen}))
    return st.one_of(each)


def trees(world: World) -> st.SearchStrategy[Any]:
    leaf = conditions(world)
    group = lambda inner: st.lists(inner, max_size=3)  # noqa: E731
    middle = st.one_of(leaf, leaf.map(lambda one: {"not": one}))
    outer = st.one_of(middle, group(middle).map(lambda p: {"any": p}), group(middle).map(lambda p: {"all": p}))
    return st.one_of(
        outer,
        outer.map(lambda one: {"not": one}),
        group(outer).map(lambda parts: {"all": parts}),
        group(outer).map(lambda parts: {"any": parts}),
    )


@pytest.fixture
def world(session: Session) -> World:
    return populate(session)


def expected(world: World, raw: Any) -> list[str]:
    wanted = read_filter(raw)
    return sorted(guest.id for guest in world.guests if holds(wanted, guest))


def test_each_condition_finds_whom_plain_python_finds(session: Session, world: World) -> None:
    nobody_or_everybody = set()
    for name, values in choices(world).items():
        for value in [*values, *([None] if name in MANY - NEVER_NULL else [])]:
            found = store.read_matching_ids(session, read_filter({name: value}))
            assert (name, value, found) == (name, value, expected(world, {name: value}))
            if not 0 < len(found) < len(world.guests):
                nobody_or_everybody.add((name, str(value)))
        # A condition that never tells people apart proves nothing.
        assert len([n for n, _v in nobody_or_everybody if n == name]) < len(values)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_tree_finds_whom_plain_python_finds(session: Session, world: World, data: st.DataObject) -> None:
    raw = data.draw(trees(world))
    wanted = read_filter(raw)

    found = store.read_matching_ids(session, wanted)

    assert found == expected(world, raw)
    assert store.count_matching(session, wanted) == len(found)
    assert store.find_and_count(session, wanted, limit=3).total == len(found)


def test_pages_of_a_filter_hold_everyone_once(session: Session, world: World) -> None:
    wanted = read_filter({"any": [{"country": ["KE", "UG"]}, {"country": None}]})
    seen: list[str] = []
    after = None
    while True:
        page = store.find_matching(session, wanted, after=after, limit=7)
        seen += [person.id for person in page.items]
        if (after := page.next) is None:
            break

    assert sorted(seen) == expected(world, {"any": [{"country": ["KE", "UG"]}, {"country": None}]})


@pytest.mark.parametrize("few", [3, 1_000])
@pytest.mark.parametrize("text", ["", "ada", "a e", "zzqx"])
@pytest.mark.parametrize("raw", [{}, {"country": ["KE", "UG"]}, {"tag": "nobody"}])
def test_a_page_and_its_number_are_the_same_however_they_are_read(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch, raw: Any, text: str, few: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    wanted = read_filter(raw)
    number = len(expected(world, {"all": [part for part in (raw, {"text": text} if text else {}) if part]}))

    for guest in [None, *world.guests[::9]]:
        after = guest.id if guest else None
        plain = store.find_matching(session, wanted, text=text, after=after, limit=6)
        found = store.find_and_count(session, wanted, text=text, after=after, limit=6)
        assert found == Found(plain.items, number, plain.next)


def test_tags_are_searched_as_they_are_said_and_forgotten_when_taken_away(session: Session) -> None:
    fields: Any = {"name": "Ada Lovelace", "email": "ada@example.org", "tags": ["Préss kit"]}
    ada = people.create_person(session, fields, now=NOW, actor=STAFF)

    assert store.read_matching_ids(session, read_filter({"text": "press ADA"})) == [ada.id]

    people.update_person(session, ada.id, {"tags": ["other"]}, now=NOW, actor=STAFF)

    assert store.read_matching_ids(session, read_filter({"text": "press"})) == []
    assert session.get_one(Person, ada.id).folded == "ada lovelace ada@example.org other"
