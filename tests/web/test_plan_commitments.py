"""What guests will do: the list with what is late, what staff note, and what is proposed as an outcome."""

from __future__ import annotations

from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from service.audit.log import trail
from service.db.engine import reading, writing
from service.dissemination.store.outcomes import read_outcomes
from service.events.values import Event
from service.invitations import surveys
from service.invitations.store import surveys as store
from service.people.tables import Person
from service.web.house import House
from tests.factories import add_event
from tests.journeys.world import Clock
from tests.letters.test_chain import day, held_event
from tests.web.support import Post, key_headers, make_house


@pytest.fixture
def clock() -> Clock:
    return Clock(day(92))


@pytest.fixture
def house(engine: Engine, post: Post, clock: Clock) -> House:
    return make_house(engine, post, clock=clock)


@pytest.fixture
def held(house: House) -> tuple[Event, list[str]]:
    """Two said what they will do: one by March, who has done it; one by a day that lies ahead."""
    with writing(house.engine) as session:
        event, ids = held_event(session)
        surveys.answer(session, ids[0], {"promise": "Train <my> team", "due_on": "2027-03-01"}, now=day(3))
        surveys.answer(session, ids[1], {"promise": "Call Bo", "due_on": "2027-06-01"}, now=day(3))
    return event, ids


def shown(client: TestClient, event: Event, query: str = "") -> tuple[bool, bool]:
    words = unescape(client.get(f"/plan/commitments?project={event.project_id}{query}").text)
    return "Train <my> team" in words, "Call Bo" in words


def test_late_ones_and_those_of_one_event_can_be_looked_at(manager: TestClient, house: House, held):
    event, _ids = held
    with writing(house.engine) as session:
        other = add_event(session, project_id=event.project_id, title="Seminar 3")

    assert shown(manager, event) == (True, True)
    assert shown(manager, event, "&show=late") == (True, False)
    assert shown(manager, event, "&show=done") == (False, False)
    assert shown(manager, event, f"&event={event.id}") == (True, True)
    assert shown(manager, event, f"&event={other.id}") == (False, False)


def test_what_is_done_is_proposed_and_a_person_takes_it_up_once(manager: TestClient, house: House, held):
    event, ids = held
    with reading(house.engine) as session:
        one, two = (store.find_commitment(session, invitation_id) for invitation_id in ids[:2])
    page = f"/plan/commitments/{one.id}"

    noted = manager.post(page, data={"state": "done"})
    proposed = shown(manager, event, "&show=proposed")
    taken = [manager.post(f"{page}/{wish}").status_code for wish in ("accept", "accept", "dismiss")]
    wrong = manager.post(page, data={"state": "perhaps"}).status_code
    manager.post(f"/plan/commitments/{two.id}", data={"state": "done"})
    dismissed = manager.post(f"/plan/commitments/{two.id}/dismiss").status_code

    with reading(house.engine) as session:
        after = [store.read_commitment(session, found.id).outcome for found in (one, two)]
        acts = [row["action"] for row in trail(session, f"commitment:{one.id}")]
        made = [(found.what, found.state.value, found.source) for found in read_outcomes(session, event.project_id)]
    assert (noted.status_code, proposed, taken, wrong, dismissed) == (303, (True, False), [303, 409, 409], 422, 303)
    assert after == ["accepted", "dismissed"]
    assert acts == ["outcome.taken-up", "commitment.noted"]
    assert made == [("Train <my> team", "proposed", f"commitment:{one.id}")]


def test_staff_see_how_many_that_were_kept_are_shown_by_a_file(manager: TestClient, house: House, held):
    event, ids = held
    with reading(house.engine) as session:
        one, two = (store.find_commitment(session, invitation_id) for invitation_id in ids[:2])
    for commitment, state in ((one, "done"), (two, "partly")):
        manager.post(f"/plan/commitments/{commitment.id}", data={"state": state})
    page = f"/plan/evidence/commitment/{one.id}?project={event.project_id}"
    file = {"file": ("photo.png", b"\x89PNG\r\n\x1a\n picture")}

    sent = manager.post(page, data={"note": "The training"}, files=file, headers=manager.headers)

    shown = manager.get(f"/plan/commitments?project={event.project_id}").text
    assert sent.status_code == 303
    assert "Of 2 that were kept, at least in part, 1 are shown by a file." in shown


def test_the_api_reads_notes_and_decides(client: TestClient, house: House, held):
    event, _ids = held
    headers = key_headers(house, "manager")
    path = f"/api/v1/projects/{event.project_id}/commitments"

    late = client.get(f"{path}?show=late", headers=headers).json()["items"]
    one = f"/api/v1/commitments/{late[0]['id']}"
    noted = client.patch(one, json={"state": "done"}, headers=headers).status_code
    accepted = [client.post(f"{one}/{wish}", headers=headers) for wish in ("accept", "dismiss")]
    unknown = client.get(f"{path}?show=soon", headers=headers)

    assert [(item["words"], item["state"], item["is_late"]) for item in late] == [("Train <my> team", "open", True)]
    assert (noted, [one.status_code for one in accepted], accepted[1].json()["code"]) == (
        204,
        [204, 409],
        "not-proposed",
    )
    assert (unknown.status_code, unknown.json()["field"]) == (422, "show")
    assert client.get(path, headers=headers).json()["items"][0]["outcome"] == "accepted"


def test_another_project_s_are_not_to_be_seen(client: TestClient, house: House, held):
    _event, ids = held
    with writing(house.engine) as session:
        elsewhere = add_event(session, title="Elsewhere").project_id
        one = store.find_commitment(session, ids[0])
    headers = key_headers(house, "manager", project_id=elsewhere)

    assert client.patch(f"/api/v1/commitments/{one.id}", json={"state": "done"}, headers=headers).status_code == 404


def test_someone_at_risk_goes_by_their_pseudonym(manager: TestClient, house: House, held):
    event, ids = held
    with writing(house.engine) as session:
        session.execute(update(Person).values(at_risk=True, pseudonym="Heron", name="Maria Achieng"))

    page = manager.get(f"/plan/commitments?project={event.project_id}").text

    assert ("Heron" in page, "Maria Achieng" in page, len(ids)) == (True, False, 5)


def test_today_asks_for_the_yes_that_what_follows_waits_for(manager: TestClient, clock: Clock, held):
    event, _ids = held
    clock.at(day(1))
    path = f"/?project={event.project_id}"

    asked = "Thanks and the survey wait for your yes" in manager.get(path).text
    manager.post(f"/events/{event.id}/follow-up/approve")

    assert asked
    assert "Thanks and the survey wait for your yes" not in manager.get(path).text
