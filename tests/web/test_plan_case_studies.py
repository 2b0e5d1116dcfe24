"""Case studies: the rule of consent, the page and the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.dissemination.telling import CaseStudy, StudyStatus, edit_study
from service.kernel.errors import Invalid
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

TOLD = {"title": "How one won <b>", "text": "They asked early.", "status": "draft"}


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"title": " "}, "title"),
        ({"status": "agreed", "text": ""}, "text"),
        ({"status": "published", "names": "Maria Achieng"}, "consent"),
        ({"status": "printed"}, "status"),
        ({"chapter_key": "none"}, "chapter_key"),
    ],
)
def test_a_case_study_that_cannot_be_is_refused(wishes: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        edit_study(CaseStudy("c", ""), TOLD | wishes, ("chapter-1",))

    assert refused.value.field == field


def test_whoever_is_named_has_agreed_before_it_is_agreed():
    wishes = TOLD | {"status": "agreed", "names": "Maria Achieng", "consent": "E-mail of 3 May"}

    assert edit_study(CaseStudy("c", ""), wishes, ()) == CaseStudy(
        "c", "How one won <b>", status=StudyStatus.AGREED, text="They asked early.", names="Maria Achieng",
        consent="E-mail of 3 May",
    )  # fmt: skip


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_case_study_is_written_agreed_and_taken_away_by_forms(manager: TestClient, world: World):
    assert manager.post("/plan/case-studies", data=TOLD).status_code == 303
    text = manager.get("/plan/case-studies?status=draft").text
    study = re.findall(r"change=(\w{26})", text)[0]
    assert "<bdi>How one won &lt;b&gt;</bdi>" in text

    refused = manager.post(f"/plan/case-studies/{study}", data=TOLD | {"status": "agreed", "names": "Maria"})
    assert (refused.status_code, '<a href="#consent" autofocus>' in refused.text) == (422, True)
    assert manager.post(f"/plan/case-studies/{study}", data=TOLD | {"status": "agreed"}).status_code == 303
    assert "How one won" in manager.get("/plan/case-studies?status=agreed").text
    assert manager.get("/plan/case-studies/case-studies.csv").content.decode("utf-8-sig").count("\r\n") == 2
    manager.post(f"/plan/case-studies/{study}", data={"remove": "yes"})
    assert "None here." in manager.get("/plan/case-studies").text


def test_a_viewer_reads_case_studies_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert 'id="form"' not in viewer.get("/plan/case-studies").text
    assert viewer.post("/plan/case-studies", data=TOLD).status_code == 403


def test_the_api_keeps_case_studies(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/case-studies"

    made = manager.post(path, json=TOLD)

    assert made.status_code == 201, made.text
    study = made.json()
    assert study == {**TOLD, "id": study["id"], "campaign": "", "chapter_key": None, "names": "", "consent": ""}
    assert manager.get(path).json()["items"] == [study]
    assert manager.patch(f"{path}/{study['id']}", json={"campaign": "landmines"}).json()["campaign"] == "landmines"
    assert manager.delete(f"{path}/{study['id']}").status_code == 204
    assert manager.delete(f"{path}/{study['id']}").json()["code"] == "unknown-case-study"
