"""The pages and the files of reports."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete

from service.db.engine import writing
from service.dissemination.rendering import FORMATS
from service.invitations.tables import Invitation, Reply
from service.kernel.ids import new_id
from service.people.tables import Person
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import freeze, small_world
from tests.web.support import Post, make_house

POLICY = "Content-Security-Policy"


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


@pytest.mark.parametrize(("profile", "printed"), [("internal", "23"), ("donor", "20–24"), ("public", "20–29")])
def test_the_live_report_shows_what_the_profile_may_read(manager: TestClient, world: World, profile: str, printed: str):
    text = manager.get("/reports", params={"profile": profile}).text

    heading = re.search(r"<h1>(.*?)</h1>", text)
    assert heading
    assert heading[1] == f"{printed} people came to 1 event"
    assert "2 lines" in text
    sections = re.findall(r'<section class="sec[^"]*" id="([a-z-]+)"', text)
    assert sections[:4] == ["plan", "steps", "regions", "audiences"]
    assert sections[-3:] == ["late", "method", "annex"]
    assert text.count('aria-current="true"') == 1
    chosen = re.search(r'aria-current="true">([^<]+)</a>', text)
    assert chosen
    assert chosen[1] == {"internal": "For us", "donor": "For the donor", "public": "For everyone"}[profile]


def test_banded_pages_never_print_the_exact_number(manager: TestClient, world: World):
    frozen = freeze(manager, world)["snapshot_id"]

    pages = [manager.get(p).text for p in ("/reports?profile=donor", f"/reports/{frozen}", f"/reports/{frozen}.html")]
    files = [manager.get(f"/reports/{frozen}.{kind}").text for kind in ("csv", "json")]

    assert re.search(r"(?<![\w.:–-])23(?![\w.:–-])", manager.get("/reports?profile=internal").text)
    for text in pages:
        words = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.S)
        assert not re.search(r"(?<![\w.:–-])23(?![\w.:–-])", words)
    assert not re.search(r"(?m)(^|,)23(,|$)", files[0])
    assert 23 not in list(numbers(json.loads(files[1])))


def numbers(part: Any) -> list[float]:
    """Every number in a JSON value, however deep."""
    if isinstance(part, dict):
        return [n for inner in part.values() for n in numbers(inner)]
    if isinstance(part, list):
        return [n for inner in part for n in numbers(inner)]
    return [part] if isinstance(part, int | float) and not isinstance(part, bool) else []


def test_freezing_leads_to_the_report_and_lists_it(manager: TestClient, world: World):
    form = manager.get("/reports?profile=donor").text
    assert f'action="/reports?project={world.project_id}"' in form
    assert '<input type="hidden" name="profile" value="donor">' in form

    answer = manager.post(f"/reports?project={world.project_id}", data={"profile": "donor"})

    assert answer.status_code == 303
    address = answer.headers["location"]
    text = manager.get(address).text
    assert "Donor profile, figures frozen" in text
    assert "20–24 people came to 1 event" in text
    links = re.findall(r'href="(/reports/[^"]+)"', text)
    assert [link for link in links if "." in link and "?" not in link] == [f"{address}.{kind}" for kind in FORMATS]
    assert f'<a class="plain" href="{address}">' in manager.get("/reports").text


def test_a_frozen_report_does_not_follow_the_data(manager: TestClient, house: House, world: World):
    frozen = freeze(manager, world, "internal")["snapshot_id"]
    files = [f"/reports/{frozen}.{kind}" for kind in FORMATS]
    before = [manager.get(path).content for path in [f"/reports/{frozen}", *files]]

    with writing(house.engine) as session:
        for table in (Reply, Invitation, Person):
            session.execute(delete(table))

    assert [manager.get(path).content for path in files] == before[1:]
    assert "23 people came" in manager.get(f"/reports/{frozen}").text
    assert "23 people came" not in manager.get("/reports").text


def test_the_one_file_report_is_a_document_under_its_own_policy(manager: TestClient, world: World):
    frozen = freeze(manager, world)["snapshot_id"]

    answer = manager.get(f"/reports/{frozen}.html")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("inline;")
    styles = re.findall(rb"<style>(.*?)</style>", answer.content, re.S)
    digest = base64.b64encode(sha256(styles[0]).digest()).decode()
    assert len(styles) == 1
    assert answer.headers[POLICY] == (
        f"sandbox; default-src 'none'; img-src data:; font-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert b"<script" not in answer.content
    assert not re.search(rb"""(src|href)=["']?(https?:|//)""", answer.content)
    assert b' style="' not in answer.content


@pytest.mark.parametrize("base", ["/reports", "/api/v1/snapshots"])
@pytest.mark.parametrize(
    ("kind", "media"), [(kind, made.media_type) for kind, made in FORMATS.items() if kind != "html"]
)
def test_the_other_files_are_saved_and_do_nothing(manager: TestClient, world: World, base: str, kind: str, media: str):
    frozen = freeze(manager, world)["snapshot_id"]

    answer = manager.get(f"{base}/{frozen}.{kind}")

    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"] == f'attachment; filename="report-donor-{frozen}.{kind}"'
    assert answer.headers[POLICY] == "sandbox; default-src 'none'"


def test_the_json_file_is_the_report_json(manager: TestClient, world: World):
    frozen = freeze(manager, world)

    answer = manager.get(f"/api/v1/snapshots/{frozen['snapshot_id']}.json")

    assert answer.json() == frozen
    assert manager.get(f"/reports/{frozen['snapshot_id']}.json").content == answer.content


def test_an_unknown_format_or_report_is_refused(manager: TestClient, world: World):
    frozen = freeze(manager, world)["snapshot_id"]
    answers = [
        manager.get(f"/api/v1/snapshots/{frozen}.xls"),
        manager.get(f"/reports/{frozen}.xls"),
        manager.get(f"/api/v1/snapshots/{new_id()}.html"),
        manager.get(f"/reports/{new_id()}"),
        manager.get("/reports?profile=press"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 404, 404, 422]
    assert answers[0].json()["code"] == "unknown-format"


def test_what_people_typed_is_never_markup(manager: TestClient, house: House):
    world = small_world()
    attack = '"><img src=x onerror=alert(1)>'
    world.project["name"] = world.events[0]["title"] = attack
    world.plan = [{**row, "title": attack, "reason": attack, "evidence": attack} for row in world.plan]
    with writing(house.engine) as session:
        store_world(session, world)
    frozen = freeze(manager, world, "internal")["snapshot_id"]

    paths = ["/plan", "/reports", f"/reports/{frozen}", f"/reports/{frozen}.html"]
    texts = [manager.get(path).text for path in paths]

    assert all("onerror=alert(1)" in text for text in texts)
    assert not any("<img" in text for text in texts)
