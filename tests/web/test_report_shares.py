"""A frozen report at a secret address: who has it reads it and nothing else, until it is over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.audit.tables import AuditEntry
from service.db.engine import reading
from service.db.types import columns
from service.dissemination.rendering import FORMATS
from service.dissemination.tables.reports import ReportShare
from service.kernel.ids import new_id
from service.web.application import make_app
from service.web.house import House
from tests.dissemination.worlds import World
from tests.web.plans import freeze, issue
from tests.web.support import browser, make_house, staff_client
from tests.web.test_reports import world

__all__ = ["world"]
REFERENCE = re.compile(r"\b[0-9a-z]{26}\b")  # of the request
SECRET = re.compile(r"http://testserver(/d/([\w-]{43}))<")


def make(manager: TestClient, frozen: str, days: int = 90) -> str:
    """Make an address and return its path."""
    answer = manager.post(f"/reports/{frozen}/shares", data={"days": str(days)})
    found = SECRET.search(answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def frozen(manager: TestClient, world: World) -> str:
    found = freeze(manager, world, "donor")["snapshot_id"]
    issue(manager, found)
    return str(found)


def outsider(client: TestClient) -> TestClient:
    return browser(client.app)  # type: ignore[arg-type]


def test_whoever_has_the_address_reads_the_report_and_takes_its_files(client, manager, frozen):
    address = make(manager, frozen)
    other = outsider(client)

    shown = other.get(address)
    files = {kind: other.get(f"{address}/report.{kind}") for kind in FORMATS}

    assert "20–24 people came to 1 event" in shown.text
    assert "This address works until" in shown.text
    assert {kind: answer.status_code for kind, answer in files.items()} == dict.fromkeys(FORMATS, 200)
    assert files["json"].json()["snapshot_id"] == frozen
    for answer in (shown, *files.values()):
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.headers["x-robots-tag"], answer.headers["referrer-policy"]) == ("noindex", "no-referrer")
    assert files["pdf"].content == manager.get(f"/reports/{frozen}.pdf").content
    assert other.get(f"/reports/{frozen}").status_code in (303, 401, 403)
    assert other.get(f"{address}/report.exe").status_code == 404


@pytest.mark.parametrize("base", ["{address}/report", "/reports/{frozen}", "/api/v1/snapshots/{frozen}"])
def test_it_comes_in_other_languages_and_an_unknown_one_is_refused(client, manager, frozen, base: str):
    path = base.format(address=make(manager, frozen), frozen=frozen)

    french = manager.get(f"{path}.html?language=fr")
    refused = manager.get(f"{path}.html?language=xx")

    assert (french.status_code, french.headers["content-language"]) == (200, "fr")
    assert "personnes sont venues à 1 événement" in french.text
    assert f'report-donor-{frozen}-fr.pdf"' in manager.get(f"{path}.pdf?language=fr").headers["content-disposition"]
    assert refused.status_code == 422


def test_the_address_is_shown_once_and_kept_as_a_hash(manager: TestClient, house: House, frozen: str):
    secret = make(manager, frozen).removeprefix("/d/")

    with reading(house.engine) as session:
        kept = session.execute(select(*columns(ReportShare))).one()
        log = columns(AuditEntry)
        noted = session.execute(select(log.action, log.details).where(log.action == "report.shared")).all()
    assert secret not in str(kept)
    assert [(action, secret in str(details)) for action, details in noted] == [("report.shared", False)]
    page = manager.get(f"/reports/{frozen}").text
    assert secret not in page
    assert "works until" in page


def test_ended_and_run_out_addresses_lead_nowhere_like_one_never_made(client, manager, house: House, frozen: str):
    address, short = make(manager, frozen), make(manager, frozen, 1)
    ends = re.findall(r'action="(/reports/shares/[\w]+/end)"', manager.get(f"/reports/{frozen}").text)

    later = make_house(house.engine, lambda *_: None, clock=lambda: house.clock() + timedelta(days=2))  # type: ignore[arg-type]
    after = browser(make_app(later))
    assert (after.get(address).status_code, after.get(short).status_code) == (200, 404)
    for end in ends:
        assert manager.post(end).status_code == 303
        assert manager.post(end).status_code == 303
    other = outsider(client)
    gone = [other.get(path) for path in (address, f"{address}/report.pdf", "/d/" + "x" * 43)]
    assert [answer.status_code for answer in gone] == [404] * 3
    assert REFERENCE.sub("", gone[0].text) == REFERENCE.sub("", gone[2].text)


def test_a_draft_is_not_given_outside_and_who_has_an_older_one_reads_the_one_that_stands(client, manager, frozen):
    address = make(manager, frozen)
    draft = manager.post(f"/reports/{frozen}/successor").headers["location"]

    assert manager.post(f"{draft}/shares", data={"days": "30"}).status_code == 409
    assert "For someone outside" not in manager.get(draft).text
    issue(manager, draft.rpartition("/")[2])
    shown = outsider(client).get(address).text

    assert "The report you were given was replaced." in shown
    assert outsider(client).get(f"{address}/report.json").json()["snapshot_id"] == draft.rpartition("/")[2]


def test_exact_figures_stay_inside_and_days_have_a_limit(manager: TestClient, world: World, frozen: str):
    internal = freeze(manager, world, "internal")["snapshot_id"]

    assert manager.post(f"/reports/{internal}/shares", data={"days": "30"}).status_code == 409
    assert "For someone outside" not in manager.get(f"/reports/{internal}").text
    for days in ("0", "366"):
        assert manager.post(f"/reports/{frozen}/shares", data={"days": days}).status_code == 422
    assert manager.post(f"/reports/{new_id()}/shares", data={"days": "30"}).status_code == 404


def test_a_coordinator_shares_nothing(client: TestClient, manager: TestClient, house: House, frozen: str):
    make(manager, frozen)
    (end,) = re.findall(r'action="(/reports/shares/[\w]+/end)"', manager.get(f"/reports/{frozen}").text)
    client.cookies.clear()
    coordinator = staff_client(client, house, "coordinator")

    assert coordinator.post(f"/reports/{frozen}/shares", data={"days": "30"}).status_code == 403
    assert coordinator.post(end).status_code == 403
    assert "For someone outside" not in coordinator.get(f"/reports/{frozen}").text
