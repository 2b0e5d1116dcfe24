"""The page and the API of what was spent on an event, and what reports make of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

HALL = {"what": "Hall", "on_day": "2027-01-04", "amount": "57.50", "currency": "gbp"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_cost_is_booked_and_taken_back_by_forms(manager: TestClient, world: World) -> None:
    path = f"/events/{world.events[0]['id']}"
    assert f'href="{path}/costs"' in manager.get(path).text

    answer = manager.post(f"{path}/costs", data=HALL)

    assert answer.status_code == 303
    text = manager.get(answer.headers["location"]).text
    assert "GBP 57.50" in text
    (cost,) = re.findall(r"/costs/(\w{26})/take-back", text)
    assert manager.post(f"{path}/costs/{cost}/take-back").status_code == 303
    assert "reads “n/a”, not 0" in manager.get(f"{path}/costs").text


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"what": " "}, "Say what it was spent on."),
        ({"on_day": "2027-01-13"}, "That day has not come yet."),
        ({"on_day": "soon"}, "Give the day as year, month, day: 2027-03-31."),
        ({"amount": "0"}, "Give an amount above 0, such as 120 or 57.50."),
        ({"amount": "-3"}, "Give an amount above 0, such as 120 or 57.50."),
        ({"amount": "much"}, "Give a number, such as 120 or 57.5."),
        ({"amount": "1e11"}, "Give an amount above 0, such as 120 or 57.50."),
        ({"currency": "QQQ"}, "Give the currency as its three letters: GBP, EUR, KES."),
        ({"currency": "EUR"}, "The costs of this project are in GBP. Give this one in GBP too."),
    ],
)
def test_a_cost_that_cannot_be_comes_back_and_nothing_is_kept(
    manager: TestClient, world: World, wishes: dict[str, str], sentence: str
) -> None:
    path = f"/events/{world.events[0]['id']}/costs"
    manager.post(path, data=HALL)

    answer = manager.post(path, data=HALL | wishes)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert manager.get(path).text.count("/take-back") == 1


def test_a_viewer_reads_costs_only(client: TestClient, house: House, world: World) -> None:
    viewer, path = staff_client(client, house, "viewer"), f"/events/{world.events[0]['id']}/costs"

    assert "Book one" not in viewer.get(path).text
    assert viewer.post(path, data=HALL).status_code == 403


def test_the_api_books_costs_and_figures_say_what_an_attendance_cost(manager: TestClient, world: World) -> None:
    path = f"/api/v1/events/{world.events[0]['id']}/costs"

    made = manager.post(path, json=HALL | {"amount": 300})
    figures = manager.get(f"/api/v1/projects/{world.project_id}/figures").json()["figures"]

    assert made.status_code == 201
    assert manager.get(path).json()["items"] == [made.json()]
    assert made.json() == {**HALL, "amount": 300.0, "currency": "GBP", "id": made.json()["id"]}
    came = sum(row["attendance"] == "present" for row in world.invitations)
    (cost,) = [one for one in figures if one["indicator"] == "Q2"]
    assert _chosen(cost) == {"value": round(300 / came, 1), "numerator": 300, "denominator": came, "currency": "GBP"}
    assert manager.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert manager.delete(f"{path}/{made.json()['id']}").json()["code"] == "unknown-cost"


def _chosen(figure: dict[str, Any]) -> dict[str, Any]:
    return {name: figure[name] for name in ("value", "numerator", "denominator", "currency")}
