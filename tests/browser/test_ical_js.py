"""ical.js, the calendar reader of Thunderbird and others, in a browser: a third reader that must agree with us.

Zones have names that it has not met, so that it must believe our VTIMEZONE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from service.ical import feed, itip
from service.ical.values import Address, Attendee, Meeting, PartStat
from tests.ical import readers
from tests.ical.cast import MARIA, make_meeting
from tests.ical.test_timezones import ZONES, estrange, meetings
from tests.ical.test_whole_days import days

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIBRARY = Path(__file__).parent / "vendor" / "ical.min.js"
READ = """texts => texts.map(text => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map(component => {
    const event = new ICAL.Event(component);
    const attendees = component.getAllProperties("attendee");
    return [
      calendar.getFirstPropertyValue("method"), event.uid, event.sequence, event.summary,
      event.startDate.toUnixTime(), event.endDate.toUnixTime(), event.organizer,
      attendees.map(one => [one.getFirstValue(), one.getParameter("partstat")]),
      event.description,
    ];
  });
})"""
ASKED = ("mailto:maria.achieng@example.org", "NEEDS-ACTION")


@pytest.fixture
def reader(browser_page: Page) -> Page:
    """A page that knows ical.js and nothing else."""
    code = LIBRARY.read_text(encoding="utf-8")
    browser_page.add_script_tag(content=f"var module = {{exports: {{}}}}, exports = module.exports;\n{code}")
    browser_page.evaluate("window.ICAL = module.exports.default || module.exports")
    return browser_page


def read(page: Page, files: Sequence[bytes]) -> list[list[tuple[Any, ...]]]:
    """Return what ical.js sees of each file: the fields of `readers.Seen`, and the description."""
    found = page.evaluate(READ, [data.decode() for data in files])
    return [[(*event[:7], tuple(map(tuple, event[7])), event[8]) for event in events] for events in found]


def meant(meeting: Meeting, method: str, *attendees: tuple[str, str]) -> tuple[Any, ...]:
    """Return what it must see, by the tz database itself."""
    return astuple(readers.meant(meeting, method, *attendees))


@pytest.mark.parametrize("zone_name", ZONES)
def test_requests_of_a_year_mean_the_same_instants(reader: Page, zone_name: str) -> None:
    year = meetings(zone_name)

    seen = read(reader, [estrange(itip.request(meeting, MARIA), zone_name) for meeting in year])

    assert len(year) > 52
    assert [[event[:8] for event in events] for events in seen] == [[meant(m, "REQUEST", ASKED)] for m in year]


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_feed_of_a_year_means_the_same_instants(reader: Page, zone_name: str) -> None:
    year = meetings(zone_name, every=1)

    (seen,) = read(reader, [estrange(feed.publish(year, name="Seminars"), zone_name)])

    assert [event[:8] for event in seen] == [meant(meeting, "PUBLISH") for meeting in year]


@pytest.mark.parametrize("zone_name", ZONES)
def test_one_life_keeps_its_uid_and_rises(reader: Page, zone_name: str) -> None:
    first = make_meeting(time_zone=zone_name)
    moved = make_meeting(
        time_zone=zone_name,
        sequence=1,
        starts_local=first.starts_local + timedelta(days=90),
        ends_local=first.ends_local + timedelta(days=90),
    )
    ended = make_meeting(time_zone=zone_name, sequence=2)
    files = [itip.request(first, MARIA), itip.request(moved, MARIA), itip.cancel(ended, MARIA, whole_event=True)]

    seen = [events[0] for events in read(reader, [estrange(data, zone_name) for data in files])]

    assert [(event[0], event[2]) for event in seen] == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    assert {event[1] for event in seen} == {first.uid}
    assert seen[1][4:6] == meant(moved, "REQUEST")[4:6]


READ_DAYS = """texts => texts.map(text => {
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
  return [event.startDate, event.endDate].map(day => [day.isDate, day.toString()]);
})"""


def test_whole_days_are_the_same_dates(reader: Page) -> None:
    wanted = [("2027-03-03", "2027-03-06"), ("2027-03-28", "2027-03-29"), ("2027-12-31", "2028-01-01")]
    files = [itip.request(days(first, after, time_zone=zone), MARIA) for zone in ZONES for first, after in wanted]

    seen = reader.evaluate(READ_DAYS, [data.decode() for data in files])

    assert seen == [[[True, first], [True, after]] for _zone in ZONES for first, after in wanted]


@pytest.mark.parametrize(
    ("name", "summary", "description"),
    [
        ('Maria "Mia" O’Neil', "Semicolons; commas, and \\ strokes", "One line\nand another"),
        ("مريم أشينغ", "ورشة: العمل مع الحكومات", "عربي\n" * 40),
        ("Zoë 🌱", "Seeds 🌱 and sowing", "x" * 5_000),
    ],
)
def test_any_words_come_back_as_they_were(reader: Page, name: str, summary: str, description: str) -> None:
    meeting = make_meeting(
        summary=summary,
        description=description.strip(),
        starts_local=datetime(2027, 3, 27, 22, 0),
        ends_local=datetime(2027, 3, 29, 9, 0),  # over two days and a change of the clocks
    )

    ((event,),) = read(reader, [itip.request(meeting, Attendee(Address("m@example.org", name), PartStat.ACCEPTED))])

    assert event[:8] == meant(meeting, "REQUEST", ("mailto:m@example.org", "ACCEPTED"))
    assert event[8] == description.strip()
