"""Notes, telephone numbers and needs, given in every way there is, stand nowhere in the open.

Marks are written through pages, API, guest page and import; then the whole database is read: every table, the bytes
of the SQLite file with its write-ahead log, and the log of requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.invitations import store as invitations
from service.kernel.tokens import ANSWER
from service.letters import actions as letters
from service.people import imports
from service.people import store as people
from service.people.private import read_private
from service.schema import metadata
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import add_event, add_list, add_people, add_project
from tests.letters.test_actions import sent
from tests.web.support import key_headers

FILE = (
    "Name;E-mail;Notes;Phone\nFay;fay@example.org;mark-import-notes;mark-import-phone\n"
    "Gus;nowhere;mark-refused-notes;mark-refused-phone\n"
)
WAITING = FILE.replace("import", "preview").replace("fay@", "hal@").replace("Fay", "\u202eHal")


def write_people(manager: TestClient, keys: dict[str, str]) -> None:
    """Write notes and telephone on pages and through the API, and change them there."""
    person = {"name": "Ada", "email": "ada@example.org", "notes": "mark-page-notes", "phone": "mark-page-phone"}
    here = manager.post("/people/new", data=person).headers["location"]
    changed = {**person, "notes": "mark-changed-notes", "phone": "mark-changed-phone"}
    assert manager.post(f"{here}/edit", data=changed).status_code == 303
    body = {"name": "Bo", "email": "bo@example.org", "notes": "mark-api-notes", "phone": "mark-api-phone"}
    made = manager.post("/api/v1/people", json=body, headers={**keys, "Idempotency-Key": "once"}).json()
    patched = {"notes": "mark-patched-notes", "phone": "mark-patched-phone"}
    path = f"/api/v1/people/{made['id']}"
    assert manager.patch(path, json=patched, headers={**keys, "Idempotency-Key": "twice"}).status_code == 200


def write_imports(manager: TestClient, house: House) -> None:
    """Carry out a file with a refused row, and leave another at its preview, with the file kept."""
    here = {}
    for name, text in (("done", FILE), ("waits", WAITING)):
        files = {"file": (f"{name}.csv", text.encode())}
        here[name] = manager.post("/people/import", data={"basis": ""}, files=files).headers["location"]
    manager.post(f"{here['done']}/apply")
    import_id = here["done"].rpartition("/")[2]
    while imports.apply_chunk(house.engine, import_id, address_key=b"a" * 32, now=house.clock(), ring=house.ring):
        pass


def write_needs(manager: TestClient, house: House, keys: dict[str, str]) -> None:
    """Say what guests need on their page, on that of staff and through the API."""
    now = house.clock()
    with writing(house.engine) as session:
        event = add_event(session, project_id=add_project(session), now=now, starts_at="2031-02-18T15:00")
        guests = add_list(session, add_people(session, 3))
        done = letters.invite_list(session, event.id, guests, desk=desk_of(house), now=now, actor="system")
        sent(session, done.mailing_id)
        first, second, third = invitations.read_of_event(session, event.id)
    page = f"/r/{house.keyring.sign(ANSWER, first.id, first.token_version)}"
    manager.post(page, data={"answer": "yes"})
    assert manager.post(f"{page}/needs", data={"needs": "mark-guest-needs"}).status_code == 303
    manager.post(f"/invitations/{second.id}/needs", data={"needs": "mark-staff-needs"})
    path, given = f"/api/v1/invitations/{third.id}/needs", {"needs": "mark-program-needs"}
    assert manager.patch(path, json=given, headers={**keys, "Idempotency-Key": "thrice"}).json() == given


def cells_of(engine: Engine) -> Iterator[tuple[str, str]]:
    """Give every cell of every table, as text."""
    with reading(engine) as session:
        for table in metadata.sorted_tables:
            for row in session.execute(table.select()):
                for column, value in zip(table.columns, row, strict=True):
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    yield f"{table.name}.{column.name}", text


def test_marks_stand_nowhere_in_the_open(
    manager: TestClient, house: House, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = key_headers(house, "coordinator")

    write_people(manager, keys)
    write_imports(manager, house)
    write_needs(manager, house, keys)
    manager.get("/people?q=mark")

    with reading(house.engine) as session:
        held = {p.name: read_private(session, p.id, ring=house.ring) for p in people.read_people(session).items}
    assert {held[name].notes for name in ("Ada", "Bo", "Fay")} == {
        "mark-changed-notes",
        "mark-patched-notes",
        "mark-import-notes",
    }
    cells = list(cells_of(house.engine))
    assert any("fay@example.org" in text for _place, text in cells)  # the search sees what there is
    assert {place for place, text in cells if text.startswith("\x01\x04test")} == {
        "person.notes",
        "person.phone",
        "person_change.before_sealed",
        "person_change.after_sealed",
        "import_row.sealed",
        "import_original.data",
        "invitation.needs",
    }
    assert [place for place, text in cells if "mark-" in text] == []
    printed = "".join(capfd.readouterr())
    assert "request.answered" in printed
    assert "mark-" not in printed
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        data = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
        assert b"fay@example.org" in data
        assert b"mark-" not in data
