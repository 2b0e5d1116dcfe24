"""Staff pages and API of what is kept, promised, deleted and proved."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, func, select, update

from service.audit.tables import AuditEntry
from service.db.engine import reading, writing
from service.invitations.tables import Invitation
from service.mail.tables import Suppression
from service.people.tables import Person
from service.privacy import actions, retaining
from service.privacy.tombstones import FILE, Tombstones
from service.web.application import make_app
from service.web.house import House
from tests.factories import NOW, STAFF, add_event, add_list, add_people
from tests.web.support import Post, browser, key_headers, make_house, staff_client

AFTER = NOW + timedelta(days=90)


@pytest.fixture
def house(engine: Engine, post: Post, tmp_path: Path) -> House:
    return make_house(engine, post, clock=lambda: AFTER, tombstones=Tombstones(tmp_path / FILE))


@pytest.fixture
def guests(engine: Engine) -> dict[str, Any]:
    """Three people invited to a focus group that is over; the last is at risk."""
    with writing(engine) as session:
        people = add_people(session, 3)
        event = add_event(session, kind="focus_group", title="Focus group with survivors")
        for person in people:
            session.execute(
                Invitation.__table__.insert().values(
                    event_id=event.id, person_id=person, basis="consent", created_at=NOW, created_by=STAFF,
                    comment="I use a wheelchair",
                )
            )  # fmt: skip
        session.execute(update(Person).where(Person.id == people[2]).values(at_risk=True, pseudonym="Guest 7"))
    return {"event_id": event.id, "people": people}


def count(engine: Engine, table: Any, *where: Any) -> int:
    with reading(engine) as session:
        return int(session.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def test_the_page_says_what_goes_next_and_names_nobody(manager: TestClient, guests: dict[str, Any]) -> None:
    page = manager.get("/privacy").text

    assert "Next: What guests wrote beside their answers, on 12 Feb 2027." in page
    assert "Focus group with survivors" in page
    main = page.partition("<main")[2]
    assert [name for name in ("Maria", "Tom", "Ingrid", "example.org", "Guest 7") if name in main] == []


def test_a_manager_shortens_a_period_and_goes_back(manager: TestClient, engine: Engine) -> None:
    form = {"held": "answers", "kind": "seminar", "days": "60"}
    assert manager.post("/privacy/periods", data=form).headers["location"] == "/privacy#periods"
    assert "Seminar: 60 days" in manager.get("/privacy").text

    longer = manager.post("/privacy/periods", data=form | {"days": "400"})
    assert (longer.status_code, "At most 365 days: a period can only be made shorter." in longer.text) == (422, True)
    for wrong in ({"days": "soon"}, {"held": "everything"}, {"kind": "party"}, {"held": "slots"}):
        assert manager.post("/privacy/periods", data=form | wrong).status_code == 422
    assert "Seminar: 60 days" in manager.get("/privacy").text

    manager.post("/privacy/periods", data=form | {"days": ""})
    assert "Seminar: 60 days" not in manager.get("/privacy").text


def test_a_promise_is_kept_and_proved(manager: TestClient, engine: Engine, guests: dict[str, Any]) -> None:
    form = {"event_id": guests["event_id"], "due_on": "2027-03-05"}
    assert manager.post("/privacy/promises", data=form | {"due_on": "2027-01-01"}).status_code == 422
    assert manager.post("/privacy/promises", data=form | {"due_on": "next week"}).status_code == 422
    assert manager.post("/privacy/promises", data=form).headers["location"] == "/privacy#promises"
    assert "5 Mar 2027" in manager.get("/privacy").text

    assert retaining.run(engine, now=AFTER + timedelta(days=5))

    assert count(engine, Person) == count(engine, Invitation) == 0
    (proof,) = manager.get("/privacy/certificates.json").json()
    assert (proof["rule"], proof["event_title"], proof["counts"]) == (
        "promise", "Focus group with survivors", {"invitations": 3, "people": 3},
    )  # fmt: skip
    listed = manager.get("/privacy/certificates").text
    shown = manager.get(f"/privacy/certificates/{proof['id']}")
    assert f"/privacy/certificates/{proof['id']}" in listed
    assert "Certificate of deletion 1" in shown.text
    assert "Unchanged since it was sealed" in shown.text
    assert proof["sha256"] in shown.text
    file = manager.get(f"/privacy/certificates/{proof['id']}.json")
    assert file.json() == proof
    assert file.headers["content-disposition"] == 'attachment; filename="certificate-1.json"'


def test_a_promise_can_be_taken_back(manager: TestClient, guests: dict[str, Any]) -> None:
    form = {"event_id": guests["event_id"], "due_on": "2027-03-05"}
    manager.post("/privacy/promises", data=form)
    manager.post("/privacy/promises", data=form | {"due_on": ""})

    assert "5 Mar 2027" not in manager.get("/privacy").text


def test_someone_is_forgotten_from_their_page(
    manager: TestClient, engine: Engine, house: House, guests: dict[str, Any]
) -> None:
    person_id = guests["people"][0]
    assert f"/people/{person_id}/forget" in manager.get(f"/people/{person_id}").text
    asked = manager.get(f"/people/{person_id}/forget").text
    assert "Forget Maria Achieng?" in asked
    assert count(engine, Person) == 3

    done = manager.post(f"/people/{person_id}/forget")

    assert done.status_code == 303
    shown = manager.get(done.headers["location"]).text
    assert "Someone was forgotten" in shown
    assert "Maria" not in shown
    assert (count(engine, Person), count(engine, Suppression)) == (2, 1)
    assert house.tombstones
    assert [one.remember for one in house.tombstones.read()] == [True]
    assert manager.get(f"/people/{person_id}/forget").status_code == 404


def test_even_that_is_forgotten_when_asked(manager: TestClient, engine: Engine, guests: dict[str, Any]) -> None:
    manager.post(f"/people/{guests['people'][0]}/forget", data={"even_that": "yes"})

    assert (count(engine, Person), count(engine, Suppression)) == (2, 0)


def test_someone_at_risk_is_not_named_when_asked_about(manager: TestClient, guests: dict[str, Any]) -> None:
    asked = manager.get(f"/people/{guests['people'][2]}/forget").text

    assert "Forget Guest 7?" in asked
    assert [name for name in ("Ingrid", "guest2@example.org") if name in asked.partition("<main")[2]] == []


def test_people_who_belong_to_nothing_are_proposed(manager: TestClient, engine: Engine, app: Any) -> None:
    with writing(engine) as session:
        alone, listed = add_people(session, 2, updated_at=NOW - timedelta(days=800))
        add_list(session, [listed])

    page = manager.get("/privacy/people").text

    assert "One person is on no list" in page
    assert (f"/people/{alone}/forget" in page, f"/people/{listed}/forget" in page) == (True, False)


def test_the_api_says_the_same(client: TestClient, house: House, engine: Engine, guests: dict[str, Any]) -> None:
    manager = key_headers(house, "manager")
    before = client.get("/api/v1/retention", headers=manager).json()
    assert before["coming"][0] == {
        "held": "needs", "due_at": "2027-02-12T00:00:00Z", "rows": 3, "event_id": guests["event_id"],
    }  # fmt: skip
    assert {one["held"] for one in before["periods"]} == set(retaining.PERIODS)

    path = f"/api/v1/people/{guests['people'][0]}"
    done = client.delete(f"{path}?even_that=true", headers=manager).json()
    again = client.delete(f"/api/v1/people/{guests['people'][1]}", headers=manager).json()

    assert (done["remembered"], again["remembered"], count(engine, Suppression)) == (False, True, 1)
    listed = client.get("/api/v1/certificates?limit=1", headers=manager).json()
    assert [one["id"] for one in listed["items"]] == [again["certificate"]]
    more = client.get(f"/api/v1/certificates?limit=1&after={listed['next']}", headers=manager).json()
    assert ([one["id"] for one in more["items"]], more["next"]) == ([done["certificate"]], None)
    one = client.get(f"/api/v1/certificates/{done['certificate']}", headers=manager).json()
    assert one == more["items"][0]
    assert client.get("/api/v1/certificates/0" + "1" * 25, headers=manager).status_code == 404
    assert "maria" not in json.dumps([listed, more]).lower()


def test_who_may_not_administer_sees_no_names_and_no_forms(house: House, guests: dict[str, Any]) -> None:
    with browser(make_app(house)) as client:
        viewer = staff_client(client, house, "viewer")
        page = viewer.get("/privacy").text

        assert "<form" not in page.partition("<main")[2]
        assert viewer.get("/privacy/people").status_code == 403
        assert viewer.get(f"/people/{guests['people'][0]}/forget").status_code == 403
        assert "/forget" not in viewer.get(f"/people/{guests['people'][0]}").text


def test_nothing_held_is_said_so(manager: TestClient, engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(delete(AuditEntry))
    assert "Nothing is held that has a day to go." in manager.get("/privacy").text
    assert "Nothing has been deleted yet." in manager.get("/privacy/certificates").text


def test_forgetting_leaves_no_journal_behind(manager: TestClient, engine: Engine, guests: dict[str, Any]) -> None:
    manager.post(f"/people/{guests['people'][0]}/forget")

    url = engine.url.render_as_string(hide_password=False)
    if url.startswith("sqlite"):
        journal = Path(url.removeprefix("sqlite:///") + "-wal")
        assert journal.stat().st_size == 0
    assert actions.empty_journal(engine) is True
