"""The page and the API of figures that others count."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

BOOK = {"provider": "datacite", "host": "", "reference": "10.5281/zenodo.1234567", "label": "Book <DataCite>"}
FILE = "source;metric;day;number\r\nPublisher;downloads;2027-01-11;151\r\n"


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_source_is_named_asked_again_and_removed_by_forms(manager: TestClient, world: World):
    answer = manager.post("/plan/sources", data=BOOK)

    assert answer.status_code == 303
    text = manager.get(answer.headers["location"]).text
    assert "<bdi>Book &lt;DataCite&gt;</bdi>" in text
    assert "Views: not asked yet" in " ".join(text.split()).replace("  ", " ")
    source = re.findall(r"/plan/sources/(\w{26})/remove", text)[0]
    assert manager.post(f"/plan/sources/{source}/ask").headers["location"].endswith("saved=asked")
    assert manager.post(f"/plan/sources/{source}/remove").status_code == 303
    assert "read “n/a”, not 0" in manager.get("/plan/sources").text


def test_a_source_that_cannot_be_asked_comes_back(manager: TestClient, world: World):
    answer = manager.post("/plan/sources", data={**BOOK, "provider": "matomo", "reference": "x"})

    assert answer.status_code == 422
    assert '<a href="#host" autofocus>Give the host alone, such as stats.example.org.</a>' in answer.text
    assert 'value="Book &lt;DataCite&gt;"' in answer.text


def test_numbers_come_by_file_in_the_encoding_of_a_spreadsheet(manager: TestClient, world: World):
    answer = manager.post("/plan/sources/numbers", files={"file": ("numbers.csv", FILE.encode("cp1252"), "text/csv")})

    assert answer.status_code == 303
    assert "<b>151</b>" in manager.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (FILE.replace("151", "many").encode(), "Row 2: "),
        (b"", ""),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, ""),
        (b"x" * 1_000_001, ""),
    ],
    ids=["a-word", "empty", "a-picture", "too-large"],
)
def test_a_file_that_cannot_be_used_says_why_and_keeps_nothing(
    manager: TestClient, world: World, content: bytes, sentence: str
):
    answer = manager.post("/plan/sources/numbers", files={"file": ("numbers.csv", content, "text/csv")})

    assert answer.status_code == 422
    assert f'<a href="#file" autofocus>{sentence}' in answer.text
    assert "read “n/a”, not 0" in answer.text


def test_a_viewer_reads_sources_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Name a source" not in viewer.get("/plan/sources").text
    assert viewer.post("/plan/sources", data=BOOK).status_code == 403


def test_the_api_names_sources_and_takes_numbers(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/sources"

    made = manager.post(path, json=BOOK)

    assert made.status_code == 201
    source = {**BOOK, "id": made.json()["id"], "host": "api.datacite.org", "trouble": "", "asked_at": None}
    assert made.json() == source
    assert manager.get(path).json()["items"] == [source]
    number = {"source": "Publisher", "metric": "downloads", "day": "2027-01-11", "number": 151}
    given = manager.post(f"{path}/numbers", json={"items": [number]})
    assert given.status_code == 201
    assert given.json()["items"] == manager.get(f"{path}/numbers").json()["items"]
    assert [(one["source"], one["value"], one["as_of"]) for one in given.json()["items"]][-1] == (
        "Publisher",
        151,
        "2027-01-11",
    )
    assert manager.post(f"{path}/numbers", json={"items": []}).json()["code"] == "bad-numbers"
    assert manager.post(f"{path}/{source['id']}/ask").status_code == 202
    assert manager.delete(f"{path}/{source['id']}").status_code == 204
    assert manager.delete(f"{path}/{source['id']}").json()["code"] == "unknown-source"
