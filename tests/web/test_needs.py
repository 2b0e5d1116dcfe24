"""What a guest needs to take part: told on their own page, read by those who may edit, sealed in between."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.db.engine import reading, writing
from service.invitations import store
from service.invitations.needs import read_needs
from service.invitations.tables import Invitation
from service.invitations.values import Invitation as Invited
from service.kernel.sealing import FieldKey, SealRing
from service.kernel.tokens import ANSWER
from service.letters import actions as letters
from service.web.application import make_app
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import add_event, add_list, add_people, add_project
from tests.letters.test_actions import sent
from tests.web.support import browser, key_headers, staff_client


@pytest.fixture
def invited(house: House) -> Invited:
    now = house.clock()
    with writing(house.engine) as session:
        event = add_event(session, project_id=add_project(session), now=now, starts_at="2031-02-18T15:00")
        guests = add_list(session, add_people(session, 1))
        done = letters.invite_list(session, event.id, guests, desk=desk_of(house), now=now, actor="system")
        sent(session, done.mailing_id)
        (invitation,) = store.read_of_event(session, event.id)
    return invitation


def guest_page(house: House, invited: Invited) -> str:
    return f"/r/{house.keyring.sign(ANSWER, invited.id, invited.token_version)}"


def held(house: House, invited: Invited) -> str:
    with reading(house.engine) as session:
        return read_needs(session, invited.id, ring=house.ring)


def test_a_guest_says_what_they_need_and_only_those_who_may_read_it(client: TestClient, house: House, invited: Invited):
    page = guest_page(house, invited)
    client.post(page, data={"answer": "yes"})
    asked = client.get(page).text

    told = client.post(f"{page}/needs", data={"needs": "A ramp,\nno nuts"})
    client.post(f"{page}/needs", data={"needs": "  "})

    assert "Do you need anything to take part?" in asked
    assert (told.status_code, told.headers["location"]) == (303, page)
    assert held(house, invited) == "A ramp,\nno nuts"
    after = client.get(page).text
    assert "What you need is noted." in after
    assert "ramp" not in after
    with reading(house.engine) as session:
        cell = session.execute(select(Invitation.needs).where(Invitation.id == invited.id)).scalar_one()
    assert b"ramp" not in (cell or b"")
    for role, shown in (("viewer", False), ("coordinator", True)):
        staff = staff_client(browser(client.app), house, role)  # type: ignore[arg-type]
        assert ("A ramp" in staff.get(f"/invitations/{invited.id}").text) is shown


def test_one_sheet_says_who_of_those_that_come_needs_what(client: TestClient, house: House, invited: Invited):
    page = guest_page(house, invited)
    coordinator = staff_client(browser(client.app), house, "coordinator")  # type: ignore[arg-type]
    sheet = f"/events/{invited.event_id}/needs"
    nobody = coordinator.get(sheet).text
    client.post(page, data={"answer": "yes"})
    client.post(f"{page}/needs", data={"needs": "A ramp"})

    shown = coordinator.get(sheet).text
    poor = replace(house, ring=SealRing(FieldKey("other", bytes(range(32, 64)))))
    unopened = staff_client(browser(make_app(poor)), poor, "coordinator").get(sheet)
    client.post(page, data={"answer": "no"})
    declined = coordinator.get(sheet).text

    assert "Nobody said that they need anything." in nobody
    assert "A ramp" in shown
    assert (unopened.status_code, "which is not here" in unopened.text) == (200, True)
    assert "A ramp" not in declined
    viewer = staff_client(browser(client.app), house, "viewer")  # type: ignore[arg-type]
    assert viewer.get(sheet).status_code == 403


def test_the_form_is_not_shown_to_those_who_do_not_come(client: TestClient, house: House, invited: Invited):
    page = guest_page(house, invited)

    client.post(page, data={"answer": "no"})

    assert "Do you need anything" not in client.get(page).text


def test_a_link_that_leads_nowhere_takes_nothing(client: TestClient, house: House, invited: Invited):
    refused = client.post("/r/none/needs", data={"needs": "A ramp"})

    assert refused.status_code == 404
    assert held(house, invited) == ""


def test_staff_and_programs_note_and_empty_it(manager: TestClient, house: House, invited: Invited):
    noted = manager.post(f"/invitations/{invited.id}/needs", data={"needs": "Vegan"})
    path, keys = f"/api/v1/invitations/{invited.id}/needs", key_headers(house, "coordinator")
    read = manager.get(path, headers=keys).json()
    emptied = manager.patch(path, json={"needs": ""}, headers=keys).json()
    long = manager.patch(path, json={"needs": "x" * 1001}, headers=keys)

    assert (noted.status_code, read, emptied) == (303, {"needs": "Vegan"}, {"needs": ""})
    assert (long.status_code, long.json()["field"]) == (422, "needs")
    assert held(house, invited) == ""
    assert manager.get(path, headers=key_headers(house, "viewer")).status_code == 403


def test_without_the_key_the_page_stands_and_says_why(house: House, invited: Invited):
    staff_client(browser(make_app(house)), house, "manager").post(
        f"/invitations/{invited.id}/needs", data={"needs": "Vegan"}
    )
    poor = replace(house, ring=SealRing(FieldKey("other", bytes(range(32, 64)))))
    manager = staff_client(browser(make_app(poor)), poor, "manager")

    shown = manager.get(f"/invitations/{invited.id}")
    through_api = manager.get(f"/api/v1/invitations/{invited.id}/needs")

    assert shown.status_code == 200
    assert "sealed under the key “test”, which is not here" in unescape(shown.text)
    assert (through_api.status_code, through_api.json()["code"]) == (409, "unknown-field-key")
