"""Finding people: on the page by words and by what is picked, for programs by the language of filters."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient

from service.db.engine import writing
from service.people import actions
from service.web.house import House
from tests.factories import NOW, STAFF

PEOPLE = (
    {
        "name": "Maria Achieng",
        "email": "maria@example.org",
        "country": "KE",
        "tags": ["speaker"],
        "organisation": "Ñandú",
    },
    {"name": "Tomás R", "email": "tomas@example.org", "country": "EC", "language": "es"},
    {"name": "Secret Name", "email": "secret@example.org", "country": "KE", "at_risk": True, "pseudonym": "Person 7"},
)


@pytest.fixture(autouse=True)
def people(house: House) -> None:
    with writing(house.engine) as session:
        for fields in PEOPLE:
            actions.create_person(session, fields, now=NOW, actor=STAFF)  # type: ignore[arg-type]


def names(manager: TestClient, **params: str) -> list[str]:
    page = manager.get("/people", params=params)
    assert page.status_code == 200
    return [name for name in ("Maria Achieng", "Tomás R", "Person 7", "Secret Name") if name in page.text]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"q": "SPEAKER"}, ["Maria Achieng"]),
        ({"q": "nandu maria"}, ["Maria Achieng"]),
        ({"q": "tomas"}, ["Tomás R"]),
        ({"country": "Kenya"}, ["Maria Achieng", "Person 7"]),
        ({"language": "Spanish"}, ["Tomás R"]),
        ({"tag": "speaker", "country": "EC"}, []),
    ],
)
def test_the_page_finds_by_words_tags_and_what_is_picked(manager: TestClient, params, found):
    assert names(manager, **params) == found


def test_what_cannot_be_read_says_so_and_hides_nobody(manager: TestClient):
    page = manager.get("/people?country=Narnia").text

    assert "This country is not known." in page
    assert 'value="Narnia"' in page
    assert "Maria Achieng" in page


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("", "/people/export?"), ("?q=maria", "q=maria"), ("?country=KE", "country=KE"), ("?country=Narnia", "")],
)
def test_no_file_is_offered_of_more_people_than_are_seen(manager: TestClient, asked: str, offered: str):
    links = re.findall(r'href="(/people/export[^"]*)"', manager.get(f"/people{asked}").text)

    assert [offered in link for link in links] == ([True] if offered else [])


def test_a_program_asks_in_the_language_of_filters(manager: TestClient):
    wanted = {"any": [{"language": "es"}, {"all": [{"country": ["KE"]}, {"not": {"at_risk": True}}]}]}

    found = manager.get("/api/v1/people", params={"filter": json.dumps(wanted)}).json()["items"]
    refused = manager.get("/api/v1/people", params={"filter": '{"all": [{"shoe": 43}]}'}).json()

    assert [person["name"] for person in found] == ["Maria Achieng", "Tomás R"]
    assert (refused["code"], refused["errors"][0]["path"]) == ("bad-filter", "all[0].shoe")
