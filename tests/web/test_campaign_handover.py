"""The hand-over: what is in the file, and that nobody is in it unasked."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine

from service.audit import log
from service.campaign import grants, introductions, meetings, messages, stances
from service.db.engine import reading, writing
from service.dissemination import checklists, lessons
from service.events.values import EventState
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, add_person, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

PAGE = "/plan/campaign/hand-over"
NAMES = (
    "plan", "late", "tasks", "due", "drafts", "lists", "decisions", "stances", "messages", "meetings", "lessons",
    "grants",
)  # fmt: skip
BY = {"now": NOW, "actor": "staff:01test"}


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(engine: Engine, post: Post, clock: Clock) -> House:
    """A house in which it is 12 January 2027 until it is put forward."""
    return make_house(engine, post, clock=clock)


@pytest.fixture
def world(house: House) -> World:
    """A plan, an event ahead with a checklist, one record of each kind, and two people who were introduced."""
    world = small_world()
    ada = add_person(world, name="Ada Example", email="ada@example.org", email_key="ada@example.org")
    risk = {"at_risk": True, "pseudonym": "Heron"}
    layla = add_person(world, name="Layla Example", email="layla@example.org", email_key="layla@example.org", **risk)
    event = add_event(world, title="Seminar ahead", days_ago=-20, state=EventState.DRAFT.value)
    with writing(house.engine) as session:
        store_world(session, world)
        p = world.project_id
        checklists.start(session, event["id"], "seminar", **BY)
        state = {"country": "KE", "position": "latent", "noted_on": "2026-11-02", "source": "=Talks"}
        stances.note_stance(session, p, state, **BY)
        message = messages.add_message(session, p, {"title": "Ask", "text": "Sign."}, **BY)
        messages.sign_off(session, p, message.id, now=NOW, actor="staff:02bo")
        talk = {"country": "KE", "held_on": "2026-11-02", "place": "Geneva", "said": "Hello"}
        meetings.add_meeting(session, p, talk | {"next_step": "Send the text", "next_on": "2027-01-20"}, **BY)
        lessons.add_lesson(session, p, {"text": "Ask early"}, **BY)
        asked = {"organisation": "Rural Voices", "purpose": "Training", "amount": 1500, "currency": "GBP"}
        grants.add_grant(session, p, asked, **BY)
        both = {"person_id": ada["id"], "to_person_id": layla["id"]}
        introductions.add_introduction(session, p, both, **BY)
    return world


def opened(answer: Response) -> dict[str, str]:
    """Return the files of an answer as text."""
    assert answer.status_code == 200, answer.text
    with ZipFile(io.BytesIO(answer.content)) as bundle:
        return {name: bundle.read(name).decode("utf-8-sig") for name in bundle.namelist()}


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))[1:]


def test_everything_is_in_the_file_and_nobody(manager: TestClient, house: House, world: World):
    assert 'href="/plan/campaign/hand-over?project=' in manager.get("/plan/campaign").text
    assert "Nobody is named in it." in manager.get(PAGE).text

    answer = manager.post(PAGE)
    files = opened(answer)

    assert answer.headers["content-disposition"] == 'attachment; filename="hand-over-2027-01-12.zip"'
    assert list(files) == ["README.txt", *(f"{name}.csv" for name in NAMES)]
    assert [row[0] for row in table(files["late.csv"])] == ["Radio talk", "First newsletter"]
    assert len(table(files["tasks.csv"])) > 5
    assert table(files["stances.csv"])[0][4] == "'=Talks"
    assert ["2027-01-20", "lobby log", "Send the text", "KE", ""] in table(files["due.csv"])
    assert ["message signed off", "Ask, version 1", "2027-01-12", ""] in table(files["decisions.csv"])
    assert table(files["grants.csv"])[0][4:6] == ["GBP", "1500"]
    said = "".join(files.values())
    assert [name for name in ("Ada", "Layla", "Heron", "@example.org") if name in said] == []
    with reading(house.engine) as session:
        (noted,) = [
            one for one in log.trail(session, f"project:{world.project_id}") if one["action"] == "handover.taken"
        ]
    assert noted["details"] == {"people": False}


def test_what_is_due_within_a_month_comes_by_day(manager: TestClient, world: World):
    days = [row[0] for row in table(opened(manager.post(PAGE))["due.csv"])]

    assert days == sorted(days)
    assert max(days) <= str(NOW.date() + timedelta(days=31))


def test_people_are_in_it_when_a_manager_says_so_and_those_at_risk_stay_out(manager: TestClient, world: World):
    files = opened(manager.post(PAGE, data={"people": "yes"}))

    assert "Ada Example" in files["people.csv"]
    assert [row[:2] for row in table(files["introductions.csv"])] == [["Ada Example", ""]]
    assert [name for name, text in files.items() if "Layla" in text] == []


def test_people_at_risk_need_a_reason_and_a_fresh_sign_in(manager: TestClient, clock: Clock, world: World):
    wish = {"people": "yes", "at_risk": "yes"}
    bare = manager.post(PAGE, data=wish)
    assert (bare.status_code, "Say why people at risk are to be in the file." in bare.text) == (422, True)

    files = opened(manager.post(PAGE, data=wish | {"why": "handover"}))
    assert [row[:2] for row in table(files["introductions.csv"])] == [["Ada Example", "Layla Example"]]

    clock.now = NOW + timedelta(minutes=11)
    stale = manager.post(PAGE, data=wish | {"why": "handover"})
    assert (stale.status_code, "Sign out and in again first" in stale.text) == (422, True)


def test_a_coordinator_takes_no_people(client: TestClient, house: House, world: World):
    coordinator = staff_client(client, house, "coordinator")

    assert "People too" not in coordinator.get(PAGE).text
    assert "people.csv" not in opened(coordinator.post(PAGE))
    refused = coordinator.post(PAGE, data={"people": "yes"})
    assert (refused.status_code, "Only a manager may take people out" in refused.text) == (422, True)


def test_the_same_hand_over_is_the_same_bytes(manager: TestClient, world: World):
    assert manager.post(PAGE).content == manager.post(PAGE).content
