"""PUBLISH: many events in a file, nobody named but the organizer."""

from __future__ import annotations

from datetime import UTC, datetime

from service.ical.feed import publish
from tests.calendar_check import check
from tests.ical import readers
from tests.ical.cast import HERE, make_meeting, unfolded

LONDON = make_meeting(uid="a@example.org", url="https://seminars.example.org/events/seminar-2")
LAUNCH = make_meeting(
    uid="b@example.org",
    summary="Launch: the report, at last",
    location="Room XX; Palais",
    description="With questions",
    starts_local=datetime(2027, 3, 4, 18, 0),
    ends_local=datetime(2027, 3, 4, 20, 0),
    time_zone="Europe/Zurich",
    conference="https://meet.example.org/open",
)
OFF = make_meeting(uid="c@example.org", sequence=3, status="CANCELLED", time_zone="UTC")
YEARS_LATER = make_meeting(
    uid="d@example.org", starts_local=datetime(2029, 7, 2, 9), ends_local=datetime(2029, 7, 2, 10)
)
SOURCE = "https://seminars.example.org/series/governments.ics"


def test_the_bytes_are_those_that_were_read_and_agreed():
    data = publish([LONDON, LAUNCH, OFF], name="Seminars; 2027", source=SOURCE, page=SOURCE.removesuffix(".ics"))

    assert data == (HERE / "golden" / "feed.ics").read_bytes()


def test_every_event_is_seen_by_both_readers_in_the_order_given():
    given = [YEARS_LATER, LONDON, LAUNCH, OFF]

    data = publish(iter(given), name="Seminars", source=SOURCE)

    expected = [readers.meant(meeting, "PUBLISH") for meeting in given]
    assert readers.by_icalendar(data) == expected
    assert readers.by_vobject(data) == expected
    assert check(data) == []


def test_each_zone_stands_once_and_reaches_over_all_its_events():
    lines = unfolded(publish([YEARS_LATER, LONDON, LAUNCH, OFF], name="Seminars"))

    assert [line for line in lines if line.startswith("TZID")] == ["TZID:Europe/London", "TZID:Europe/Zurich"]
    assert lines[lines.index("TZID:Europe/London") + 2] == "DTSTART:20260329T010000"


def test_a_feed_without_events_is_still_a_calendar():
    data = publish([], name="Nothing yet")

    assert readers.by_icalendar(data) == []
    assert check(data) == []


def test_a_download_without_a_source_names_none():
    lines = unfolded(publish([LONDON], name="Seminar 2"))

    assert lines[5:9] == [
        "NAME:Seminar 2",
        "X-WR-CALNAME:Seminar 2",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    assert lines[9:11] == ["LAST-MODIFIED:20261201T090000Z", "BEGIN:VTIMEZONE"]


def test_a_feed_changed_when_its_newest_event_did():
    newer = make_meeting(uid="e@example.org", dtstamp=datetime(2026, 12, 2, tzinfo=UTC))

    lines = unfolded(publish([newer, LONDON], name="Seminars"))

    assert [line for line in lines if line.startswith("LAST-MODIFIED")] == [
        "LAST-MODIFIED:20261202T000000Z",
        "LAST-MODIFIED:20261202T000000Z",
        "LAST-MODIFIED:20261201T090000Z",
    ]
