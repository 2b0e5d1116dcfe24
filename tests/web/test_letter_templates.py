"""The pages and the API of an organisation's own wording of letters."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.letters import actions as letters
from service.letters import templates
from service.mail import actions as mail
from service.web.house import House
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people, add_project
from tests.web.support import key_headers, staff_client

HERE = "/letters/templates/invitation/en"
WORDS = {"subject": "Do come: {{ event.title }}", "opening": "Dear {{ name }}, we meet soon.", "closing": ""}
API = "/api/v1/templates"
BODY = {"kind": "invitation", "language": "en", **WORDS}


@pytest.fixture
def guest(house: House) -> tuple[str, str]:
    """Return an event and its one guest."""
    with writing(house.engine) as session:
        event = add_event(session)
        (person_id,) = add_people(session, 1, name="Mia Guest", language="fr")
        list_id = add_list(session, [person_id])
        letters.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
        return event.id, person_id


def states(house: House) -> list[tuple[int, str]]:
    with reading(house.engine) as session:
        return [(one.version, one.state.value) for one in templates.read_all(session)]


def test_written_tried_used_and_given_up(manager: TestClient, house: House, guest: tuple[str, str]) -> None:
    assert 'href="/letters/templates"' in manager.get("/letters").text
    assert f'href="{HERE}"' in manager.get("/letters/templates").text
    assert "The built-in wording as it reads" in manager.get(HERE).text

    shown = manager.post(HERE, data=WORDS).headers["location"]
    assert ("Version 1 as it reads" in manager.get(shown).text, states(house)) == (True, [(1, "draft")])
    worst = manager.get(f"{HERE}/as-read?{shown.partition('?')[2]}")
    assert ("we meet soon." in worst.text, "<script>alert" in worst.text) == (True, False)
    assert worst.headers["content-security-policy"].startswith("sandbox")
    event_id, person_id = guest
    tried = manager.get(f"{shown}&event_id={event_id}&person_id={person_id}").text
    assert "Dear Mia Guest, we meet soon." in tried
    of_guest = manager.get(f"{HERE}/as-read?{shown.partition('?')[2]}&event_id={event_id}&person_id={person_id}")
    assert "Dear Mia Guest, we meet soon." in of_guest.text

    version = shown.partition("=")[2]
    assert manager.post(f"/letters/templates/versions/{version}/use").status_code == 303
    assert ("own, version 1" in manager.get("/letters/templates").text, states(house)) == (True, [(1, "in_use")])
    assert manager.post(f"{HERE}/built-in").status_code == 303
    assert states(house) == [(1, "retired")]


def test_refused_with_line_and_reason_beside_what_was_typed(manager: TestClient, house: House) -> None:
    refused = manager.post(HERE, data={**WORDS, "opening": "One\n{{ invitee.rsvp_token }}"})

    assert (refused.status_code, states(house)) == (422, [])
    assert "Line 2: “invitee.rsvp_token” is not one of: name, " in refused.text
    assert "One\n{{ invitee.rsvp_token }}" in refused.text
    assert manager.get("/letters/templates/newsletter/en").status_code == 404


def test_guest_of_another_event_is_not_shown(manager: TestClient, house: House, guest: tuple[str, str]) -> None:
    with writing(house.engine) as session:
        (stranger,) = add_people(session, 1, prefix="other", name="Stranger Danger")

    tried = manager.get(f"{HERE}?event_id={guest[0]}&person_id={stranger}")

    assert (tried.status_code, "Stranger Danger" in tried.text) == (200, False)
    assert manager.get(f"{HERE}/as-read?event_id={guest[0]}&person_id={stranger}").status_code == 404


def test_test_letter_goes_to_who_presses(manager: TestClient, house: House) -> None:
    with writing(house.engine) as session:
        add_project(session)
    version = manager.post(HERE, data=WORDS).headers["location"].partition("=")[2]

    sent = manager.post(f"/letters/templates/versions/{version}/test")

    with reading(house.engine) as session:
        (mailing,) = mail.read_mailings(session)
        (line,) = mail.read_deliveries(session, mailing.id)
        address = mail.read_delivery(session, line.id).address
    assert sent.headers["location"] == f"/letters/{mailing.id}"
    assert (address.startswith("manager-"), manager.get(sent.headers["location"]).status_code) == (True, 200)


def test_readers_read_and_do_not_write(client: TestClient, house: House) -> None:
    viewer = staff_client(client, house, "viewer")

    assert viewer.get(HERE).status_code == 200
    assert "Keep as a draft" not in viewer.get(HERE).text
    assert viewer.post(HERE, data=WORDS).status_code == 403


def test_api_saves_uses_previews_and_goes_back(client: TestClient, house: House, guest: tuple[str, str]) -> None:
    headers = key_headers(house, "coordinator")
    made = client.post(API, json=BODY, headers=headers).json()
    assert {name: made[name] for name in BODY} == BODY
    assert (made["version"], made["state"]) == (1, "draft")

    bad = client.post(API, json={**BODY, "opening": "\n\n{{ ''.__class__ }}"}, headers=headers)
    problem = bad.json()
    assert (bad.status_code, problem["code"], problem["field"]) == (422, "not-allowed", "opening")
    assert problem["line"] == 3

    event_id, person_id = guest
    about = {"event_id": event_id, "person_id": person_id}
    preview = client.get(f"{API}/{made['id']}/preview", params=about, headers=headers).json()
    assert (preview["subject"].startswith("Do come: "), "Dear Mia Guest, we" in preview["text"]) == (True, True)
    worst = client.get(f"{API}/{made['id']}/preview", headers=headers).json()
    assert "<script" not in worst["html"]

    assert client.post(f"{API}/{made['id']}/use", headers=headers).json()["state"] == "in_use"
    kind = {"kind": "invitation", "language": "en"}
    back = client.post(f"{API}/built-in", json=kind, headers=headers).json()
    assert [one["state"] for one in back["items"]] == ["retired"]
    again = client.post(f"{API}/built-in", json=kind, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-in-use")
    assert client.get(API, headers=headers).json()["items"] == back["items"]
    assert client.post(f"{API}/{made['id']}/test", headers=headers).status_code == 403


def test_key_of_one_project_does_not_word_the_letters_of_all(client: TestClient, house: House) -> None:
    with writing(house.engine) as session:
        project_id = add_project(session)
    headers = key_headers(house, "manager", project_id=project_id)

    assert client.post(API, json=BODY, headers=headers).status_code == 403
    assert states(house) == []
