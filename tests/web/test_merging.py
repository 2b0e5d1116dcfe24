"""Two people made one by page and by program: side by side, chosen, undone; old links lead on."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.directory import duplicates
from service.invitations.store.of_person import read_of_person
from service.kernel.tokens import ANSWER
from service.letters import actions as letters
from service.people import actions, store
from service.people.values import Person
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import RING, STAFF, add_event
from tests.letters.test_actions import sent
from tests.web.support import key_headers

GIVEN: tuple[dict[str, Any], ...] = (
    {"name": "Maria Achieng", "email": "maria@gmail.com", "organisation": "Halden Trust", "notes": "Met in Accra"},
    {"name": "Dr Maria Achieng", "email": "m.aria@gmail.com", "role": "Chair", "notes": "Chairs the board"},
)


@pytest.fixture
def people(house: House) -> list[str]:
    """Two who are one; the second was invited and has the letter."""
    now = house.clock()
    with writing(house.engine) as session:
        ids = [str(actions.create_person(session, one, now=now, actor=STAFF, ring=RING).id) for one in GIVEN]  # type: ignore[arg-type]
        event = add_event(session, now=now)
        done = letters.invite_people(session, event.id, ids[1:], desk=desk_of(house), now=now, actor=STAFF)
        sent(session, done.mailing_id or "")
        duplicates.work_out_stretch(session, now=now)
    return ids


def held(house: House, person_id: str) -> Person:
    with reading(house.engine) as session:
        return store.read_person(session, person_id)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(keep|taken|seen_kept|seen_taken)" value="([^"]*)"', unescape(page)))


def test_from_a_suggestion_to_one_person_and_back(manager: TestClient, house: House, people: list[str]) -> None:
    link = f"/people/merge?keep={people[0]}&taken={people[1]}"
    assert link in unescape(manager.get("/duplicates").text)
    page = manager.get(link).text
    for said in ("Maria Achieng", "Dr Maria Achieng", "Halden Trust", "Chair", "Keep both", "moves over"):
        assert said in text_of(page)
    assert "the calendar entry at m.aria@gmail.com is cancelled; the invitation is sent" in text_of(page)

    form = {**hidden(page), "choice_name": "taken", "choice_notes": "both"}
    done = manager.post("/people/merge", data=form)
    again = manager.post("/people/merge", data=form)

    assert [(one.status_code, one.headers["location"]) for one in (done, again)] == [(303, f"/people/{people[0]}")] * 2
    after = held(house, people[0])
    assert (after.name, after.email, after.other_emails) == (
        "Dr Maria Achieng",
        "maria@gmail.com",
        ("m.aria@gmail.com",),
    )
    old = manager.get(f"/people/{people[1]}")
    assert (old.status_code, old.headers["location"]) == (303, f"/people/{people[0]}")
    shown = manager.get(f"/people/{people[0]}").text
    assert "Merged: Dr Maria Achieng ." in text_of(shown)
    (undo,) = re.findall(r'action="(/people/[0-9a-z]+/merges/[0-9a-z]+/undo)"', shown)

    taken_back = manager.post(undo)

    place = f"/people/{people[0]}?other={people[1]}&newer="
    assert (taken_back.status_code, taken_back.headers["location"]) == (303, place)
    assert "They are two people again. See the other one ." in text_of(manager.get(place).text)
    assert "left as it is: Tags, Role there." in text_of(manager.get(f"{place}tags,role,Call+us").text)
    assert [held(house, one).name for one in people] == ["Maria Achieng", "Dr Maria Achieng"]
    assert manager.post(undo).status_code == 404


def test_what_was_chosen_on_old_facts_is_shown_again(manager: TestClient, house: House, people: list[str]) -> None:
    form = hidden(manager.get(f"/people/merge?keep={people[0]}&taken={people[1]}").text)
    with writing(house.engine) as session:
        actions.update_person(session, people[1], {"role": "Dean"}, now=house.clock(), actor=STAFF)

    said = manager.post("/people/merge", data={**form, "seen_taken": "2020-01-01T00:00:00+00:00"})

    assert said.status_code == 409
    assert "Dean" in text_of(said.text)
    assert held(house, people[1]).role == "Dean"


@pytest.mark.parametrize(
    ("choices", "status"), [({"choice_name": "both"}, 422), ({"choice_notes": "x"}, 422)], ids=["no side", "nonsense"]
)
def test_a_choice_that_cannot_be_comes_back_with_the_sentence(
    manager: TestClient, house: House, people: list[str], choices: dict[str, str], status: int
) -> None:
    form = hidden(manager.get(f"/people/merge?keep={people[0]}&taken={people[1]}").text)

    said = manager.post("/people/merge", data={**form, **choices})

    assert said.status_code == status
    assert "Choose one of" in said.text
    assert held(house, people[1]).name == "Dr Maria Achieng"


def test_the_other_one_is_looked_for(manager: TestClient, people: list[str]) -> None:
    empty = manager.get(f"/people/merge?keep={people[0]}")
    found = manager.get(f"/people/merge?keep={people[0]}&q=achieng")
    first = manager.get("/people/merge?q=achieng")

    assert empty.status_code == 200
    assert f"keep={people[0]}&taken={people[1]}" in unescape(found.text)
    assert f"taken={people[0]}" not in unescape(found.text)
    assert f"/people/merge?keep={people[1]}" in unescape(first.text)
    assert manager.get("/people/merge?keep=nobody").status_code == 404
    assert manager.get(f"/people/merge?keep={people[0]}&taken=nobody").status_code == 404


def test_programs_see_what_follows_merge_and_undo(client: TestClient, house: House, people: list[str]) -> None:
    headers = key_headers(house, "coordinator")
    with reading(house.engine) as session:
        (invited,) = read_of_person(session, people[1])

    seen = client.get(f"/api/v1/people/{people[0]}/merge?other={people[1]}", headers=headers).json()
    body = {"other": people[1], "choices": {"email": "taken"}}
    made = client.post(f"/api/v1/people/{people[0]}/merge", json=body, headers=headers)
    old = client.get(f"/api/v1/people/{people[1]}", headers=headers).json()
    stranger = client.post(f"/api/v1/people/{people[1]}/merges/{made.json()['id']}/undo", headers=headers)
    undone = client.post(f"/api/v1/people/{people[0]}/merges/{made.json()['id']}/undo", headers=headers)

    names = {one["field"]: (one["kept"], one["taken"], one["chosen"]) for one in seen.pop("fields")}
    assert (names["role"], names["notes"]) == (("", "Chair", "taken"), ("Met in Accra", "Chairs the board", "both"))
    follows = {"event_id": invited.event_id, "cancels": True, "asks": True}
    assert seen == {"list_ids": [], "moved": [invited.id], "joined": [], "letters": [follows]}
    assert (made.status_code, made.json()["person"]["email"]) == (201, "m.aria@gmail.com")
    assert old == made.json()["person"]
    assert (stranger.status_code, stranger.json()["code"]) == (404, "unknown-merge")
    assert (undone.status_code, undone.json()) == (200, {"person_ids": people, "newer": []})


def test_a_link_of_before_the_merge_leads_to_the_invitation_there_is(
    client: TestClient, manager: TestClient, house: House, people: list[str]
) -> None:
    now = house.clock()
    with writing(house.engine) as session:
        (second,) = read_of_person(session, people[1])
        done = letters.invite_people(session, second.event_id, people[:1], desk=desk_of(house), now=now, actor=STAFF)
        sent(session, done.mailing_id or "")
        first = read_of_person(session, people[0])[0]
    form = hidden(manager.get(f"/people/merge?keep={people[0]}&taken={people[1]}").text)

    manager.post("/people/merge", data=form)

    links = [house.keyring.sign(ANSWER, one.id) for one in (first, second)]
    assert [client.get(f"/r/{link}").status_code for link in links] == [200, 200]


def test_someone_at_risk_is_not_named_on_the_page_of_the_merged(
    manager: TestClient, house: House, people: list[str]
) -> None:
    with writing(house.engine) as session:
        actions.update_person(session, people[1], {"at_risk": True}, now=house.clock(), actor=STAFF)
    form = hidden(manager.get(f"/people/merge?keep={people[0]}&taken={people[1]}").text)
    manager.post("/people/merge", data=form)

    shown = text_of(manager.get(f"/people/{people[0]}").text)

    assert "Someone was merged into this person." in shown
    assert "Achieng" not in shown
