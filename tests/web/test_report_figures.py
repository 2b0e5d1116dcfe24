"""The pages of what a figure means and of whom it counts: linked from the live report of those inside only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.dissemination.behind import PAGES
from service.dissemination.indicators import INDICATORS
from service.dissemination.promising import make_guest_task
from service.dissemination.store import guest_tasks
from service.kernel.ids import new_id
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_attendees, store_world
from tests.web.plans import freeze, small_world
from tests.web.support import Post, make_house

LINK = re.compile(r'href="(/reports/figures/\w+\?project=\w+)"')


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world and someone at risk, stored."""
    world = small_world()
    add_attendees(world, world.events[0], 1, name="Amal Haddad", at_risk=True, pseudonym="Heron")
    with writing(house.engine) as session:
        return store_world(session, world)


def test_each_figure_of_the_live_report_leads_to_what_it_means_and_whom_it_counts(
    manager: TestClient, world: World
) -> None:
    text = manager.get(f"/reports?project={world.project_id}").text

    assert {link.split("/")[3].split("?")[0] for link in LINK.findall(text)} == {one.id for one in INDICATORS}
    for link in sorted(set(LINK.findall(text))):
        assert manager.get(link).status_code == 200, link
    came = manager.get(f"/reports/figures/E4?project={world.project_id}").text
    assert "Different people who were present at one closed event or more." in came
    assert came.count('<a class="plain" href="/people/') == 24
    assert ("Heron" in came, "Amal" in came) == (True, False)


@pytest.mark.parametrize(("figure", "page"), sorted(PAGES.items()))
def test_a_figure_that_counts_no_guests_leads_to_the_page_of_its_things(
    manager: TestClient, world: World, figure: str, page: str
) -> None:
    text = manager.get(f"/reports/figures/{figure}?project={world.project_id}").text
    link = page if page == "/events" else f"{page}?project={world.project_id}"

    assert f'<a href="{link}">Show what it counts</a>' in text
    assert manager.get(link).status_code == 200


def test_a_rate_shows_what_it_counts_and_what_it_is_out_of(manager: TestClient, world: World) -> None:
    path = f"/reports/figures/R5?project={world.project_id}"

    counted, whole = manager.get(path).text, manager.get(f"{path}&of=all").text

    assert ("Nobody." in counted, whole.count('<a class="plain" href="/invitations/')) == (True, 24)
    assert "Delivered invitations whose invitee confirmed" in counted


def test_nothing_leads_on_from_a_report_for_others_or_a_frozen_one(manager: TestClient, world: World) -> None:
    donor = manager.get(f"/reports?project={world.project_id}&profile=donor").text
    frozen = [
        manager.get(f"/reports/{freeze(manager, world, who)['snapshot_id']}").text for who in ("internal", "donor")
    ]

    assert [LINK.findall(text) for text in (donor, *frozen)] == [[], [], []]


def test_all_definitions_stand_on_one_page(manager: TestClient, world: World) -> None:
    text = manager.get(f"/reports/figures?project={world.project_id}").text

    assert [one.id for one in INDICATORS if f"{one.id} {one.name}</a>" not in text] == []
    assert [one.id for one in INDICATORS if one.definition not in text.replace("&#39;", "'")] == []


def test_an_unknown_figure_is_refused(manager: TestClient, world: World) -> None:
    assert manager.get(f"/reports/figures/Z9?project={world.project_id}").status_code == 422


def test_tasks_on_time_are_told_by_owner(manager: TestClient, house: House, world: World) -> None:
    wishes = {"person_ref": "p", "kind": "call", "owner": "Ruth Okafor", "due_on": "2027-01-05"}
    task = make_guest_task(new_id(), world.events[0]["id"], wishes)
    with writing(house.engine) as session:
        guest_tasks.add_task(session, replace(task, done_on=date(2027, 1, 5)), added_by="staff:01test")
        guest_tasks.add_task(session, replace(task, id=new_id()), added_by="staff:01test")

    text = manager.get(f"/reports/figures/Q1?project={world.project_id}").text

    assert '<bdi>Ruth Okafor</bdi></th><td role="cell" class="n">1</td><td role="cell" class="n">2</td>' in text
    assert 'id="owners"' not in manager.get(f"/reports/figures/E4?project={world.project_id}").text
