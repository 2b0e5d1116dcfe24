"""The page of one person: changed whole, its history read, what lies sealed opened only for those who may."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.kernel.sealing import FieldKey, SealRing
from service.people import actions, store
from service.people.private import read_private
from service.people.values import Person, Private
from service.web.application import make_app
from service.web.house import House
from tests.factories import RING, STAFF
from tests.web.support import browser, key_headers, staff_client

WHOLE = {
    "name": "Dr Amara Diallo",
    "greeting": "Amara",
    "email": "amara@example.org",
    "other_emails": "a.diallo@example.net\r\namara@example.org  two@example.org",
    "phone": "+221 33 000 00 00",
    "organisation": "Maison de la paix",
    "role": "Director",
    "country": "Senegal",
    "language": "fr",
    "time_zone": "Africa/Dakar",
    "tags": "press, board,press",
    "pseudonym": "",
    "source": "Launch in Dakar",
    "source_on": "2026-03-04",
    "notes": "Prefers calls\nafter six",
}


@pytest.fixture
def person(house: House) -> Person:
    with writing(house.engine) as session:
        given = {"name": "Amara", "email": "amara@example.org", "notes": "Met in Accra", "source": "Accra"}
        return actions.create_person(session, given, now=house.clock(), actor=STAFF, ring=RING)  # type: ignore[arg-type]


def held(house: House, person_id: str) -> tuple[Person, Private]:
    with reading(house.engine) as session:
        return store.read_person(session, person_id), read_private(session, person_id, ring=house.ring)


def seen(client: TestClient, person_id: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(f"/people/{person_id}/edit").text)
    assert found
    return unescape(found[1])


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_everything_that_is_held_can_be_changed(manager: TestClient, house: House, person: Person):
    done = manager.post(f"/people/{person.id}/edit", data={**WHOLE, "seen": seen(manager, person.id)})

    after, private = held(house, person.id)
    assert (done.status_code, done.headers["location"]) == (303, f"/people/{person.id}")
    assert after == replace(
        person,
        name="Dr Amara Diallo",
        greeting="Amara",
        other_emails=("a.diallo@example.net", "two@example.org"),
        organisation="Maison de la paix",
        organisation_id=after.organisation_id,
        role="Director",
        country="SN",
        region="011",
        language="fr",
        time_zone="Africa/Dakar",
        tags=("press", "board"),
        source="Launch in Dakar",
        source_on=date(2026, 3, 4),
        updated_at=after.updated_at,
    )
    assert private == Private("Prefers calls\nafter six", "+221 33 000 00 00")
    shown = text_of(manager.get(f"/people/{person.id}").text)
    for fact in ("Director", "a.diallo@example.net, two@example.org", "+221 33 000 00 00", "press, board",
                 "Africa/Dakar", "Senegal", "Prefers calls"):  # fmt: skip
        assert fact in shown


def test_history_says_who_changed_what_and_keeps_the_sealed_to_those_who_may(
    manager: TestClient, house: House, person: Person
):
    form = {**WHOLE, "notes": "Moved to Lomé"}
    manager.post(f"/people/{person.id}/edit", data={**form, "seen": seen(manager, person.id)})

    page = manager.get(f"/people/{person.id}/history").text
    shown = text_of(page)
    assert "Name" in shown
    assert "Amara → became Dr Amara Diallo" in shown
    assert "Ingrid Solheim" in shown
    assert "Added" in shown
    assert "Met in Accra" not in shown
    assert "Lomé" not in shown
    opened = [manager.get(link).text for link in re.findall(r'href="(/people/\w+/history/\w+)"', page)]
    assert len(opened) == 3  # notes twice, phone
    texts = [text_of(one) for one in opened]
    assert any("Before Met in Accra After Moved to Lomé" in one for one in texts)

    viewer = staff_client(browser(manager.app), house, "viewer")  # type: ignore[arg-type]
    link = re.findall(r'href="(/people/\w+/history/\w+)"', page)[0]
    assert "Open" not in text_of(viewer.get(f"/people/{person.id}/history").text)
    assert viewer.get(link).status_code == 403
    assert "Lomé" not in viewer.get(f"/people/{person.id}").text
    assert viewer.get(f"/people/{person.id}/edit").status_code == 403


def test_of_someone_at_risk_history_and_page_show_no_value(manager: TestClient, house: House, person: Person):
    form = {**WHOLE, "at_risk": "yes", "pseudonym": "Heron"}
    manager.post(f"/people/{person.id}/edit", data={**form, "seen": seen(manager, person.id)})

    pages = manager.get(f"/people/{person.id}").text + manager.get(f"/people/{person.id}/history").text

    assert "Heron" in pages
    for hidden in ("Amara", "Diallo", "example.org", "Senegal", "Dakar", "+221", "Prefers"):
        assert hidden not in pages.replace("Launch in Dakar", "")


def test_a_change_upon_a_change_of_someone_else_is_refused_and_what_was_typed_stays(
    manager: TestClient, house: House, person: Person
):
    before = seen(manager, person.id)
    with writing(house.engine) as session:
        actions.update_person(session, person.id, {"role": "Chair"}, now=house.clock(), actor=STAFF)

    refused = manager.post(f"/people/{person.id}/edit", data={**WHOLE, "seen": before})

    assert refused.status_code == 409
    assert "Someone else changed this person in the meantime." in refused.text
    assert "Dr Amara Diallo" in refused.text
    assert held(house, person.id)[0].role == "Chair"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "A person needs a name."),
        ({"email": "amara"}, "The address has no @."),
        ({"other_emails": "a@example.org b@"}, "Other address 2: There is nothing after the @."),
        ({"country": "Atlantis"}, "This country is not known."),
        ({"source_on": "yesterday"}, "Give the date as year, month, day"),
        ({"time_zone": "Mars/Base"}, "zone"),
    ],
    ids=str,
)
def test_a_field_that_cannot_be_used_is_said_and_nothing_changes(
    manager: TestClient, house: House, person: Person, changed: dict[str, str], sentence: str
):
    form = {**WHOLE, **changed, "seen": seen(manager, person.id)}

    refused = manager.post(f"/people/{person.id}/edit", data=form)

    assert refused.status_code == 422
    assert sentence in unescape(refused.text)
    assert held(house, person.id)[0] == person


def test_without_the_key_the_rest_is_read_and_changed_and_what_is_sealed_stays(
    engine, post, house: House, person: Person
):
    poor = replace(house, ring=SealRing(FieldKey("other", bytes(range(32, 64)))))
    manager = staff_client(browser(make_app(poor)), poor, "manager")
    form = {name: value for name, value in WHOLE.items() if name not in ("notes", "phone")}

    shown = manager.get(f"/people/{person.id}")
    listed = manager.get("/people")
    edit = manager.get(f"/people/{person.id}/edit")
    saved = manager.post(f"/people/{person.id}/edit", data={**form, "seen": seen(manager, person.id)})
    through_api = manager.get(f"/api/v1/people/{person.id}/private")
    overwriting = manager.patch(f"/api/v1/people/{person.id}", json={"notes": "new"})

    assert [page.status_code for page in (shown, listed, edit, saved)] == [200, 200, 200, 303]
    sentence = "This text is sealed under the key “test”, which is not here."
    assert sentence in shown.text
    assert sentence in edit.text
    assert 'name="notes"' not in edit.text
    assert [(r.status_code, r.json()["code"]) for r in (through_api, overwriting)] == [(409, "unknown-field-key")] * 2
    after, private = held(house, person.id)
    assert (after.name, private) == ("Dr Amara Diallo", Private("Met in Accra", None))


def test_a_new_person_may_come_with_telephone_and_notes(manager: TestClient, house: House):
    form = {"name": "Ada", "email": "ada@example.org", "phone": "+44 1", "notes": "Knows Maria"}

    made = manager.post("/people/new", data=form)

    person_id = made.headers["location"].rpartition("/")[2]
    assert held(house, person_id)[1] == Private("Knows Maria", "+44 1")


def test_programs_read_and_change_all_of_it(client: TestClient, house: House):
    keys = key_headers(house, "coordinator")
    body = {"name": "Ada", "email": "ada@example.org", "other_emails": ["b@example.org"], "notes": "x", "phone": "1"}

    made = client.post("/api/v1/people", json=body, headers=keys).json()
    path = f"/api/v1/people/{made['id']}"
    changed = client.patch(path, json={"notes": "y", "phone": None, "role": "Chair"}, headers=keys).json()
    private = client.get(f"{path}/private", headers=keys).json()
    history = client.get(f"{path}/history", headers=keys).json()["items"]
    opened = [client.get(f"{path}/history/{one['id']}", headers=keys).json() for one in history]

    assert (made["other_emails"], changed["role"], private) == (
        ["b@example.org"],
        "Chair",
        {"phone": None, "notes": "y"},
    )
    assert not {"notes", "phone"} & changed.keys()
    assert {(c["field"], c["sealed"], c["before"], c["after"]) for c in opened} == {
        ("created", False, None, None),
        ("notes", True, None, "x"),
        ("notes", True, "x", "y"),
        ("phone", True, None, "1"),
        ("phone", True, "1", None),
        ("role", False, None, "Chair"),
    }
    assert all(c["before"] is None and c["after"] is None for c in history if c["sealed"])
    viewer = key_headers(house, "viewer")
    assert client.get(f"{path}/private", headers=viewer).status_code == 403
    assert client.get(f"{path}/history", headers=viewer).status_code == 200
    other = client.post("/api/v1/people", json={"name": "B", "email": "c@example.org"}, headers=keys).json()
    crossed = client.get(f"/api/v1/people/{other['id']}/history/{history[0]['id']}", headers=keys)
    assert (crossed.status_code, crossed.json()["code"]) == (404, "unknown-change")
