"""Organisations over HTTP: found, described, known by other names, with their people."""

from __future__ import annotations

from html import unescape

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.people import actions, organisations, store
from service.people.values import Organisation, Person
from service.web.house import House
from tests.factories import STAFF
from tests.web.support import key_headers


@pytest.fixture
def doctors(house: House) -> str:
    with writing(house.engine) as session:
        return organisations.ensure(session, "Médecins du Nord", now=house.clock())


def add_person(house: House, email: str, **fields: object) -> Person:
    with writing(house.engine) as session:
        given = {"name": email.partition("@")[0].title(), "email": email, **fields}
        return actions.create_person(session, given, now=house.clock(), actor=STAFF)  # type: ignore[arg-type]


def held(house: House, organisation_id: str) -> tuple[Organisation, list[str]]:
    with reading(house.engine) as session:
        found = store.read_organisation(session, organisation_id)
        return found, store.read_other_names(session, [organisation_id]).get(organisation_id, [])


def test_all_that_is_held_can_be_changed_and_the_earlier_name_stays_known(
    manager: TestClient, house: House, doctors: str
):
    maria = add_person(house, "maria@example.org", organisation="MEDECINS DU NORD")
    form = {
        "name": "Northern Doctors",
        "other_names": "MdN\r\n\r\nmdn\r\nNorthern Doctors\r\nأطباء الشمال",
        "type": "international_ngo",
        "country": "Norway",
        "audience_id": "",
    }

    done = manager.post(f"/organisations/{doctors}/edit", data=form)

    assert (done.status_code, done.headers["location"]) == (303, f"/organisations/{doctors}")
    found, others = held(house, doctors)
    assert found == Organisation(found.id, "Northern Doctors", "international_ngo", "NO", None)
    assert others == ["mdn", "Médecins du Nord", "أطباء الشمال"]
    page = unescape(manager.get(f"/organisations/{doctors}").text)
    for fact in ("International NGO, Norway", "mdn · Médecins du Nord · أطباء الشمال", "maria@example.org"):
        assert fact in page
    with reading(house.engine) as session:
        assert [p.id for p in store.read_people(session, text="northern doctors").items] == [maria.id]
        assert store.read_people(session, text="medecins").items == ()
    assert add_person(house, "b@example.org", organisation="medecins du nord").organisation_id == doctors


def test_the_list_finds_by_every_name_and_by_type(manager: TestClient, house: House, doctors: str):
    with writing(house.engine) as session:
        organisations.ensure(session, "Fjord Institute", now=house.clock())
        changes = {"other_names": ["MdN"], "type": "donor"}
        organisations.change(session, doctors, changes, now=house.clock(), actor=STAFF)
    add_person(house, "maria@example.org", organisation="MdN")

    def names(query: str) -> list[str]:
        page = unescape(manager.get(f"/organisations{query}").text)
        return [name for name in ("Fjord Institute", "Médecins du Nord") if name in page]

    assert names("") == ["Fjord Institute", "Médecins du Nord"]
    assert [names("?q=mdn"), names("?q=medecins"), names("?kind=donor")] == [["Médecins du Nord"]] * 3
    assert names("?q=fjord&kind=donor") == []
    assert 'data-l="person">1</td>' in manager.get("/organisations?q=mdn").text


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"name": ""}, 422, "Give it a name."),
        ({"name": "fjord INSTITUTE"}, 409, "Another organisation has this name"),
        ({"other_names": "Fjord Institute"}, 409, "Another organisation has this name"),
        ({"country": "Atlantis"}, 422, "This country is not known."),
        ({"type": "club"}, 422, "The type is one of"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_and_nothing_changes(
    manager: TestClient, house: House, doctors: str, changed: dict[str, str], status: int, sentence: str
):
    with writing(house.engine) as session:
        organisations.ensure(session, "Fjord Institute", now=house.clock())
    before = held(house, doctors)

    refused = manager.post(f"/organisations/{doctors}/edit", data={"name": "Other", "country": "NO", **changed})

    assert (refused.status_code, sentence in unescape(refused.text)) == (status, True)
    assert held(house, doctors) == before


def test_people_at_risk_are_not_shown_beside_their_organisation(manager: TestClient, house: House, doctors: str):
    add_person(house, "hidden@example.org", organisation="Médecins du Nord", at_risk=True, pseudonym="Heron")

    page = manager.get(f"/organisations/{doctors}").text

    assert "Heron" not in page
    assert "hidden@" not in page
    assert "People at risk are not shown here." in page


def test_programs_find_make_and_change(client: TestClient, house: House, doctors: str):
    keys = key_headers(house, "coordinator")

    made = client.post(
        "/api/v1/organisations",
        json={"name": "MEDECINS du Nord", "other_names": ["MdN"], "type": "national_ngo"},
        headers=keys,
    )
    changed = client.patch(
        f"/api/v1/organisations/{doctors}", json={"country": "FR", "other_names": ["MdN", "DN"]}, headers=keys
    )
    listed = client.get("/api/v1/organisations?q=mdn&type=national_ngo", headers=keys)
    read = client.get(f"/api/v1/organisations/{doctors}", headers=keys)
    wrong = client.patch(f"/api/v1/organisations/{doctors}", json={"type": "club"}, headers=keys)

    first = {
        "id": doctors, "name": "Médecins du Nord", "other_names": ["MdN"], "type": "national_ngo", "country": None,
        "audience_id": None,
    }  # fmt: skip
    after = {**first, "other_names": ["DN", "MdN"], "country": "FR"}
    assert (made.status_code, made.json()) == (201, first)
    assert (changed.json(), read.json(), listed.json()["items"]) == (after, after, [after])
    assert wrong.status_code == 422
    viewer = key_headers(house, "viewer")
    assert client.patch(f"/api/v1/organisations/{doctors}", json={}, headers=viewer).status_code == 403
