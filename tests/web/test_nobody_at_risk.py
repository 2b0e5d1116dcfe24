"""People at risk on all that is printed, listed, fed or saved: no name, no address, and where they are stays unsaid."""

from __future__ import annotations

import io
import zipfile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.kernel.ids import new_id
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_attendees, add_event, empty_world, store_world
from tests.web.plans import freeze
from tests.web.support import Post, make_house

NAME, ADDRESS, HOUSE_NAME = "Zulmira Oculta", "zulmira@example.net", "Vereda Oculta"
SECRETS = (NAME, "Zulmira", ADDRESS, HOUSE_NAME)
PLACES = ("Tonga", '"TO"', ",TO,", ">TO<")  # their country, in words and as a code; nobody else is there
LOOKED_FOR = (*SECRETS, *PLACES)


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """Forty guests of a closed seminar, and twelve of a country of their own who are at risk."""
    world = empty_world()
    event = add_event(world, privacy="open")
    add_attendees(world, event, 40)
    organisation = {"id": new_id(), "name": HOUSE_NAME, "folded": HOUSE_NAME.lower(), "created_at": NOW}
    world.organisations.append(organisation)
    hidden = {"name": NAME, "country": "TO", "at_risk": True, "organisation_id": organisation["id"]}
    add_attendees(world, event, 12, email=ADDRESS, folded=f"{NAME} {ADDRESS} {HOUSE_NAME}".lower(), **hidden)
    with writing(house.engine) as session:
        return store_world(session, world)


def found_in(text: str) -> list[str]:
    return [mark for mark in LOOKED_FOR if mark in text]


def unpacked(archive: bytes) -> str:
    """Return all words of an Office file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))


@pytest.mark.parametrize("profile", ["internal", "donor", "public"])
def test_no_report_names_them_or_where_they_are(manager: TestClient, world: World, profile: str) -> None:
    frozen = freeze(manager, world, profile)["snapshot_id"]
    pages = [f"/reports?profile={profile}", f"/reports/{frozen}"]
    files = [f"/reports/{frozen}.{format}" for format in ("html", "csv", "json")]
    packed = {format: manager.get(f"/reports/{frozen}.{format}").content for format in ("docx", "xlsx")}

    texts = {path: manager.get(path) for path in (*pages, *files)}

    assert {format: found_in(unpacked(archive)) for format, archive in packed.items()} == {"docx": [], "xlsx": []}

    assert {path: answer.status_code for path, answer in texts.items()} == dict.fromkeys(texts, 200)
    assert {path: found_in(answer.text) for path, answer in texts.items() if found_in(answer.text)} == {}
    assert any("Kenya" in answer.text or "KE" in answer.text or "014" in answer.text for answer in texts.values())


def test_no_list_or_page_of_staff_and_no_public_page_or_feed_names_them(manager: TestClient, world: World) -> None:
    (event,) = world.events
    (project,) = (world.project["slug"],)
    pages = [
        *("/", "/people", "/people?country=TO", "/duplicates", "/plan", "/letters"),
        *("/events", f"/events/{event['id']}", f"/events/{event['id']}/attendance"),
        *(f"/events/{event['slug']}.ics", f"/projects/{project}.ics"),
        *("/people/bulk?country=TO&add_tags=x", "/people/export?country=TO"),
    ]

    texts = {path: answer.text for path in pages if (answer := manager.get(path)).status_code == 200}

    assert {path: [m for m in SECRETS if m in text] for path, text in texts.items()} == {path: [] for path in texts}
    assert len(texts) >= 10
    assert "At-risk guest" in texts["/people?country=TO"]
    assert "Guest 1" in texts["/people"]  # others are named


@pytest.mark.parametrize("wanted", ["csv", "vcf", "json", "xlsx"])
def test_no_file_of_people_holds_them_without_a_reason(manager: TestClient, world: World, wanted: str) -> None:
    data = manager.post("/people/export", data={"wanted": wanted}).content
    if wanted == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())

    assert found_in(data.decode("utf-8", "replace")) == []
    assert b"guest1@example.org" in data
