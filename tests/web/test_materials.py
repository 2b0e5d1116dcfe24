"""What is handed out to everyone, and what is counted of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlmodel import Session

from service.db.engine import reading, writing
from service.db.types import columns
from service.dissemination import materials, planning
from service.dissemination.handouts import BadMaterial, Hits, UnknownMaterial
from service.dissemination.tables.materials import AssetHour
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house

PDF = b"%PDF-1.7\nchapter one"
READER = {"user-agent": "Mozilla/5.0 Firefox/140"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def add(client: TestClient, name: str = "Chapter 1.pdf", content: bytes = PDF, **form: str) -> int:
    data = {"title": "Chapter 1", **form}
    return client.post("/materials", data=data, files={"file": (name, content)}, headers=client.headers).status_code


def listed(client: TestClient, world: World) -> list[dict[str, object]]:
    return list(client.get(f"/api/v1/projects/{world.project_id}/materials").json()["items"])


def test_a_file_is_served_as_it_was_given_and_counted_once(manager: TestClient, world: World):
    assert add(manager) == 303
    (one,) = listed(manager, world)
    address = f"/m/{one['id']}?c=newsletter"

    head = manager.head(address, headers=READER)
    first = manager.get(address, headers=READER)
    again = manager.get(address, headers=READER)
    robot = manager.get(f"/m/{one['id']}?c=nonsense", headers={"user-agent": "SomeBot/1"})

    assert [a.status_code for a in (head, first, again, robot)] == [200, 200, 200, 200]
    assert first.content == PDF
    assert {
        name: first.headers[name] for name in ("content-type", "content-disposition", "x-content-type-options")
    } == {
        "content-type": "application/pdf",
        "content-disposition": 'attachment; filename="Chapter-1.pdf"',
        "x-content-type-options": "nosniff",
    }
    assert first.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert listed(manager, world)[0]["hits"] == [
        {"channel": "newsletter", "requests": 1, "sessions": 1, "robots": 0},
        {"channel": "other", "requests": 0, "sessions": 0, "robots": 1},
    ]
    assert "Chapter 1" in manager.get("/materials").text


def test_a_link_sends_there_until_it_is_retired(manager: TestClient, world: World):
    sent = manager.post("/materials", data={"title": "Book", "address": "https://example.org/book"})
    assert sent.status_code == 303
    (one,) = listed(manager, world)

    there = manager.get(f"/m/{one['id']}", headers=READER)
    retired = manager.post(f"/materials/{one['id']}/retire")
    gone = manager.get(f"/m/{one['id']}", headers=READER)

    assert (there.status_code, there.headers["location"]) == (303, "https://example.org/book")
    assert (retired.status_code, gone.status_code) == (303, 404)
    assert listed(manager, world)[0]["hits"] == [{"channel": "other", "requests": 1, "sessions": 1, "robots": 0}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b"<svg onload='alert(1)'/>"),
        ("x.html", b"<script>alert(1)</script>"),
        ("x.pdf", b"<html>"),
        ("x.docx", b"PK\x03\x04 nothing in it"),
        ("x", PDF),
        ("x.pdf", b"%PDF-" + bytes(20_000_000)),
    ],
)
def test_what_is_not_what_it_says_is_not_kept(manager: TestClient, world: World, name: str, content: bytes):
    assert add(manager, name, content) == 422
    assert listed(manager, world) == []


@pytest.mark.parametrize("address", ["", "http://example.org", "javascript:alert(1)", "https://", "https://a@b.org/"])
def test_only_https_addresses_are_handed_out(session: Session, address: str):
    with pytest.raises(BadMaterial):
        materials.add_link(session, "p", address, title="Book", now=NOW, actor="system")


def test_the_square_code_is_a_picture_to_save(manager: TestClient, world: World):
    add(manager)
    (one,) = listed(manager, world)

    answer = manager.get(f"/materials/{one['id']}/code.svg")

    assert answer.status_code == 200
    assert "<svg" in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")


def ask(engine: Engine, asset_id: str, at: datetime, caller: str = "192.0.2.1") -> None:
    with writing(engine) as session:
        materials.count(session, asset_id, "print", caller=caller, agent="Firefox", now=at)


def marks(engine: Engine) -> set[str]:
    c = columns(AssetHour)
    with reading(engine) as session:
        return {
            f"{hour} {'secret' if not mark else 'caller'}" for hour, mark in session.execute(select(c.hour, c.mark))
        }


def test_double_clicks_sessions_and_the_end_of_the_hour(house: House, world: World):
    """By hand: 0 s counts, 20 s and 45 s are double clicks, 80 s counts; so do another caller and the next hour."""
    engine, start = house.engine, datetime(2027, 1, 12, 10, tzinfo=UTC)
    with writing(engine) as session:
        made = materials.add_link(
            session, world.project_id, "https://example.org/b", title="Book", now=NOW, actor="system"
        )
    for seconds in (0, 20, 45, 80):
        ask(engine, made.id, start + timedelta(seconds=seconds))
    ask(engine, made.id, start + timedelta(seconds=80), caller="192.0.2.2")
    within = marks(engine)
    ask(engine, made.id, start + timedelta(hours=1))
    after = marks(engine)

    with reading(engine) as session:
        assert materials.read_hits(session, world.project_id) == [Hits(made.id, "print", 4, 3, 0)]
        assert materials.is_hour_over(session, now=start + timedelta(hours=2))
        assert not materials.is_hour_over(session, now=start + timedelta(hours=1))
    assert within == {"2027-01-12T10 secret", "2027-01-12T10 caller"}
    assert after == {"2027-01-12T11 secret", "2027-01-12T11 caller"}

    with writing(engine) as session:
        materials.destroy_hours(session, now=start + timedelta(hours=2))
    assert marks(engine) == set()


def test_a_restricted_file_is_handed_out_by_links_that_run_out(house: House, manager: TestClient, world: World):
    assert add(manager, restricted="yes") == 303
    (one,) = listed(manager, world)
    path = f"/api/v1/projects/{world.project_id}/materials/{one['id']}"
    made = manager.post(f"{path}/links", json={"last_day": "2027-01-13"})
    link = made.json()["url"].removeprefix(house.public_url)
    other = link.replace("20270113", "20270114")

    with_key, without, forged = (manager.get(a, headers=READER) for a in (link, f"/m/{one['id']}", other))

    assert (made.status_code, one["restricted"]) == (201, True)
    assert [a.status_code for a in (with_key, without, forged)] == [200, 404, 404]
    assert without.text.partition("<bdi>01")[0] == forged.text.partition("<bdi>01")[0]  # but for the request's id
    assert (with_key.content, with_key.headers["cache-control"]) == (PDF, "no-store")
    with reading(house.engine) as session:
        key = link.partition("k=")[2]
        late = NOW + timedelta(days=2)
        with pytest.raises(UnknownMaterial):
            materials.read_for(session, str(one["id"]), key, keyring=house.keyring, now=late)
    assert listed(manager, world)[0]["hits"] == [{"channel": "other", "requests": 1, "sessions": 1, "robots": 0}]
    assert manager.post(f"{path}/end-links").status_code == 204
    assert manager.get(link, headers=READER).status_code == 404
    assert manager.post(f"{path}/links", json={"last_day": "2027-01-13"}).json()["url"] != made.json()["url"]


def test_the_page_shows_a_link_once(manager: TestClient, world: World):
    add(manager, restricted="yes")
    (one,) = listed(manager, world)

    made = manager.post(f"/materials/{one['id']}/link", data={"last_day": "2027-02-11"})
    refused = manager.post(f"/materials/{one['id']}/link", data={"last_day": "2027-01-11"})

    assert f"/m/{one['id']}?k=20270211." in made.text
    assert "?k=" not in manager.get("/materials").text
    assert (refused.status_code, "Choose a day from today to a year from now." in refused.text) == (422, True)


def test_a_file_that_everyone_may_have_needs_no_key(manager: TestClient, world: World):
    add(manager)
    (one,) = listed(manager, world)

    path = f"/api/v1/projects/{world.project_id}/materials/{one['id']}/links"
    answer = manager.post(path, json={"last_day": "2027-01-13"})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-material")


def test_a_new_version_stands_at_the_address_of_the_old_one(manager: TestClient, world: World):
    add(manager, output_key="")
    (one,) = listed(manager, world)
    address, path = f"/m/{one['id']}", f"/api/v1/projects/{world.project_id}/materials/{one['id']}/file"
    second = PDF + b", mended"

    page = manager.post(f"/materials/{one['id']}/file", files={"file": ("New.pdf", second)}, headers=manager.headers)
    again = manager.put(path, files={"file": ("New.pdf", second)})
    wrong = manager.put(path, files={"file": ("New.pdf", b"<html>")})

    assert (page.status_code, again.status_code, wrong.status_code) == (303, 200, 422)
    assert (again.json()["version"], again.json()["filename"]) == (2, "New.pdf")
    assert manager.get(address, headers=READER).content == second
    assert f"Version 1 until 12 Jan 2027 · <bdi>Chapter-1.pdf</bdi> · {str(one['sha256'])[:12]}" in " ".join(
        manager.get("/materials").text.replace("</small>", " ").split()
    )


def test_a_file_is_kept_by_the_api(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/materials"

    made = manager.post(f"{path}/files", data={"title": "Notes", "language": "fr"}, files={"file": ("n.pdf", PDF)})

    assert (made.status_code, made.json()["title"], made.json()["language"]) == (201, "Notes", "fr")
    assert manager.post(f"{path}/{made.json()['id']}x/end-links").status_code == 404
    assert manager.put(f"{path}/{made.json()['id']}/file", files={"file": ("n.svg", b"<svg/>")}).status_code == 422


def test_the_requests_of_an_output_are_added_up(manager: TestClient, house: House, world: World):
    with writing(house.engine) as session:
        facts = {"now": NOW, "actor": "staff:01test"}
        planning.add_output(session, world.project_id, {"title": "Chapter one", "kind": "chapter"}, **facts)
    for language in ("en", "fr"):
        add(manager, "x.pdf", PDF + language.encode(), language=language, output_key="chapter-one")
    for one in listed(manager, world):
        manager.get(f"/m/{one['id']}", headers=READER)

    text = " ".join(manager.get("/materials").text.split()).partition("By output")[2]

    assert '<bdi>Chapter one</bdi></th><td role="cell" class="n" data-l="requests">2</td>' in text
