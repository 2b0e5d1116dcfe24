"""Stopping an import and taking it back, on the page and for programs."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.directory import undoing
from service.web.house import House
from tests.web.test_imports import carry_out, paste, people_of, text_of


def test_an_import_is_stopped_gone_on_with_and_undone(house: House, manager: TestClient) -> None:
    here = paste(manager, "Maria Achieng <maria@example.org>; jos@example.org").headers["location"]
    manager.post(f"{here}/apply")
    stopped = manager.post(f"{here}/stop")
    half = text_of(manager.get(here))
    manager.post(f"{here}/apply")
    carry_out(house, here)
    asked = text_of(manager.get(f"{here}/undo"))
    pressed = manager.post(f"{here}/undo")
    meanwhile = text_of(manager.get(here))
    take_back(house, here)
    after = text_of(manager.get(here))

    assert (stopped.status_code, pressed.status_code) == (303, 303)
    assert "Stopped after 0 of 2 rows. Go on, or undo what was done." in half
    assert "2 people it made are removed: nobody invited, wrote to or changed them since." in asked
    assert "Being undone now." in meanwhile
    assert "Undone. 2 people were removed." in after
    assert people_of(house) == []
    assert manager.post(f"{here}/apply").status_code == 409


def take_back(house: House, location: str) -> None:
    while undoing.undo_chunk(house.engine, location.rpartition("/")[2], now=house.clock()):
        pass


def test_a_preview_cannot_be_undone_and_offers_it_not(manager: TestClient) -> None:
    here = paste(manager, "Maria Achieng <maria@example.org>").headers["location"]

    assert manager.get(f"{here}/undo").status_code == 409
    assert "Undo this import" not in manager.get(here).text


def test_a_program_stops_and_undoes_too(house: House, manager: TestClient) -> None:
    files = {"file": ("people.csv", b"Name,E-mail\nMaria,maria@example.org\n")}
    view = manager.post("/api/v1/imports", files=files).json()
    path = f"/api/v1/imports/{view['id']}"
    states = [manager.post(f"{path}/{wish}").json()["state"] for wish in ("apply", "stop", "apply")]
    carry_out(house, path)
    states += [manager.get(path).json()["state"], manager.post(f"{path}/undo").json()["state"]]
    take_back(house, path)

    assert states == ["applying", "stopped", "applying", "applied", "undoing"]
    assert (manager.get(path).json()["state"], people_of(house)) == ("undone", [])
