"""The pages of a large file: left for the worker, how far it is, then its rows or why it cannot be read."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.adapters.mailbox import MailboxTransport
from service.people import large_files
from service.people.large_files import Reader
from service.web import uploads
from service.web.desk import desk_of
from service.web.house import House
from service.worker.duties import Tools, run_until_idle
from tests.people.test_large_files import rows
from tests.web.support import key_headers


def work(house: House) -> None:
    reader = Reader("test", house.address_key, house.ring)
    parts = (house.engine, MailboxTransport(), house.composer, desk_of(house), "test", house.clock, house.ring)
    run_until_idle(Tools(*parts, reader=reader))


def test_staff_see_how_far_it_is_and_then_its_rows(
    manager: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 100)
    monkeypatch.setattr(large_files, "STRETCH", 10)
    sent = manager.post("/people/import", files={"file": ("all.csv", rows(45).encode())})
    page = sent.headers["location"]

    assert "it is being read now" in manager.get(page).text
    assert "0 rows so far" in manager.get(f"{page}/progress").text
    assert manager.post(f"{page}/apply").status_code == 409
    work(house)

    shown = manager.get(f"{page}?after=40").text
    assert "45 rows read." in shown
    assert "g43@example.org" in shown


def test_one_that_cannot_be_read_says_so_on_its_page(
    manager: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    sent = manager.post("/people/import", files={"file": ("all.csv", b'Name,E-mail\n"A,a@x.org\n')})

    work(house)

    shown = manager.get(sent.headers["location"]).text
    assert "A quotation mark opened in row 2 is never closed." in shown
    assert "Choose another file" in shown


def test_programs_are_told_that_it_is_being_read(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 100)
    headers = key_headers(house, "coordinator")
    sent = client.post("/api/v1/imports", files={"file": ("all.csv", rows(45).encode())}, headers=headers).json()

    work(house)

    read = client.get(f"/api/v1/imports/{sent['id']}", headers=headers).json()
    assert (sent["state"], sum(sent["counts"].values())) == ("reading", 0)
    assert (read["state"], sum(read["counts"].values())) == ("preview", 45)
