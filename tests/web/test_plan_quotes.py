"""The pages and the API of quotes: staff put one in, anyone takes their own back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.dissemination import quotes
from service.dissemination.store import quotes as store
from service.kernel.tokens import PREFERENCES
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

SAID = {
    "words": "It changed how we work <b>",
    "agreed_on": "2027-01-10",
    "agreed_how": "By e-mail",
    "until": "2027-06-30",
}
FORM = {**SAID, "use_donor": "yes", "attribution": "anonymous"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def hers(house: House, world: World) -> tuple[str, str]:
    """Put in a quote of the first person; return her page and the quote."""
    person = world.people[0]["id"]
    wishes: dict[str, Any] = {**SAID, "uses": ["donor", "site"], "person_ref": person}
    with writing(house.engine) as session:
        quote = quotes.add_quote(session, world.project_id, wishes, now=NOW, actor="staff:01test")
    return f"/p/{house.keyring.sign(PREFERENCES, person)}", quote.id


def test_a_quote_is_put_in_and_taken_back_by_forms(manager: TestClient, world: World):
    person = world.people[0]
    start = manager.get(f"/plan/quotes?person={person['id']}").text
    assert f"<b><bdi>{person['name']}</bdi></b>" in start

    answer = manager.post("/plan/quotes", data={**FORM, "person_ref": person["id"]})

    assert answer.status_code == 303
    text = manager.get(answer.headers["location"]).text
    assert "<q><bdi>It changed how we work &lt;b&gt;</bdi></q>" in text
    assert "It changed how we work &lt;b&gt;" not in manager.get("/plan/quotes?show=withdrawn").text
    quote = re.findall(r"/plan/quotes/(\w{26})/withdraw", text)[0]
    assert manager.post(f"/plan/quotes/{quote}/withdraw").status_code == 303
    everything = manager.get("/plan/quotes?show=all").text
    assert "The words are deleted." in everything
    assert "It changed how we work" not in everything


def test_a_quote_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    nowhere = manager.post("/plan/quotes", data={**SAID, "email": "nobody@example.org", "use_site": "yes"})
    for_nothing = manager.post("/plan/quotes", data=SAID)

    assert (nowhere.status_code, for_nothing.status_code) == (422, 422)
    assert '<a href="#email" autofocus>Nobody here has this address.' in nowhere.text
    assert 'name="use_site" value="yes" checked' in nowhere.text
    assert '<a href="#uses" autofocus>Say where they agreed that it is printed.</a>' in for_nothing.text
    assert "It changed how we work &lt;b&gt;</textarea>" in for_nothing.text


def test_the_file_holds_what_may_be_printed_and_no_more(manager: TestClient, house: House, world: World):
    hers(house, world)

    answer = manager.get("/plan/quotes/quotes.csv")

    head, row = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert head == "id,words,credit,uses,once,agreed_on,until,standing"
    assert row.partition(",")[2] == 'It changed how we work <b>,,"donor, site",False,2027-01-10,2027-06-30,holds'


def test_a_viewer_reads_quotes_only(client: TestClient, house: House, world: World):
    hers(house, world)
    viewer = staff_client(client, house, "viewer")

    text = viewer.get("/plan/quotes").text
    assert "It changed how we work" in text
    assert str(world.people[0]["name"]) not in text
    assert "Add a quote" not in text
    assert viewer.post("/plan/quotes", data=FORM).status_code == 403
    assert viewer.get("/plan/quotes/quotes.csv").status_code == 403


def test_people_take_their_words_back_on_their_own_page(client: TestClient, house: House, world: World):
    address, quote = hers(house, world)
    text = client.get(address).text
    assert "<q><bdi>It changed how we work &lt;b&gt;</bdi></q>" in text
    assert "without your name · reports to those who fund us, our website and the press · until 30 Jun 2027" in text

    answer = client.post(f"{address}/quotes", data={"quote": quote})

    assert answer.status_code == 303
    assert "What you let us print" not in client.get(address).text
    with reading(house.engine) as session:
        assert [one.words for one in store.read_quotes(session, world.project_id)] == [""]
    assert client.post("/p/nonsense/quotes", data={"quote": quote}).status_code == 404


def test_a_frozen_report_that_holds_words_taken_back_is_marked(manager: TestClient, house: House, world: World):
    _address, quote = hers(house, world)
    made = manager.post("/reports", data={"profile": "donor"})
    snapshot = made.headers["location"].rpartition("/")[2]
    with writing(house.engine) as session:
        store.note_held(session, snapshot, {"quotes": [{"id": quote}]})
    assert "taken back" not in manager.get("/reports").text

    manager.post(f"/plan/quotes/{quote}/withdraw")

    assert "Holds words that were taken back." in manager.get("/reports").text


def test_the_api_keeps_quotes(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/quotes"
    body = {**SAID, "uses": ["public"], "attribution": "role", "credit": "A campaigner", "event_id": None}

    made = manager.post(path, json=body)

    assert made.status_code == 201, made.text
    quote = made.json()
    assert quote == {
        **body, "id": quote["id"], "once": False, "person_id": None, "standing": "holds", "withdrawn_at": None,
    }  # fmt: skip
    assert manager.get(path).json()["items"] == [quote]
    gone = manager.post(f"{path}/{quote['id']}/withdraw").json()
    assert (gone["standing"], gone["words"], gone["credit"]) == ("withdrawn", "", "")
    assert manager.post(f"{path}/01unknown/withdraw").json()["code"] == "unknown-quote"
    assert manager.post(path, json={**body, "uses": []}).json()["field"] == "uses"
