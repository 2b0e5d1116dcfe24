"""All dates of a series in one file, from the guest's own page: only theirs, and nothing they may not know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from service.db.engine import reading, writing
from service.events import store as events
from service.events.values import Event
from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.values import Answer, Source
from service.kernel.tokens import ANSWER
from service.letters import actions as letters
from service.letters import changes, standing
from service.web.desk import desk_of
from service.web.house import House
from tests.calendar_check import check
from tests.factories import STAFF, add_event, add_people, add_project
from tests.letters.test_actions import sent

LINK = "https://meet.example.org/seminar-2"


@pytest.fixture
def dates(house: House) -> list[Event]:
    """Four announced dates of a series; one guest was sent three of them, the fourth is a draft."""
    return make_dates(house)


def make_dates(house: House, *, at_risk: bool = False, **wishes: str) -> list[Event]:
    now = house.clock()
    with writing(house.engine) as session:
        project = add_project(session)
        series = events.add_series(session, project, "Dialogues")
        made = [
            add_event(
                session, project_id=project, series_id=series, now=now, title=f"Dialogue {n}", **wishes,
                starts_at=(now + timedelta(days=30 * n)).strftime("%Y-%m-%dT14:00"),
            )
            for n in range(1, 5)
        ]  # fmt: skip
        guests = add_people(session, 2, at_risk=at_risk)
        by = {"desk": desk_of(house), "now": now, "actor": STAFF}
        done = standing.invite_to_series(session, series, person_ids=guests, **by)
        drafts = {one.event_id: one.mailing_ids[0] for one in done.dates}
        for event in made[:3]:
            sent(session, drafts[event.id])
    return made


def token_of(house: House, event: Event, number: int = 0) -> str:
    with reading(house.engine) as session:
        found = sorted(invitations.read_of_event(session, event.id), key=lambda one: one.person_id)
    return house.keyring.sign(ANSWER, found[number].id, found[number].token_version)


def answer(house: House, event: Event, partstat: PartStat) -> None:
    with writing(house.engine) as session:
        found = sorted(invitations.read_of_event(session, event.id), key=lambda one: one.person_id)[0]
        by = {"desk": desk_of(house), "now": house.clock(), "actor": STAFF}
        letters.take_answer(session, found.id, Answer(partstat, Source.LINK, online=False), **by)


def file_of(client: TestClient, token: str) -> bytes:
    got = client.get(f"/r/{token}/series.ics")
    assert (got.status_code, got.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert check(got.content) == []
    return got.content


def uids(data: bytes) -> list[str]:
    return [str(event["UID"]) for event in Calendar.from_ical(data).events]


def test_every_date_they_were_told_of_stands_in_one_file(client: TestClient, house: House, dates: list[Event]):
    data = file_of(client, token_of(house, dates[1]))

    assert uids(data) == [event.uid for event in dates[:3]]
    calendar = Calendar.from_ical(data)
    assert (calendar["METHOD"], calendar["NAME"]) == ("PUBLISH", "Dialogues")
    assert [str(event["SUMMARY"]) for event in calendar.events] == ["Dialogue 1", "Dialogue 2", "Dialogue 3"]
    assert [event["DTSTART"].dt.timestamp() for event in calendar.events] == [
        event.starts_at.timestamp() for event in dates[:3]
    ]
    for hidden in (b"ATTENDEE", b"rsvp+", b"/r/", b"example.org/seminar-2", b"guest"):
        assert hidden not in data


def test_what_was_declined_cancelled_or_withdrawn_is_not_in_it(client: TestClient, house: House, dates: list[Event]):
    token = token_of(house, dates[1])
    answer(house, dates[0], PartStat.DECLINED)
    with writing(house.engine) as session:
        by = {"desk": desk_of(house), "now": house.clock(), "actor": STAFF}
        changes.cancel_event(session, dates[2].id, reason="", **by)

    assert uids(file_of(client, token)) == [dates[1].uid]
    assert uids(file_of(client, token_of(house, dates[0]))) == [dates[1].uid]  # from the page of the one declined


def test_a_date_that_is_put_off_is_tentative(client: TestClient, house: House, dates: list[Event]):
    with writing(house.engine) as session:
        by = {"desk": desk_of(house), "now": house.clock(), "actor": STAFF}
        changes.postpone_event(session, dates[0].id, **by)

    shown = Calendar.from_ical(file_of(client, token_of(house, dates[1]))).events
    assert [str(event["STATUS"]) for event in shown] == ["TENTATIVE", "CONFIRMED", "CONFIRMED"]


@pytest.mark.parametrize(("risk", "wishes"), [(True, {}), (False, {"privacy": "confidential"})])
def test_in_confidence_or_at_risk_nothing_is_named(
    client: TestClient, house: House, risk: bool, wishes: dict[str, str]
):
    made = make_dates(house, at_risk=risk, **wishes)

    data = file_of(client, token_of(house, made[0]))

    assert b"Dialogue" not in data
    assert b"Meeting house" not in data
    assert LINK.encode() not in data


def test_their_page_offers_it_once_they_answered(client: TestClient, house: House, dates: list[Event]):
    token = token_of(house, dates[0])
    answer(house, dates[0], PartStat.ACCEPTED)

    page = client.get(f"/r/{token}").text

    assert f'href="/r/{token}/series.ics"' in page
    assert "(3)" in page


def test_an_event_alone_offers_no_file_of_many(client: TestClient, house: House):
    now = house.clock()
    by = {"desk": desk_of(house), "now": now, "actor": STAFF}
    with writing(house.engine) as session:
        starts = (now + timedelta(days=30)).strftime("%Y-%m-%dT14:00")
        event = add_event(session, now=now, starts_at=starts)
        sent(session, letters.invite_people(session, event.id, add_people(session, 1), **by).mailing_id)
    answer(house, event, PartStat.ACCEPTED)
    token = token_of(house, event)

    assert "series.ics" not in client.get(f"/r/{token}").text
    assert client.get(f"/r/{token}/series.ics").status_code == 404
    assert client.get("/r/nothing/series.ics").status_code == 404
