"""Files of whole days: dates without hours or zone, the end exclusive, and what two other readers see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import icalendar
import pytest
import vobject

from service.ical import feed, itip
from service.ical.links import web_calendars
from service.ical.values import Meeting
from tests.calendar_check import check
from tests.ical.cast import HERE, MARIA, make_meeting, unfolded
from tests.ical.test_links import asked
from tests.ical.test_timezones import ZONES

FILE = "https://events.example.org/events/days.ics"


def days(first: str, after: str, **wishes: Any) -> Meeting:
    """A meeting of whole days, `after` being the one that follows the last."""
    when = {"starts_local": datetime.fromisoformat(first), "ends_local": datetime.fromisoformat(after)}
    return make_meeting(summary="Three days", whole_day=True, **when, **wishes)


CONFERENCE = days("2027-03-03", "2027-03-06", time_zone="Asia/Beirut", sequence=1)


def seen(data: bytes) -> list[tuple[date, date]]:
    """Return the first day and the one after the last, as both readers see them."""
    first = [(e["DTSTART"].dt, e["DTEND"].dt) for e in icalendar.Calendar.from_ical(data).events]
    second = [(e.dtstart.value, e.dtend.value) for e in vobject.readOne(data.decode()).vevent_list]
    assert first == second
    assert {type(day) for pair in first for day in pair} <= {date}
    return first


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_request_has_the_same_dates_for_every_reader_wherever_they_are(zone_name: str):
    for first, after in (("2027-03-28", "2027-03-29"), ("2027-10-30", "2027-11-02"), ("2027-12-31", "2028-01-01")):
        data = itip.request(days(first, after, time_zone=zone_name), MARIA)

        assert seen(data) == [(date.fromisoformat(first), date.fromisoformat(after))]
        assert b"TZID" not in data
        assert b"VTIMEZONE" not in data
        assert check(data, interop=True) == []


def test_the_bytes_are_those_that_were_read_and_agreed():
    assert itip.request(CONFERENCE, MARIA) == (HERE / "golden" / "whole-days.ics").read_bytes()


def test_days_keep_nobodys_time_busy():
    lines = unfolded(itip.request(CONFERENCE, MARIA))

    assert [line for line in lines if line.startswith(("DT", "TRANSP", "STATUS"))] == [
        "DTSTAMP:20261201T090000Z",
        "DTSTART;VALUE=DATE:20270303",
        "DTEND;VALUE=DATE:20270306",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
    ]


@pytest.mark.parametrize("whole_event", [True, False])
def test_a_cancel_names_the_same_days(whole_event: bool):
    data = itip.cancel(CONFERENCE, MARIA, whole_event=whole_event)

    assert seen(data) == [(date(2027, 3, 3), date(2027, 3, 6))]
    assert check(data, interop=True) == []


def test_a_feed_of_hours_and_days_describes_only_the_zones_of_hours():
    data = feed.publish([CONFERENCE, make_meeting()], name="Both")

    assert data.count(b"BEGIN:VTIMEZONE") == 1
    assert b"TZID:Europe/London" in data
    assert check(data, interop=True) == []


def test_a_feed_of_days_alone_needs_no_zone():
    data = feed.publish([CONFERENCE], name="Days")

    assert seen(data) == [(date(2027, 3, 3), date(2027, 3, 6))]
    assert b"VTIMEZONE" not in data
    assert check(data, interop=True) == []


def test_calendars_on_the_web_get_days_with_the_end_exclusive():
    links = {name: asked(link) for name, link in web_calendars(CONFERENCE, FILE) if name != "Apple"}

    assert links["Google"]["dates"] == "20270303/20270306"
    for name in ("Outlook.com", "Microsoft 365"):
        wanted = {key: links[name].get(key) for key in ("startdt", "enddt", "allday")}
        assert wanted == {"startdt": "2027-03-03", "enddt": "2027-03-06", "allday": "true"}
