"""The list of people who may be one: found by keys, kept true by a duty, told apart for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.directory import duplicates
from service.directory.rules import SamePerson
from service.directory.store import duplicates as store
from service.directory.values import Likeness
from service.kernel.errors import Invalid
from service.people import actions
from service.people.store import UnknownPerson
from tests.factories import NOW, STAFF

LATER = NOW + timedelta(hours=1)
GIVEN = (
    ("Maria Achieng", "maria@gmail.com", "Halden Trust"),
    ("Dr Maria Achieng", "m.aria@gmail.com", "Halden Trust"),
    ("Achieng Maria", "ma@halden.example", "Halden Trust"),
    ("Tomas Rivadeneira", "tomas@fjord.example", None),
    ("Tomás Rivadeneira", "t.rivadeneira@fjord.example", None),
    ("Bo", "bo@fjord.example", "Halden Trust"),
)
DOTS, HOUSE = Likeness.GMAIL_DOTS, Likeness.SAME_NAME_AND_ORGANISATION
ALL = [
    ((0, 1), (DOTS, HOUSE)),
    ((0, 2), (HOUSE,)),
    ((1, 2), (HOUSE,)),
    ((3, 4), (Likeness.SAME_NAME_AND_DOMAIN,)),
]


@pytest.fixture
def people(engine: Engine) -> list[str]:
    """Six people, some of whom may be one; their ids in order."""
    with writing(engine) as session:
        ids = [
            actions.create_person(
                session, {"name": name, "email": email, "organisation": organisation}, now=NOW, actor=STAFF
            ).id
            for name, email, organisation in GIVEN
        ]
    assert duplicates.work_out_keys(engine, now=LATER) == len(GIVEN)
    return [str(one) for one in ids]


def listed(engine: Engine, people: list[str], *, size: int = 50) -> list[tuple[tuple[int, int], tuple[Likeness, ...]]]:
    """Return the whole list, page by page, people by their number.

    The strongest stand first; within one key the order is that of ids, which is chance within a millisecond.
    """
    with reading(engine) as session:
        part = duplicates.suggest(session, limit=size)
        found = list(part.items)
        while part.next:
            part = duplicates.suggest(session, limit=size, after=part.next)
            found += part.items
    assert [s.place.kind for s in found] == sorted(s.place.kind for s in found)
    numbers = [sorted((people.index(s.place.first), people.index(s.place.second))) for s in found]
    return sorted(((one, other), s.reasons) for (one, other), s in zip(numbers, found, strict=True))


@pytest.mark.parametrize("size", [50, 1, 2])
def test_each_pair_stands_once_with_all_its_reasons(engine: Engine, people: list[str], size: int) -> None:
    assert listed(engine, people, size=size) == ALL


def test_who_was_told_apart_is_never_suggested_again(engine: Engine, people: list[str]) -> None:
    with writing(engine) as session:
        duplicates.tell_apart(session, people[1], people[0], now=NOW, actor=STAFF)
        duplicates.tell_apart(session, people[0], people[1], now=LATER, actor=STAFF)
        actions.update_person(session, people[0], {"name": "M. Achieng"}, now=LATER, actor=STAFF)
        actions.update_person(session, people[0], {"name": "Maria Achieng"}, now=LATER, actor=STAFF)
    duplicates.work_out_keys(engine, now=LATER)

    assert listed(engine, people) == ALL[1:]
    with reading(engine) as session:
        acts = [entry for entry in log.trail(session, f"person:{people[0]}") if entry["action"] == "people.told-apart"]
    assert [(entry["at"], entry["details"]) for entry in acts] == [(NOW, {"other": people[1]})]


def test_only_two_known_people_are_told_apart(session: Session) -> None:
    one = actions.create_person(session, {"name": "A", "email": "a@x.example"}, now=NOW, actor=STAFF).id

    with pytest.raises(UnknownPerson):
        duplicates.tell_apart(session, one, "nobody", now=NOW, actor=STAFF)
    with pytest.raises(SamePerson):
        duplicates.tell_apart(session, one, one, now=NOW, actor=STAFF)


def test_a_change_is_followed_and_nothing_is_done_twice(engine: Engine, people: list[str]) -> None:
    assert duplicates.work_out_keys(engine, now=LATER) == 0
    with writing(engine) as session:
        actions.update_person(session, people[4], {"name": "Someone Else"}, now=LATER, actor=STAFF)

    assert listed(engine, people) == ALL[:3]  # what its people share no more is not shown, even before the duty
    assert (duplicates.work_out_keys(engine, now=LATER), duplicates.work_out_keys(engine, now=LATER)) == (1, 0)
    assert listed(engine, people) == ALL[:3]


def test_all_people_get_keys_stretch_by_stretch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "CHUNK", 2)
    with writing(engine) as session:
        for number in range(5):
            fields = {"name": "A", "email": f"a+{number}@x.example"}
            actions.create_person(session, fields, now=NOW + timedelta(days=number % 2), actor=STAFF)  # type: ignore[arg-type]

    assert [duplicates.work_out_keys(engine, now=LATER) for _ in range(4)] == [2, 2, 1, 0]
    with reading(engine) as session:
        assert len(duplicates.suggest(session, limit=50).items) == 10


def test_what_too_many_share_says_nothing_until_they_are_few(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    with writing(engine) as session:
        fields = [{"name": "A", "email": f"a+{number}@x.example"} for number in range(3)]
        ids = [str(actions.create_person(session, one, now=NOW, actor=STAFF).id) for one in fields]  # type: ignore[arg-type]
    duplicates.work_out_keys(engine, now=NOW)
    assert listed(engine, ids) == []

    with writing(engine) as session:
        actions.update_person(session, ids[1], {"email": "b@x.example"}, now=LATER, actor=STAFF)
    duplicates.work_out_keys(engine, now=LATER)

    assert listed(engine, ids) == [((0, 2), (Likeness.PLUS_ADDRESS,))]


@pytest.mark.parametrize("since", [timedelta(minutes=4), timedelta(days=9)])
def test_what_was_committed_late_is_found(engine: Engine, people: list[str], since: timedelta) -> None:
    last = NOW + since
    with writing(engine) as session:
        actions.update_person(session, people[5], {"role": "Chair"}, now=last, actor=STAFF)
    assert duplicates.work_out_keys(engine, now=last) == 1
    with writing(engine) as session:
        actions.update_person(session, people[4], {"role": "Dean"}, now=last - timedelta(minutes=1), actor=STAFF)

    assert duplicates.work_out_keys(engine, now=last) == 1


def test_the_pair_to_go_on_from_may_be_told_apart_meanwhile(engine: Engine, people: list[str]) -> None:
    with reading(engine) as session:
        first = duplicates.suggest(session, limit=1)
    with writing(engine) as session:
        duplicates.tell_apart(session, people[0], people[1], now=NOW, actor=STAFF)

    with reading(engine) as session:
        rest = duplicates.suggest(session, limit=50, after=first.next)
        assert ([s.reasons for s in rest.items], rest.next) == ([reasons for _pair, reasons in ALL[1:]], None)
        for gone in (f"{people[0]}.{people[5]}", f"{people[0]}.nobody", "."):
            with pytest.raises(Invalid):
                duplicates.suggest(session, limit=50, after=gone)
