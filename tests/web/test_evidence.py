"""Pages and API of files of evidence: who may do what, how a file is handed out, and what a broken upload leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.dissemination import planning
from service.dissemination.store import evidence as store
from service.web.guards import cookie_name
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, add_person, empty_world, invite, store_world
from tests.web.plans import small_world
from tests.web.support import Post, key_headers, make_house, staff_client

MEGABYTE = 1_000_000
PDF = b"%PDF-1.7\nsigned sheet"


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027 and a file may have a megabyte."""
    return make_house(engine, post, clock=lambda: NOW, evidence_bytes=MEGABYTE)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored, with a line of the plan."""
    with writing(house.engine) as session:
        world = store_world(session, small_world())
        said = {"title": "Launch the book", "due_on": "2027-01-20"}
        line = planning.add_line(session, world.project_id, said, now=NOW, actor="staff:01test")
        world.project["line"] = line.id
        return world


def address(world: World) -> str:
    return f"/plan/evidence/line/{world.project['line']}"


def api(world: World) -> str:
    return f"/api/v1/projects/{world.project_id}/evidence"


def held(house: House, world: World) -> list[Any]:
    with reading(house.engine) as session:
        return store.read_all(session, world.project_id)


def send(client: TestClient, world: World, name: str = "a.pdf", content: bytes = PDF, **said: str) -> Any:
    data = {"note": "Signed sheet", "names_people": "yes"} | said
    return client.post(address(world), data=data, files={"file": (name, content)}, headers=client.headers)


def test_a_file_is_attached_taken_described_and_deleted(manager: TestClient, house: House, world: World):
    assert "Attach a file" in manager.get("/plan").text
    sent = send(manager, world)
    (one,) = held(house, world)

    taken = manager.get(f"/plan/evidence/{one.id}/file")
    shown = manager.get(sent.headers["location"]).text
    changed = manager.post(f"/plan/evidence/{one.id}", data={"note": "Sheet, without names"})
    (after,) = held(house, world)
    every, naming = manager.get("/plan/evidence").text, manager.get("/plan/evidence?naming=yes").text
    on_plan = " ".join(manager.get("/plan").text.split())
    gone = manager.post(f"/plan/evidence/{one.id}", data={"remove": "yes"})

    assert [a.status_code for a in (sent, taken, changed, gone)] == [303, 200, 303, 303]
    assert taken.content == PDF
    wanted = ("content-type", "content-disposition", "x-content-type-options", "content-security-policy")
    assert {name: taken.headers[name] for name in (*wanted, "cache-control")} == {
        "content-type": "application/pdf",
        "content-disposition": f'attachment; filename="evidence-{one.id.lower()}.pdf"',
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
    }
    assert ("Signed sheet" in shown, "Ingrid Solheim" in shown, "1 kB" in shown) == (True, True, True)
    assert (after.note, after.names_people) == ("Sheet, without names", False)
    assert ("Sheet, without names" in every, "Sheet, without names" in naming) == (True, False)
    assert 'One file<span class="vh">: Launch the book</span>' in on_plan
    assert held(house, world) == []


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        pytest.param({"name": "a.svg", "content": b"<svg/>"}, "This kind of file is not kept as evidence.", id="SVG"),
        pytest.param({"content": b"<html>"}, "is something else inside", id="a page"),
        pytest.param({"content": PDF + bytes(MEGABYTE)}, "more than we take: at most 1 MB", id="too large"),
        pytest.param({"content": b""}, "Choose a file that is not empty.", id="no file"),
        pytest.param({"note": " "}, "Say what it shows", id="no words"),
    ],
)
def test_what_is_not_kept_comes_back_with_the_reason(
    manager: TestClient, house: House, world: World, wishes: dict[str, Any], sentence: str
):
    back = send(manager, world, **wishes)

    assert (back.status_code, sentence in back.text) == (422, True)
    assert held(house, world) == []


def test_a_file_that_names_people_is_a_managers_to_take(client: TestClient, house: House, world: World):
    keys = {role: key_headers(house, role) for role in ("viewer", "coordinator", "manager")}
    made = {
        names: client.post(
            f"{api(world)}/line/{world.project['line']}",
            data={"note": "Sheet", "names_people": str(names)},
            files={"file": ("a.txt", f"{names}".encode())},
            headers=keys["coordinator"],
        ).json()["id"]
        for names in (True, False)
    }

    def status(role: str, path: str, method: str = "GET") -> int:
        return client.request(method, f"{api(world)}{path}", headers=keys[role]).status_code

    codes = {role: [status(role, f"/{made[names]}/file") for names in (True, False)] for role in keys}
    assert codes == {"viewer": [403, 403], "coordinator": [403, 200], "manager": [200, 200]}
    assert [status("viewer", "?naming=true"), status("viewer", f"/{made[True]}", "DELETE")] == [200, 403]
    page = staff_client(client, house, "viewer").get(address(world)).text
    assert ("Download" in page, "Attach it" in page) == (False, False)


def test_programs_attach_and_describe_files(client: TestClient, house: House, world: World):
    keys = key_headers(house, "manager")
    path, file = f"{api(world)}/line/{world.project['line']}", {"file": ("a.csv", b"day;people\n4;12\n")}
    made = client.post(path, data={"note": "Count"}, files=file, headers=keys)
    again = client.post(path, data={"note": "Count"}, files=file, headers=keys)
    one = made.json()

    said = client.patch(f"{api(world)}/{one['id']}", json={"names_people": False}, headers=keys)
    listed = client.get(f"{api(world)}?kind=line&record_id={world.project['line']}", headers=keys).json()
    wrong = [
        client.post(f"{api(world)}/line/nowhere", data={"note": "x"}, files=file, headers=keys),
        client.post(f"{api(world)}/person/nowhere", data={"note": "x"}, files=file, headers=keys),
        client.post(path, data={"note": "x"}, files={"file": ("a.svg", b"<svg/>")}, headers=keys),
        client.post(path, data={"note": "x"}, files={"file": ("a.pdf", PDF + bytes(MEGABYTE))}, headers=keys),
    ]
    deleted = client.delete(f"{api(world)}/{one['id']}", headers=keys)

    assert (made.status_code, again.json()["id"]) == (201, one["id"])
    assert (one["kind"], one["media_type"], one["size"], one["names_people"]) == ("line", "text/csv", 16, True)
    assert listed["items"] == [said.json()] == [one | {"names_people": False}]
    assert [(a.status_code, a.json()["code"]) for a in wrong] == [
        (404, "unknown-claim"), (404, "unknown-claim"), (422, "bad-evidence"), (413, "evidence-too-large"),
    ]  # fmt: skip
    assert deleted.status_code == 204


def test_an_event_is_proved_from_its_page_and_from_that_of_who_came(client: TestClient, house: House):
    with writing(house.engine) as session:
        world = empty_world()
        event = add_event(world)
        invite(world, event, add_person(world))
        store_world(session, world)
    here, came = f"/plan/evidence/event/{event['id']}", f"/events/{event['id']}/attendance"
    link, file = f"{here}?project={world.project_id}", {"file": ("sheet.pdf", PDF)}
    found = {}
    for role in ("viewer", "checkin", "coordinator", "manager"):
        one = staff_client(client, house, role)
        offered = [link in one.get(path).text for path in (f"/events/{event['id']}", came)]
        found[role] = [
            *offered,
            one.post(here, data={"note": "Signed sheet", "names_people": "yes"}, files=file).status_code,
        ]

    (sheet,) = held(house, world)
    shown = client.get(link).text
    taken = {
        role: staff_client(client, house, role).get(f"/plan/evidence/{sheet.id}/file").status_code
        for role in ("manager", "coordinator", "checkin")
    }
    listed = client.get(f"{api(world)}?kind=event&record_id={event['id']}", headers=key_headers(house, "viewer")).json()

    assert found == {
        "viewer": [True, False, 403], "checkin": [True, False, 403],
        "coordinator": [True, True, 303], "manager": [True, True, 303],
    }  # fmt: skip
    assert "One file" in client.get(came).text  # to whoever checks people in
    assert taken == {"manager": 200, "coordinator": 403, "checkin": 403}
    assert f'<a href="/events/{event["id"]}?project={world.project_id}"><bdi>Seminar 1</bdi></a>' in shown
    assert "is deleted on 14 Dec 2027" in shown
    assert [(one["kind"], one["note"], one["names_people"]) for one in listed["items"]] == [
        ("event", "Signed sheet", True)
    ]


def test_a_key_of_another_project_sees_nothing(client: TestClient, house: House, world: World):
    keys = key_headers(house, "manager", project_id="01" + "Z" * 24)

    assert client.get(api(world), headers=keys).status_code == 404
    assert client.delete(f"{api(world)}/{world.project['line']}", headers=keys).status_code == 404


BEGIN = (
    b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nBig\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7'
)


def stream(app: FastAPI, manager: TestClient, house: House, world: World, parts: Iterator[dict[str, Any]]) -> list[int]:
    """Post a body part by part, without saying how long it is; return the statuses that were answered."""
    answered: list[int] = []
    headers = {
        "host": "testserver",
        "content-type": "multipart/form-data; boundary=x",
        "cookie": f"{cookie_name(house)}={manager.cookies[cookie_name(house)]}",
        "x-csrf-token": manager.headers["x-csrf-token"],
    }
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": address(world),
        "raw_path": address(world).encode(), "query_string": b"", "root_path": "", "client": ("192.0.2.1", 1),
        "server": ("testserver", 80), "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return next(parts)

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    asyncio.run(app(scope, receive, answer))
    return answered


def test_two_gigabytes_are_refused_after_two_megabytes(app: FastAPI, manager: TestClient, house: House, world: World):
    taken = []

    def endless() -> Iterator[dict[str, Any]]:
        yield {"type": "http.request", "body": BEGIN, "more_body": True}
        for _ in range(20_000):
            taken.append(100_000)
            yield {"type": "http.request", "body": bytes(100_000), "more_body": True}

    assert stream(app, manager, house, world, endless()) == [413]
    assert sum(taken) <= 2 * MEGABYTE
    assert held(house, world) == []


def test_a_broken_connection_leaves_nothing(app: FastAPI, manager: TestClient, house: House, world: World):
    def broken() -> Iterator[dict[str, Any]]:
        yield {"type": "http.request", "body": BEGIN + bytes(500_000), "more_body": True}
        while True:
            yield {"type": "http.disconnect"}

    stream(app, manager, house, world, broken())

    assert held(house, world) == []


def test_what_asks_before_someone_is_forgotten_names_the_files(manager: TestClient, house: House, world: World):
    send(manager, world)
    person = world.people[0]["id"]

    asked = manager.get(f"/people/{person}/forget").text
    done = manager.post(f"/people/{person}/forget")

    link = f"/plan/evidence?project={world.project_id}&amp;naming=yes"
    assert link in asked
    assert "One file is marked as naming people" in asked
    assert link in manager.get(done.headers["location"]).text


def test_a_new_version_of_a_material_may_be_as_large_as_the_first(manager: TestClient, world: World):
    large = b"%PDF-1.7" + bytes(3 * MEGABYTE)
    path = f"/api/v1/projects/{world.project_id}/materials"

    made = manager.post(f"{path}/files", data={"title": "Book"}, files={"file": ("b.pdf", large)})
    again = manager.put(f"{path}/{made.json()['id']}/file", files={"file": ("b.pdf", large + b"2")})

    assert (made.status_code, again.status_code, again.json()["version"]) == (201, 200, 2)
