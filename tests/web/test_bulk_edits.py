"""The pages that change many people at once."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.db.engine import reading
from service.people import store
from service.web.house import House
from tests.web.test_segments import fill


def languages(house: House) -> dict[str, str | None]:
    with reading(house.engine) as session:
        return {p.name: p.language for p in store.read_people(session).items}


def test_shown_changed_and_put_back(manager: TestClient, house: House) -> None:
    fill(house)
    assert "Change all 2 of them" in manager.get("/people?country=KE").text
    assert "/people/bulk" not in manager.get("/people").text
    chosen = {"country": "KE", "set_language": "Swahili", "add_tags": "east"}

    shown = manager.get("/people/bulk", params=chosen).text
    assert "2 people change" in shown
    assert languages(house) == {"Amina": None, "Ben": None, "Chloe": None}

    made = manager.post("/people/bulk", data=chosen).headers["location"]
    assert languages(house) == {"Amina": None, "Ben": "sw", "Chloe": "sw"}
    assert "2 people were changed." in manager.get(made).text

    back = manager.post(f"{made}/undo").headers["location"]
    assert languages(house) == {"Amina": None, "Ben": None, "Chloe": None}
    assert "2 people are as before." in manager.get(back).text


def test_a_wish_that_cannot_be_is_said_on_the_form(manager: TestClient, house: House) -> None:
    fill(house)
    shown = manager.get("/people/bulk", params={"country": "KE", "set_country": "Narnia"})

    assert shown.status_code == 422
    assert 'role="alert"' in shown.text
    assert manager.post("/people/bulk", data={"country": "KE"}).status_code == 422
