"""Writing, reviewing and issuing a report, by page and by program."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import freeze, issue, small_world
from tests.web.support import Post, make_house, staff_client

WORDS = {"grade": "final", "summary": "We began.", "outcomes": "", "changes": "", "next_steps": "Six more."}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, one of whose people has a name that could stand in a sentence."""
    made = small_world()
    made.people[0]["name"] = "Maria Achieng"
    with writing(house.engine) as session:
        return store_world(session, made)


@pytest.fixture
def report(manager: TestClient, world: World) -> str:
    return f"/reports/{freeze(manager, world)['snapshot_id']}"


def marks(text: str) -> list[str]:
    """What stands in the way, as the page says it."""
    (life,) = re.findall(r'<ul class="bare life">(.*?)</ul>', text, re.DOTALL)
    return re.findall(r'<li><span class="st[^"]*">.*?<span>(.*?)</span></span>', life)


def test_words_are_written_and_stand_in_the_report(manager: TestClient, report: str):
    form = manager.get(f"{report}/words").text
    seen = re.search(r'name="seen" value="(\w{64})"', form)
    assert seen

    answer = manager.post(f"{report}/words", data={**WORDS, "seen": seen[1]})

    assert (answer.status_code, answer.headers["location"]) == (303, report)
    text = manager.get(report).text
    assert "Final dissemination report" in text
    assert '<p dir="auto">We began.</p>' in text
    assert re.findall(r'<section class="sec" id="(outcomes|changes|next)"', text) == ["next"]


def test_what_was_typed_over_a_changed_draft_comes_back(manager: TestClient, report: str):
    answer = manager.post(f"{report}/words", data={**WORDS, "summary": "My words", "seen": "0" * 64})

    assert answer.status_code == 409
    assert "My words" in answer.text
    assert "The draft changed while you had it open." in answer.text


def test_everything_in_the_way_is_shown_at_once_and_nothing_is_issued(manager: TestClient, report: str):
    manager.post(f"{report}/words", data={**WORDS, "summary": "Maria Achieng spoke."})
    assert manager.post(f"{report}/review", data={"seen": seal_of(manager, report)}).status_code == 303

    answer = manager.post(f"{report}/issue")

    assert answer.status_code == 409
    assert "Nothing was issued. What stands in the way:" in answer.text
    assert marks(answer.text) == [
        "Not finished in the plan: Radio talk",
        "The words name someone who is held here: Maria Achieng",
    ]
    assert "Issue this report" not in answer.text


def seal_of(manager: TestClient, report: str) -> str:
    return str(manager.get(f"/api/v1/snapshots/{report.rpartition('/')[2]}/state").json()["sha256"])


def test_words_that_may_name_someone_are_issued_after_a_yes(manager: TestClient, report: str):
    manager.post(f"{report}/words", data={**WORDS, "grade": "interim", "summary": "Achieng is a valley."})
    manager.post(f"{report}/review", data={"seen": seal_of(manager, report)})
    page = manager.get(report).text
    assert marks(page) == ["These words may name someone who is held here: Achieng"]
    assert 'name="waived"' in page

    assert manager.post(f"{report}/issue").status_code == 409
    assert manager.post(f"{report}/issue", data={"waived": "yes"}).status_code == 303

    text = manager.get(report).text
    assert "It does not change any more." in text
    assert "For someone outside" in text
    assert manager.get(f"{report}/words").status_code == 409


def test_a_program_learns_every_reason_and_where_a_report_stands(manager: TestClient, report: str):
    url = f"/api/v1/snapshots/{report.rpartition('/')[2]}"
    written = manager.put(f"{url}/words", json=WORDS)
    refused = manager.post(f"{url}/issue", json={})
    manager.post(f"{url}/review", json={"seen": written.json()["sha256"]})

    told, answer = manager.get(f"{url}/refusals").json()["items"], manager.post(f"{url}/issue", json={})

    assert (refused.status_code, refused.json()["code"]) == (409, "report-state")
    assert (answer.status_code, answer.json()["code"], answer.json()["reasons"]) == (409, "report-not-ready", told)
    assert [(one["reason"], one["what"]) for one in told] == [("unfinished", ["Radio talk"])]
    assert manager.get(f"{url}/state").json()["state"] == "reviewed"
    assert manager.post(f"{url}/reopen", json={}).json()["state"] == "draft"
    assert manager.put(f"{url}/words", json={**WORDS, "grade": "last"}).json()["code"] == "unknown-grade"


def test_where_four_eyes_are_wanted_the_writer_is_told_that_someone_else_issues(
    client: TestClient, house: House, world: World
):
    client.app.state.house = replace(house, four_eyes=True)  # type: ignore[attr-defined]
    writer = staff_client(client, house, "manager")
    report = f"/reports/{freeze(writer, world)['snapshot_id']}"
    writer.post(f"{report}/review", data={"seen": seal_of(writer, report)})

    page = writer.get(report).text
    assert ("someone else must issue it" in page, "Issue this report" in page) == (True, False)
    assert writer.post(f"{report}/issue").status_code == 403
    client.cookies.clear()
    other = staff_client(client, house, "manager")
    assert other.post(f"{report}/issue").status_code == 303


def test_a_coordinator_reads_where_it_stands_and_moves_nothing(client: TestClient, house: House, report: str):
    client.cookies.clear()
    coordinator = staff_client(client, house, "coordinator")
    steps = ("words", "figures", "review", "reopen", "issue", "successor")

    assert [coordinator.post(f"{report}/{step}").status_code for step in steps] == [403] * len(steps)
    text = coordinator.get(report).text
    assert ("Draft" in text, "Write its words" in text) == (True, False)


def test_what_changed_since_the_last_issued_report_is_shown_and_given_to_programs(manager: TestClient, report: str):
    first = report.rpartition("/")[2]
    assert "There is no other report to compare with." in manager.get(f"{report}/changes").text
    issue(manager, first)
    second = manager.post(f"{report}/successor").headers["location"]
    manager.post(f"{second}/words", data={**WORDS, "seen": seal_of(manager, second)})

    page = manager.get(f"{second}/changes").text
    told = manager.get(f"/api/v1{second.replace('reports', 'snapshots')}/changes").json()

    assert told["since"] == first
    assert [(one["part"], one["key"], one["fields"]) for one in told["items"]] == [
        ("words", "grade", [["text", "interim", "final"]]),
        ("words", "next_steps", [["text", "", "Six more."]]),
        ("words", "summary", [["text", "", "We began."]]),
    ]
    assert re.findall(r"<bdi>(We began\.|Six more\.|final)</bdi>", page) == ["final", "Six more.", "We began."]
    assert manager.get(f"{second}/changes?since={'0' * 26}").status_code == 404
