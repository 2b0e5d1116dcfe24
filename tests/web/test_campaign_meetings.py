"""The pages and the API of the lobby log and of introductions."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_person, empty_world, store_world
from tests.web.support import Post, make_house, staff_client

LOG, MET = "/plan/campaign/meetings", "/plan/campaign/introductions"
TALK = {"country": "Kenya", "organisation": "", "held_on": "2026-11-02", "place": "Geneva", "said": "They <b>look"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """A project, a person, and one at risk."""
    world = empty_world()
    for name in ("ada", "layla"):
        risk = {"at_risk": True, "pseudonym": "Heron"} if name == "layla" else {}
        address = f"{name}@example.org"
        add_person(world, name=f"{name.title()} Example", email=address, email_key=address, **risk)
    with writing(house.engine) as session:
        return store_world(session, world)


def test_the_log_is_written_searched_and_followed_up_by_forms(manager: TestClient, world: World):
    step = {"next_step": "Send the text", "next_on": "2027-01-01", "owner": "campaigner"}
    meeting = re.findall(r"saved=(\w{26})", manager.post(LOG, data=TALK | step).headers["location"])[0]
    manager.post(LOG, data=TALK | {"country": "", "organisation": "African Union", "said": "Hello"})

    def shown(query: str) -> list[str]:
        return re.findall(r'scope="row"><bdi>(.*?)</bdi>', manager.get(f"{LOG}?{query}").text)

    text = manager.get(LOG).text
    assert ("They &lt;b&gt;look" in text, "One next step waits." in text, "Late" in text) == (True, True, True)
    assert (shown(""), shown("q=union"), shown("open_only=yes")) == (
        ["African Union", "Kenya"], ["African Union"], ["Kenya"],
    )  # fmt: skip
    manager.post(f"{LOG}/{meeting}", data=TALK | step | {"done_on": "2027-01-12"})
    assert shown("open_only=yes") == []
    lines = manager.get(f"{LOG}/meetings.csv").content.decode("utf-8-sig").splitlines()
    assert lines[1] == "KE,,2026-11-02,Geneva,They <b>look,Send the text,2027-01-01,campaigner,2027-01-12"
    manager.post(f"{LOG}/{meeting}", data={"remove": "yes"})
    assert shown("") == ["African Union"]


def test_a_meeting_with_nobody_comes_back(manager: TestClient, world: World):
    answer = manager.post(LOG, data=TALK | {"country": ""})

    assert answer.status_code == 422
    assert '<a href="#country-new" autofocus>Name a state or an institution' in answer.text
    assert "\nThey &lt;b&gt;look</textarea>" in answer.text


def test_introductions_show_those_at_risk_by_pseudonym(manager: TestClient, world: World):
    met = {"first": "Ada@example.org", "second": "layla@example.org", "follow_up": "Call", "follow_up_on": ""}
    assert manager.post(MET, data=met).status_code == 303

    text = manager.get(f"{MET}?open_only=yes").text
    assert re.findall(r'href="/people/\w{26}"><bdi>(.*?)</bdi>', text) == ["Ada Example", "Heron"]
    assert "Layla" not in text
    (introduction,) = re.findall(r"introductions/(\w{26})\?", text)
    manager.post(f"{MET}/{introduction}", data={})
    assert "Nothing here yet." in manager.get(f"{MET}?open_only=yes").text
    manager.post(f"{MET}/{introduction}", data={"remove": "yes"})
    assert "Ada Example" not in manager.get(MET).text


@pytest.mark.parametrize(
    ("wishes", "field", "sentence"),
    [
        ({"second": "nobody@example.org"}, "second", "Nobody here has this address."),
        ({"second": "nobody"}, "second", "The address has no @."),
        ({"second": "ada@example.org"}, "to_person_id", "These two are one."),
    ],
)
def test_an_introduction_that_cannot_be_comes_back(
    manager: TestClient, world: World, wishes: dict[str, str], field: str, sentence: str
):
    answer = manager.post(MET, data={"first": "ada@example.org", "about": "a visit", **wishes})

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="a visit"' in answer.text


def test_a_viewer_reads_both_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert ("Note a meeting" in viewer.get(LOG).text, "Note an introduction" in viewer.get(MET).text) == (False, False)
    assert [viewer.post(path, data={}).status_code for path in (LOG, MET)] == [403, 403]


def test_the_api_keeps_both(manager: TestClient, world: World):
    base = f"/api/v1/projects/{world.project_id}"
    talk = {"country": "KE", "held_on": "2026-11-02", "place": "Geneva", "said": "Hello"}
    made = manager.post(f"{base}/meetings", json=talk)
    meeting = made.json()
    empty = {"organisation_id": None, "next_step": "", "next_on": None, "owner": "", "done_on": None}
    assert (made.status_code, meeting) == (201, {"id": meeting["id"], **talk, **empty})
    after = manager.patch(f"{base}/meetings/{meeting['id']}", json={"next_step": "Call"}).json()
    assert after == meeting | {"next_step": "Call"}
    assert manager.get(f"{base}/meetings", params={"open_only": True}).json()["items"] == [after]
    assert manager.delete(f"{base}/meetings/{meeting['id']}").status_code == 204

    both = {"person_id": world.people[0]["id"], "to_person_id": world.people[1]["id"]}
    met = manager.post(f"{base}/introductions", json=both).json()
    assert met["made_on"] == "2027-01-12"
    done = {"follow_up": "Call", "done_on": "2027-01-12"}
    assert manager.patch(f"{base}/introductions/{met['id']}", json=done).json() == met | done
    assert len(manager.get(f"{base}/introductions").json()["items"]) == 1
    assert manager.delete(f"{base}/introductions/{met['id']}").status_code == 204
    assert manager.get(f"{base}/introductions").json()["items"] == []
