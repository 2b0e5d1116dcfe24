"""Staff look up what stops letters to an address, and let them leave again with a reason; consent is shown in full."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.audit import log
from service.db.engine import reading, writing
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import SuppressionReason
from service.people import actions
from service.people.values import Basis, Consent
from service.web.house import House
from tests.factories import STAFF
from tests.web.support import key_headers, staff_client

ADDRESS = "maria@example.org"
WHY = {"bounced": "all", "complained": "list:news", "erased": "purpose:events"}


@pytest.fixture
def stopped(house: House) -> House:
    told = {"address_key": house.address_key, "now": house.clock(), "actor": STAFF}
    with writing(house.engine) as session:
        for reason, scope in WHY.items():
            mail.suppress(session, ADDRESS, scope, SuppressionReason(reason), **told)  # type: ignore[arg-type]
    return house


def scopes(house: House) -> set[str]:
    with reading(house.engine) as session:
        return {stop.scope for stop in mail_store.read_suppressions(session, mail.hash_of(ADDRESS, house.address_key))}


def test_what_stops_letters_is_shown_and_lifted_with_a_reason(manager: TestClient, stopped: House) -> None:
    shown = manager.post("/people/stopped", data={"address": " Maria@Example.org "})
    assert ("letters came back" in shown.text, "asked to be forgotten" in shown.text) == (True, True)
    assert scopes(stopped) == set(WHY.values())

    lifted = manager.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "all", "why": "works"})
    assert "These letters may leave again." in lifted.text
    assert scopes(stopped) == {"list:news", "purpose:events"}
    with reading(stopped.engine) as session:
        (entry,) = [e for e in log.trail(session, "all") if e["action"] == "address.lifted"]
    assert entry["details"] == {"reason": "bounced", "why": "works"}
    assert ADDRESS not in str(entry)

    again = manager.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "all", "why": "works"})
    erased = manager.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "purpose:events", "why": "asked"})
    reasonless = manager.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "list:news", "why": ""})
    assert (again.status_code, erased.status_code, reasonless.status_code) == (404, 409, 422)
    assert scopes(stopped) == {"list:news", "purpose:events"}


def test_only_a_manager_lifts_what_a_reader_complained_of(client: TestClient, stopped: House) -> None:
    coordinator = staff_client(client, stopped, "coordinator")

    shown = coordinator.post("/people/stopped", data={"address": ADDRESS}).text
    refused = coordinator.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "list:news", "why": "asked"})
    done = coordinator.post("/people/stopped/lift", data={"address": ADDRESS, "scope": "all", "why": "works"})

    assert "Only a manager lifts this." in shown
    assert (refused.status_code, done.status_code) == (403, 200)
    assert scopes(stopped) == {"list:news", "purpose:events"}


def test_an_address_that_is_none_is_said(manager: TestClient) -> None:
    assert manager.get("/people/stopped").status_code == 200
    refused = manager.post("/people/stopped", data={"address": "maria at example"})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    nothing = manager.post("/people/stopped", data={"address": ADDRESS})
    assert "Nothing stops letters to this address." in nothing.text


def test_a_persons_page_shows_all_that_was_agreed_and_ended(manager: TestClient, house: House) -> None:
    now = house.clock()
    with writing(house.engine) as session:
        person = actions.create_person(session, {"name": "Maria", "email": ADDRESS}, now=now, actor=STAFF)
        news = actions.create_list(session, name="News", purpose="newsletter", now=now, actor=STAFF)
        consent = Consent(Basis.CONSENT, "card, Geneva", "2026-1")
        actions.add_members(session, news.id, [person.id], consent, now=now, actor=STAFF)
        actions.remove_members(session, news.id, [person.id], now=now, actor=STAFF)

    shown = manager.get(f"/people/{person.id}").text

    assert "card, Geneva · text 2026-1" in shown
    assert "ended: consent" in shown
    assert shown.count("newsletter") == 2


def test_a_program_looks_an_address_up_and_lifts_a_stop(client: TestClient, stopped: House) -> None:
    url, headers = "/api/v1/suppressions", key_headers(stopped, "coordinator")

    seen = client.post(f"{url}/lookup", json={"address": ADDRESS}, headers=headers).json()["items"]
    assert {one["scope"]: one["reason"] for one in seen} == {scope: why for why, scope in WHY.items()}

    def lift(scope: str, why: str = "works") -> int:
        body = {"address": ADDRESS, "scope": scope, "why": why}
        return client.post(f"{url}/lift", json=body, headers=headers).status_code

    assert [lift("list:news"), lift("purpose:events"), lift("all", "habit"), lift("all"), lift("all")] == [
        403, 403, 422, 200, 404,
    ]  # fmt: skip
    assert scopes(stopped) == {"list:news", "purpose:events"}
    assert client.post(f"{url}/lookup", json={"address": "maria at"}, headers=headers).status_code == 422
