"""Many people are changed at once, as by hand, and put back as a whole where nobody changed them since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.kernel.errors import Invalid
from service.people import actions, bulk_edits, store
from service.people.bulk_edits import TooLate, TooManyPeople, Undone
from service.people.store import bulk_edits as ledger
from service.people.store import history
from tests.factories import NOW, STAFF

LATER = NOW + timedelta(hours=1)
PEOPLE: dict[str, Any] = {
    "amina": {"country": "SN", "language": "fr", "tags": ["press"]},
    "ben": {"country": "KE", "tags": ["press", "donor"]},
    "chloe": {"at_risk": True},
}


@pytest.fixture
def ids(session: Session) -> dict[str, str]:
    actions.create_audience(session, rank=1, name="Governments", now=NOW, actor=STAFF)
    return {
        name: actions.create_person(
            session, {"name": name.title(), "email": f"{name}@example.org", **fields}, now=NOW, actor=STAFF
        ).id
        for name, fields in PEOPLE.items()
    }


def held(session: Session, ids: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    people = store.read_these(session, list(ids.values()))
    return {
        name: (people[i].audience, people[i].country, people[i].language, people[i].tags, people[i].at_risk)
        for name, i in ids.items()
    }


def wish(session: Session, **given: Any) -> dict[str, Any]:
    return bulk_edits.read_wish(session, given)


def test_changed_at_once_and_put_back(session: Session, ids: dict[str, str]) -> None:
    before = held(session, ids)
    wanted = wish(session, audience="1", country="Kenya", language="French", add_tags="vip", remove_tags="press")
    planned = bulk_edits.plan(store.read_these(session, list(ids.values())).values(), wanted)

    made = bulk_edits.apply(session, list(ids.values()), wanted, now=LATER, actor=STAFF)

    assert wanted == {
        "audience": "Governments", "country": "KE", "language": "fr", "add_tags": ["vip"], "remove_tags": ["press"],
    }  # fmt: skip
    assert (len(planned.changes), planned.same, made.people) == (3, 0, 3)
    assert held(session, ids) == {
        "amina": ("Governments", "KE", "fr", ("vip",), False),
        "ben": ("Governments", "KE", "fr", ("donor", "vip"), False),
        "chloe": ("Governments", None, "fr", ("vip",), True),  # where someone at risk is, is not written for many
    }
    bens = [c for c in history.read_changes_at(session, LATER, STAFF) if c.person_id == ids["ben"]]
    assert {c.field for c in bens} == {"audience", "language", "tags"}

    assert bulk_edits.undo(session, made.id, now=LATER + timedelta(days=29), actor=STAFF) == Undone(3, 0)
    assert held(session, ids) == before
    assert bulk_edits.undo(session, made.id, now=LATER, actor=STAFF) == Undone(0, 0)
    assert ledger.read(session, made.id).undone_at == LATER + timedelta(days=29)


def test_what_somebody_changed_since_stays(session: Session, ids: dict[str, str]) -> None:
    made = bulk_edits.apply(
        session, list(ids.values()), wish(session, language="es", add_tags="vip"), now=LATER, actor=STAFF
    )
    later = LATER + timedelta(minutes=1)
    actions.update_person(session, ids["ben"], {"language": "sw"}, now=later, actor=STAFF)

    assert bulk_edits.undo(session, made.id, now=later, actor=STAFF) == Undone(2, 1)
    assert held(session, ids)["ben"] == (None, "KE", "sw", ("press", "donor"), False)
    assert held(session, ids)["amina"] == (None, "SN", "fr", ("press",), False)


def test_people_are_marked_at_risk_and_those_who_are_like_that_stay(session: Session, ids: dict[str, str]) -> None:
    made = bulk_edits.apply(session, list(ids.values()), wish(session, at_risk="yes"), now=LATER, actor=STAFF)

    assert made.people == 2
    assert [at_risk for *_rest, at_risk in held(session, ids).values()] == [True] * 3
    with pytest.raises(Invalid, match="Nothing would change"):
        bulk_edits.apply(session, list(ids.values()), wish(session, at_risk="yes"), now=LATER, actor=STAFF)


def test_what_cannot_be_is_refused(session: Session, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for given, sentence in (
        ({}, "Say what shall change"),
        ({"country": "Narnia"}, "ountry"),
        ({"audience": "Nobody"}, "not known"),
        ({"name": "Maria"}, "cannot be changed in “name”"),
    ):
        with pytest.raises(Invalid, match=sentence):
            wish(session, **given)
    made = bulk_edits.apply(session, list(ids.values()), wish(session, language="es"), now=LATER, actor=STAFF)
    with pytest.raises(TooLate):
        bulk_edits.undo(session, made.id, now=LATER + timedelta(days=30), actor=STAFF)
    with pytest.raises(ledger.UnknownBulkEdit):
        bulk_edits.undo(session, "nobody", now=LATER, actor=STAFF)
    monkeypatch.setattr(bulk_edits, "MOST", 2)
    with pytest.raises(TooManyPeople, match="these are 3"):
        bulk_edits.apply(session, list(ids.values()), wish(session, language="fr"), now=LATER, actor=STAFF)
