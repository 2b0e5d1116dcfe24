"""The pages and the API of segments and lists."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.db.engine import writing
from service.people import actions
from service.web.house import House
from tests.factories import STAFF
from tests.web.support import key_headers


def fill(house: House) -> None:
    with writing(house.engine) as session:
        for name, country in (("Amina", "SN"), ("Ben", "KE"), ("Chloe", "KE")):
            given = {"name": name, "email": f"{name.lower()}@example.org", "country": country}
            actions.create_person(session, given, now=house.clock(), actor=STAFF)  # type: ignore[arg-type]


def test_what_was_narrowed_down_is_saved_and_stays_live(manager: TestClient, house: House) -> None:
    fill(house)
    narrowed = manager.get("/people?country=KE").text
    assert "Save this as a segment" in narrowed
    assert "Save this as a segment" not in manager.get("/people?country=KE&q=ben").text

    made = manager.post("/segments", data={"name": "Kenya", "country": "KE", "ground": "legitimate_interest"})
    page = made.headers["location"]
    shown = manager.get(page).text

    assert "2 people match" in shown
    assert "by legitimate interest" in shown
    assert ("Ben" in shown, "Chloe" in shown, "Amina" in shown) == (True, True, False)
    assert "Save this as a segment" not in manager.get(f"{page}&country=KE").text
    refused = manager.post("/segments", data={"name": "", "country": "KE"})
    assert refused.status_code == 422

    list_id = page.partition("in_list=")[2]
    manager.post(f"/lists/{list_id}", data={"name": "East", "language": "sw", "owner": "Layla"})
    assert 'value="Layla"' in manager.get(page).text
    assert "East" in manager.get("/people").text


def test_programs_make_and_read_segments(client: TestClient, house: House) -> None:
    fill(house)
    headers = key_headers(house, "coordinator")
    body = {"name": "Kenya", "filter": {"country": "KE"}, "owner": "Layla"}

    made = client.post("/api/v1/lists/segments", json=body, headers=headers)
    listed = client.get("/api/v1/lists", headers=headers).json()["items"]
    members = client.get(f"/api/v1/lists/{made.json()['id']}/members?limit=1", headers=headers).json()
    bad = client.post("/api/v1/lists/segments", json={"name": "x", "filter": {"text": "Ben"}}, headers=headers)
    path = f"/api/v1/lists/{made.json()['id']}/members"
    people = {"people": [members["items"][0]["id"]]}

    assert (made.status_code, made.json()["members"], made.json()["filter"]) == (201, 2, {"country": "KE"})
    assert [(x["name"], x["members"], x["owner"]) for x in listed] == [("Kenya", 2, "Layla")]
    assert (members["items"][0]["name"], bool(members["next"])) == ("Ben", True)
    assert bad.status_code == 422
    assert client.post(path, json=people, headers=headers).json()["code"] == "is-segment"
