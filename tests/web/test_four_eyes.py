"""Where four eyes are wanted, whoever wrote a letter does not send it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from service.db.engine import writing
from service.web.house import House
from tests.factories import add_list, add_people, add_project
from tests.web.support import key_headers, staff_client

WORDS = {"kind": "newsletter", "subject": "Seeds are sown", "body": "The book is out."}


@pytest.fixture
def house(house: House) -> House:
    return replace(house, four_eyes=True)


def test_another_member_of_staff_sends_it(client: TestClient, house: House) -> None:
    with writing(house.engine) as session:
        add_project(session)
        board = add_list(session, add_people(session, 2), key="board")
    writer = staff_client(client, house, "manager")
    letter = writer.post("/letters/to-list", data={"list_id": board, **WORDS}).headers["location"]

    own = writer.get(letter).text
    assert ("someone else must read it and send it" in own, "Send to 2 people" in own) == (True, False)
    assert writer.post(f"{letter}/approve").status_code == 403

    url = f"/api/v1/mailings/{letter.rpartition('/')[2]}"
    headers = key_headers(house, "manager")
    client.cookies.clear()
    assert client.post(f"{url}/approve", json={}, headers=headers).json()["state"] == "approved"
