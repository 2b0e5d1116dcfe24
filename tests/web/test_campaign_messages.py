"""The page, the file and the API of messages, and putting one into a letter."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, empty_world, store_world
from tests.web.support import Post, browser, make_house, staff_client

PAGE = "/plan/campaign/messages"
ASK = {"title": "One <b>ask", "text": "Sign by May.", "audience_key": "policy", "topic": "", "countries": "Kenya"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """An empty project, stored."""
    with writing(house.engine) as session:
        return store_world(session, empty_world())


def test_a_message_is_written_signed_by_another_and_put_into_a_letter(app, house: House, manager: TestClient, world):
    message = re.findall(r"saved=(\w{26})", manager.post(PAGE, data=ASK).headers["location"])[0]
    unsigned = manager.get(PAGE).text
    assert "You wrote it, so someone else signs it off." in unsigned
    assert "Put it into a letter" not in unsigned
    refused = manager.post(f"{PAGE}/{message}/sign-off")
    assert (refused.status_code, "Who wrote a message does not sign it off" in refused.text) == (403, True)
    assert manager.get(f"/letters/to-list?message={message}").status_code == 409

    with browser(app) as other:
        second = staff_client(other, house, "manager")
        assert second.post(f"{PAGE}/{message}/sign-off").status_code == 303
        assert second.post(f"{PAGE}/{message}/sign-off").status_code == 409
    text = manager.get(PAGE).text
    assert "Signed off by Ingrid Solheim on 12 Jan 2027." in text
    assert f'href="/letters/to-list?message={message}"' in text
    letter = manager.get(f"/letters/to-list?message={message}").text
    assert 'value="One &lt;b&gt;ask"' in letter
    assert "\nSign by May.</textarea>" in letter


def test_a_change_of_what_was_signed_waits_for_its_own_signature(app, house: House, manager: TestClient, world: World):
    message = re.findall(r"saved=(\w{26})", manager.post(PAGE, data=ASK).headers["location"])[0]
    with browser(app) as other:
        staff_client(other, house, "manager").post(f"{PAGE}/{message}/sign-off")

    manager.post(f"{PAGE}/{message}", data=ASK | {"text": "Sign by June."})

    text = manager.get(PAGE).text
    assert "Waits for a signature" in text
    assert "Put version 1 into a letter" in text
    assert "Earlier versions" in text
    older = manager.post(f"{PAGE}/{message}", data=ASK | {"text": "Sign by July."})
    assert (older.status_code, "There is a newer version of this message." in older.text) == (409, True)


def test_messages_are_narrowed_down(manager: TestClient, world: World):
    manager.post(PAGE, data=ASK)
    manager.post(PAGE, data=ASK | {"title": "To all", "audience_key": "", "countries": "", "topic": "partners"})

    def shown(query: str) -> list[str]:
        return re.findall(r"<h2><bdi>(.*?)</bdi></h2>", manager.get(f"{PAGE}?{query}").text)

    assert shown("") == ["One &lt;b&gt;ask", "To all"]
    assert shown("audience=academia") == ["To all"]
    assert shown("country=KE") == ["One &lt;b&gt;ask", "To all"]
    assert shown("topic=partners") == ["To all"]


def test_a_form_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    answer = manager.post(PAGE, data=ASK | {"countries": "Atlantis"})

    assert answer.status_code == 422
    assert '<a href="#countries-new" autofocus>The country “Atlantis” is not known.' in answer.text
    assert "Sign by May.</textarea>" in answer.text


def test_only_managers_sign_off(app, client: TestClient, house: House, manager: TestClient, world: World):
    message = re.findall(r"saved=(\w{26})", manager.post(PAGE, data=ASK).headers["location"])[0]
    with browser(app) as other:
        coordinator = staff_client(other, house, "coordinator")
        assert "Sign it off" not in coordinator.get(PAGE).text
        assert coordinator.post(f"{PAGE}/{message}/sign-off").status_code == 403
        assert coordinator.post(f"{PAGE}/{message}", data={"remove": "yes"}).status_code == 303
    assert "Nothing here yet." in manager.get(PAGE).text


def test_the_api_keeps_messages(app, house: House, manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/messages"

    made = manager.post(path, json={"title": "One ask", "text": "Sign.", "countries": ["Kenya"]})
    message = made.json()
    with browser(app) as other:
        signed = staff_client(other, house, "manager").post(f"{path}/{message['id']}/sign-off").json()
    second = manager.patch(f"{path}/{message['id']}", json={"text": "Sign now."}).json()

    assert (made.status_code, message["countries"], message["signed_by"]) == (201, ["KE"], None)
    assert signed == message | {"signed_by": signed["signed_by"], "signed_at": "2027-01-12T09:00:00Z"}
    assert second == message | {"id": second["id"], "number": 2, "text": "Sign now."}
    assert manager.get(path).json()["items"] == [signed, second]
    assert manager.get(path, params={"signed": True}).json()["items"] == [signed]
    assert manager.post(f"{path}/{second['id']}/sign-off").json()["code"] == "own-message"
    assert manager.delete(f"{path}/{message['id']}").json()["code"] == "already-signed-off"
    assert manager.delete(f"{path}/{second['id']}").status_code == 204
    assert manager.post(path, json={"title": "x"}).json()["code"] == "record-incomplete"


def test_the_file_holds_every_version(manager: TestClient, world: World):
    manager.post(PAGE, data=ASK)

    lines = manager.get(f"{PAGE}/messages.csv").content.decode("utf-8-sig").splitlines()
    assert lines == [
        "message,version,text,audience,topic,countries,written,signed off",
        "One <b>ask,1,Sign by May.,policy,,KE,2027-01-12,",
    ]
