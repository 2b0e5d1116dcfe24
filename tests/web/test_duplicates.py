"""The list of people who may be one, over HTTP: the reasons, telling two apart, who may see it."""

from __future__ import annotations

from html import unescape

import pytest
from fastapi.testclient import TestClient

from service.db.engine import writing
from service.directory import duplicates
from service.people import actions
from service.web.house import House
from tests.factories import STAFF
from tests.web.support import key_headers

GIVEN = (
    {"name": "Maria Achieng", "email": "maria@gmail.com", "organisation": "Halden Trust"},
    {"name": "M. Achieng", "email": "m.aria@gmail.com"},
    {"name": "Amara Diallo", "email": "amara@fjord.example", "at_risk": True, "pseudonym": "Guest 7"},
    {"name": "Diallo Amara", "email": "ad@fjord.example"},
)


@pytest.fixture
def people(house: House) -> list[str]:
    with writing(house.engine) as session:
        ids = [actions.create_person(session, one, now=house.clock(), actor=STAFF).id for one in GIVEN]  # type: ignore[arg-type]
        duplicates.work_out_stretch(session, now=house.clock())
    return [str(one) for one in ids]


def test_the_list_says_why_and_two_are_told_apart(manager: TestClient, people: list[str]) -> None:
    page = unescape(manager.get("/duplicates").text)
    for fact in ("m.aria@gmail.com", "Halden Trust", "Gmail does not count its dots", "The same name, and addresses"):
        assert fact in page
    assert "Guest 7" in page
    assert "amara@fjord.example" not in page
    assert "Amara Diallo" not in page

    done = manager.post("/duplicates/different", data={"one": people[1], "other": people[0]})

    assert (done.status_code, done.headers["location"]) == (303, "/duplicates")
    page = unescape(manager.get("/duplicates").text)
    assert "m.aria@gmail.com" not in page
    assert "Guest 7" in page


def test_nobody_is_here_twice(manager: TestClient) -> None:
    assert "Nobody seems to be here twice." in manager.get("/duplicates").text


def test_programs_read_page_by_page_and_tell_apart(client: TestClient, house: House, people: list[str]) -> None:
    headers = key_headers(house, "coordinator")
    dots = {"person_ids": people[:2], "reasons": ["gmail-dots"]}
    name = {"person_ids": people[2:], "reasons": ["same-name-and-domain"]}

    first = client.get("/api/v1/duplicates?limit=1", headers=headers).json()
    rest = client.get(f"/api/v1/duplicates?after={first['next']}", headers=headers).json()
    told = client.post("/api/v1/duplicates/different", json={"person_ids": people[2:]}, headers=headers)

    assert (first["items"], rest) == ([dots], {"items": [name], "next": None})
    assert (told.status_code, told.json()) == (201, {"person_ids": people[2:]})
    assert client.get("/api/v1/duplicates", headers=headers).json() == {"items": [dots], "next": None}


@pytest.mark.parametrize(
    ("others", "status", "code"), [(0, 422, "same-person"), (None, 404, "unknown-person")], ids=["one", "nobody"]
)
def test_a_pair_is_of_two_known_people(
    client: TestClient, house: House, people: list[str], others: int | None, status: int, code: str
) -> None:
    other = "nobody" if others is None else people[others]
    body = {"person_ids": [people[0], other]}

    said = client.post("/api/v1/duplicates/different", json=body, headers=key_headers(house, "coordinator"))

    assert (said.status_code, said.json()["code"]) == (status, code)


def test_a_place_that_is_gone_says_so(client: TestClient, house: House, people: list[str]) -> None:
    said = client.get(f"/api/v1/duplicates?after={people[0]}.{people[2]}", headers=key_headers(house, "coordinator"))

    assert (said.status_code, said.json()["field"]) == (422, "after")


def test_a_viewer_does_not_learn_whom_someone_at_risk_resembles(
    client: TestClient, house: House, people: list[str]
) -> None:
    assert client.get("/api/v1/duplicates", headers=key_headers(house, "viewer")).status_code == 403
