"""A new main address by page or by program: the calendar files that leave for the old one and the new one."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from service.db.engine import reading, writing
from service.letters import actions
from service.mail import store as mail_store
from service.mail.values import DeliveryState
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import STAFF, add_event, add_people
from tests.letters.test_actions import sent
from tests.web.support import key_headers

OLD, NEW = "guest0@example.org", "maria@halden.example"


@pytest.fixture
def guest(house: House) -> str:
    """Someone whose invitation was sent."""
    now = house.clock()
    with writing(house.engine) as session:
        event = add_event(session, now=now)
        (person_id,) = add_people(session, 1)
        done = actions.invite_people(session, event.id, [person_id], desk=desk_of(house), now=now, actor=STAFF)
        sent(session, done.mailing_id or "")
    return person_id


def entries(house: House) -> list[tuple[str, str, str, int, str]]:
    """Return what calendars are told by the letters that wait: to, METHOD, UID, SEQUENCE, ATTENDEE."""
    found = []
    with reading(house.engine) as session:
        mailings = mail_store.read_mailings(session)
        by_id = mail_store.read_mailings_by_id(session, [one.id for one in mailings])
        for mailing in by_id.values():
            for line in mail_store.read_deliveries(session, mailing.id):
                letter = mail_store.read_delivery(session, line.id)
                if letter and letter.state is DeliveryState.QUEUED:
                    found.append((letter.address, *_told(house.composer.compose(mailing, letter).ics or b"")))
    return sorted(found, key=lambda one: one[3])


def _told(ics: bytes) -> tuple[str, str, int, str]:
    calendar: Any = Calendar.from_ical(ics)
    (entry,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), str(entry["UID"]), int(entry["SEQUENCE"]), str(entry["ATTENDEE"])


@pytest.mark.parametrize("way", ["page", "program"])
def test_the_old_calendar_is_told_to_cancel_and_the_new_one_to_ask(
    manager: TestClient, client: TestClient, house: House, guest: str, way: str
) -> None:
    if way == "page":
        answer = manager.post(f"/people/{guest}/edit", data={"email": NEW})
    else:
        headers = key_headers(house, "coordinator")
        answer = client.patch(f"/api/v1/people/{guest}", json={"email": NEW}, headers=headers)

    assert answer.status_code in (200, 303)
    cancel, ask = entries(house)
    uid = cancel[2]
    assert (cancel, ask) == (
        (OLD, "CANCEL", uid, 1, f"mailto:{OLD}"),
        (NEW, "REQUEST", uid, 2, f"mailto:{NEW}"),
    )


def test_another_change_writes_to_nobody(manager: TestClient, house: House, guest: str) -> None:
    manager.post(f"/people/{guest}/edit", data={"role": "Chair", "email": OLD})

    assert entries(house) == []
