"""The press: who was told what and when, and what is under embargo."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.adapters.mailbox import MailboxTransport
from service.db.engine import reading, writing
from service.letters import actions as letters
from service.letters import press
from service.mail import actions as mail
from service.mail.values import DeliveryState
from service.people import organisations
from service.people import store as people
from service.privacy import actions as privacy
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_person, empty_world, store_world
from tests.factories import DESK, add_list
from tests.web.support import Post, _composer, make_house

PAGE = "/plan/campaign/press"
WORDS = {"kind": "press_release", "subject": "Seeds <b>sown", "body": "The book is out.", "until": "2027-01-14T18:00"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """Ada and Layla, at risk, of the media, and Cora who is not; Ada and Cora are on a list."""
    world = empty_world()
    for name in ("Ada", "Layla", "Cora"):
        risk = {"at_risk": True, "pseudonym": "Heron"} if name == "Layla" else {}
        address = f"{name.lower()}@example.org"
        add_person(world, name=f"{name} Example", email=address, email_key=address, **risk)
    with writing(house.engine) as session:
        store_world(session, world)
        paper = organisations.ensure(session, "Evening Paper", now=NOW)
        organisations.change(session, paper, {"type": "media"}, now=NOW, actor="staff:01test")
        for person in world.people[:2]:
            people.write_person(session, person["id"], {"organisation_id": paper})
        add_list(session, [world.people[0]["id"], world.people[2]["id"]], key="press")
    return world


def release(manager: TestClient, house: House) -> str:
    """Write a press release to the list, and let it leave."""
    with reading(house.engine) as session:
        list_id = people.find_list(session, "press").id
    letter = manager.post("/letters/to-list", data={"list_id": list_id, **WORDS}).headers["location"]
    assert manager.post(f"{letter}/approve").status_code == 303
    later = NOW + timedelta(minutes=5)
    mail.deliver_batch(
        house.engine, MailboxTransport(), _composer(), owner="test", now_fn=lambda: later,
        on_recorded=letters.note_deliveries,
    )  # fmt: skip
    return letter.rpartition("/")[2]


def names(text: str) -> list[str]:
    return re.findall(r'href="/people/\w{26}"><bdi>(.*?)</bdi>', text)


def test_the_press_is_shown_with_what_each_was_told(manager: TestClient, house: House, world: World):
    assert "None yet." in manager.get(PAGE).text
    mailing = release(manager, house)

    text = manager.get(PAGE).text
    assert names(text) == ["Cora Example", "Ada Example", "Heron"]
    assert ("Seeds &lt;b&gt;sown" in text, "14 Jan 2027, 18:00" in text, "still held" in text) == (True, True, True)
    assert "12 Jan 2027, 09:05" in text
    assert "Layla" not in text
    assert names(manager.get(f"{PAGE}?release={mailing}&told=yes").text) == ["Cora Example", "Ada Example"]
    assert names(manager.get(f"{PAGE}?release={mailing}&told=no").text) == ["Heron"]
    assert 'href="/plan/campaign/press?project=' in manager.get("/plan/campaign").text


def test_a_draft_tells_nobody_and_who_was_forgotten_is_not_shown(manager: TestClient, house: House, world: World):
    release(manager, house)
    with reading(house.engine) as session:
        list_id = people.find_list(session, "press").id
    manager.post("/letters/to-list", data={"list_id": list_id, **WORDS, "subject": "Second"})
    with writing(house.engine) as session:
        privacy.forget(session, "cora@example.org", address_key=DESK.address_key, now=NOW, actor="staff:01test")

    with reading(house.engine) as session:
        releases = press.read_releases(session, world.project_id)
        found = press.read_press(session, releases)
    assert [(one.subject, one.told) for one in releases] == [("Second", 0), ("Seeds <b>sown", 2)]
    told = {one.person.name: [(each.release.subject, each.state) for each in one.told] for one in found}
    assert told == {"Ada Example": [("Seeds <b>sown", DeliveryState.SENT)], "Layla Example": []}


def test_an_embargo_ends():
    one = press.Release("r", "s", NOW, "UTC", None, NOW, 0)  # type: ignore[arg-type]

    assert [one.is_held(NOW - timedelta(seconds=1)), one.is_held(NOW)] == [True, False]
