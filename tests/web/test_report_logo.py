"""The page and the API of the organisation's mark on reports."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.dissemination import branding
from service.web.house import House
from tests.dissemination.test_logos import png
from tests.dissemination.worlds import empty_world, store_world
from tests.web.support import staff_client


def test_staff_put_a_mark_on_and_take_it_off(manager: TestClient, house: House):
    with writing(house.engine) as session:
        project = store_world(session, empty_world()).project_id
    path, page = f"/api/v1/projects/{project}/logo", f"/reports/logo?project={project}"

    none = manager.get(path)
    wrong = manager.post(page, files={"file": ("a.svg", b"<svg/>")}, headers=manager.headers)
    put = manager.post(page, data={"alt": "The seed"}, files={"file": ("a.png", png())}, headers=manager.headers)
    shown = manager.get(page).text
    got = manager.get(path)
    again = manager.put(path, files={"file": ("a.png", png(100, 40))})
    off = manager.post(page, data={"remove": "yes"}, headers=manager.headers)

    assert [a.status_code for a in (none, wrong, put, got, again, off)] == [404, 422, 303, 200, 204, 303]
    assert (none.json()["code"], "Give a PNG or a JPEG picture." in wrong.text) == ("no-logo", True)
    assert ('alt="The seed"' in shown, got.headers["content-type"]) == (True, "image/png")
    with reading(house.engine) as session:
        assert branding.read_logo(session, project) is None


def test_a_coordinator_does_not_change_the_mark(client: TestClient, house: House):
    with writing(house.engine) as session:
        project = store_world(session, empty_world()).project_id
    coordinator = staff_client(client, house, "coordinator")

    answers = [coordinator.get("/reports/logo"), coordinator.delete(f"/api/v1/projects/{project}/logo")]

    assert [a.status_code for a in answers] == [403, 403]
