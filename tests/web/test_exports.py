"""People saved as a file from the pages: by a manager only, noted before it leaves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.accounts.tables import StaffSession
from service.audit.tables import AuditEntry
from service.db.engine import reading, writing
from service.people import actions
from service.web.house import House
from tests.factories import NOW, STAFF
from tests.web.support import staff_client
from tests.web.test_imports import text_of, upload


@pytest.fixture
def filled(house: House) -> House:
    """A house with Maria, and with Amara who is at risk."""
    with writing(house.engine) as session:
        for name, at_risk in (("Maria", False), ("Amara", True)):
            fields = {"name": name, "email": f"{name.lower()}@example.org", "at_risk": at_risk}
            actions.create_person(session, fields, now=NOW, actor=STAFF)  # type: ignore[arg-type]
    return house


def exports_noted(house: House) -> list[dict[str, object]]:
    with reading(house.engine) as session:
        query = select(AuditEntry.details).where(AuditEntry.action == "people.exported")  # type: ignore[call-overload,arg-type]
        return list(session.execute(query).scalars())


def test_people_are_saved_and_it_is_noted(filled: House, manager: TestClient) -> None:
    page = text_of(manager.get("/people/export?q=maria"))
    answer = manager.post("/people/export", data={"wanted": "csv", "q": "maria"})

    assert "Save people as a file One person match “maria”. Whoever is at risk is left out." in page
    assert answer.status_code == 200
    assert re.fullmatch(r'attachment; filename="people-\d{4}-\d\d-\d\d.csv"', answer.headers["content-disposition"])
    assert answer.content.decode("utf-8-sig").splitlines()[1:] == ["Maria,maria@example.org,,,,,,,,,,,,"]
    assert exports_noted(filled) == [{"format": "csv", "people": 1, "at_risk": 0, "why": None}]


def test_saved_file_comes_back_as_nothing_new(filled: House, manager: TestClient) -> None:
    data = manager.post("/people/export", data={"wanted": "csv"}).content

    page = text_of(manager.get(upload(manager, data).headers["location"]))

    assert "Identical to what we hold." in page
    assert "Nothing in this file is new." in page


def test_people_at_risk_need_a_reason_and_a_fresh_session(filled: House, manager: TestClient) -> None:
    asked = {"wanted": "csv", "at_risk": "yes", "why": "law"}

    no_reason = manager.post("/people/export", data=asked | {"why": ""})
    fresh = manager.post("/people/export", data=asked)
    with writing(filled.engine) as session:
        for one in session.execute(select(StaffSession)).scalars():
            one.created_at -= timedelta(minutes=11)
    stale = manager.post("/people/export", data=asked)

    assert no_reason.status_code == 422
    assert "Say why people at risk are to be in the file." in text_of(no_reason)
    assert 'name="at_risk" value="yes" checked' in no_reason.text
    assert "amara@example.org" in fresh.text
    assert stale.status_code == 422
    assert "Sign out and in again first" in text_of(stale)
    assert exports_noted(filled) == [{"format": "csv", "people": 2, "at_risk": 1, "why": "law"}]


@pytest.mark.parametrize("role", ["viewer", "coordinator"])
def test_only_a_manager_saves_people(filled: House, client: TestClient, role: str) -> None:
    other = staff_client(client, filled, role)

    assert other.post("/people/export", data={"wanted": "csv"}).status_code == 403
    assert "/people/export" not in other.get("/people").text
    assert exports_noted(filled) == []


def test_list_that_is_not_there_is_one_sentence(filled: House, manager: TestClient) -> None:
    answer = manager.post("/people/export", data={"wanted": "csv", "in_list": "gone"})

    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1


def test_file_holds_who_was_narrowed_down_and_no_more(house: House, manager: TestClient) -> None:
    with writing(house.engine) as session:
        for name, country in (("Amina", "SN"), ("Ben", "KE"), ("Chloe", "KE")):
            fields = {"name": name, "email": f"{name.lower()}@example.org", "country": country}
            actions.create_person(session, fields, now=NOW, actor=STAFF)  # type: ignore[arg-type]
    made = manager.post("/segments", data={"name": "Kenya", "country": "KE", "ground": "consent"})
    segment = made.headers["location"].partition("in_list=")[2]

    def names(**asked: str) -> list[str]:
        answer = manager.post("/people/export", data={"wanted": "csv", **asked})
        return [line.partition(",")[0] for line in answer.content.decode("utf-8-sig").splitlines()[1:]]

    assert "Save people as a file 2 people" in text_of(manager.get("/people/export?country=KE"))
    assert names(country="KE") == ["Ben", "Chloe"]
    assert names(in_list=segment) == ["Ben", "Chloe"]
    assert names(in_list=segment, q="ben") == ["Ben"]
    assert manager.post("/people/export", data={"wanted": "csv", "country": "Narnia"}).status_code == 422
