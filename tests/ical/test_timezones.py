"""Every local time we write means the same instant to every reader, around every change of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import count
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical

from service.ical import feed, itip
from service.ical.timezones import changes, is_utc, vtimezone
from service.ical.values import Meeting
from service.kernel.clock import instant
from service.kernel.errors import NoSuchTime, UnknownZone
from tests.calendar_check import check
from tests.ical import readers
from tests.ical.cast import MARIA, make_meeting

ZONES = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Sydney",
]
YEAR, DAYS = 2027, 365
FRESH = count()


def estrange(data: bytes, zone_name: str) -> bytes:
    """Give the zone a name no reader has met, so that it must believe our VTIMEZONE and not its own tables."""
    return data.replace(zone_name.encode(), f"X-Of-This-File-{next(FRESH)}".encode())


def exists(local: datetime, zone_name: str) -> bool:
    try:
        instant(local, zone_name)
    except NoSuchTime:
        return False
    return True


def moments(zone_name: str, every: int) -> Iterator[datetime]:
    """Every so many days of the year at 14:00; and each half hour around a change, with the days beside it."""
    first = datetime(YEAR, 1, 1, 14, 0)
    yield from (first + timedelta(days=days) for days in range(0, DAYS, every))
    yield datetime(YEAR, 1, 1, 0, 0)
    for change in changes(ZoneInfo(zone_name), YEAR, YEAR):
        for hours in (-24, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 24):
            yield change.onset + timedelta(hours=hours)


def meetings(zone_name: str, *, every: int = 7) -> list[Meeting]:
    return [
        make_meeting(
            uid=f"{at:%m%d%H%M}@example.org", starts_local=at, ends_local=at + timedelta(hours=5), time_zone=zone_name
        )
        for at in moments(zone_name, every)
        if exists(at, zone_name) and exists(at + timedelta(hours=5), zone_name)
    ]


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_request_means_one_instant_to_every_reader(zone_name):
    asked = ("mailto:maria.achieng@example.org", "NEEDS-ACTION")
    for meeting in meetings(zone_name):
        data = itip.request(meeting, MARIA)
        estranged = estrange(data, zone_name)

        expected = [readers.meant(meeting, "REQUEST", asked)]
        seen = [readers.by_icalendar(data), readers.by_icalendar(estranged), readers.by_vobject(estranged)]

        assert seen == [expected] * 3, meeting.starts_local
        assert check(data) == []


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_feed_of_a_year_means_the_same_instants_to_every_reader(zone_name):
    year = meetings(zone_name, every=1)
    data = feed.publish(year, name="Seminars")
    estranged = estrange(data, zone_name)

    expected = [readers.meant(meeting, "PUBLISH") for meeting in year]

    assert len(year) >= DAYS
    assert readers.by_icalendar(estranged) == expected
    assert readers.by_vobject(estranged) == expected
    assert check(data) == []


ZONE_NAMES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})[::6]


@pytest.mark.parametrize("zone_name", ZONE_NAMES)
def test_the_vtimezone_alone_gives_the_offsets_of_the_tz_database(zone_name):
    block = vtimezone(zone_name, 2026, 2028).decode().replace("\r\n ", "")
    read = tzical(StringIO(block)).get()
    tz = ZoneInfo(zone_name)
    around = [c.onset + timedelta(minutes=m) for c in changes(tz, 2026, 2028) for m in (-61, -1, 121)]
    days = [datetime(2026, 1, 1, 0, 30) + timedelta(days=9 * step) for step in range(121)]
    times = [at for at in (*days, *around) if exists(at, zone_name)]

    wrong = [at for at in times if at.replace(tzinfo=read).utcoffset() != at.replace(tzinfo=tz).utcoffset()]

    assert wrong == []
    assert "RDATE" not in block


LONDON = """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:20260329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:BST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
END:STANDARD
END:VTIMEZONE
"""
KATHMANDU = """\
BEGIN:VTIMEZONE
TZID:Asia/Kathmandu
BEGIN:STANDARD
DTSTART:20260101T000000
TZOFFSETFROM:+0545
TZOFFSETTO:+0545
TZNAME:+0545
END:STANDARD
END:VTIMEZONE
"""


@pytest.mark.parametrize("block", [LONDON, KATHMANDU], ids=["yearly-rule", "fixed"])
def test_a_stable_rule_is_said_in_two_observances_and_a_fixed_offset_in_one(block):
    name = block.split("\n")[1].removeprefix("TZID:")

    assert vtimezone(name, 2027, 2027) == block.replace("\n", "\r\n").encode()


def test_a_zone_whose_changes_follow_no_yearly_rule_lists_them_one_by_one():
    # Egypt changes after the last Thursday of October, which may be the first of November.
    lines = vtimezone("Africa/Cairo", 2024, 2024).decode().split("\r\n")

    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART:20230101T000000",
        "DTSTART:20230428T000000",
        "DTSTART:20231027T000000",
        "DTSTART:20240426T000000",
        "DTSTART:20241101T000000",
        "DTSTART:20250425T000000",
        "DTSTART:20251031T000000",
    ]
    assert [line for line in lines if line.startswith("RRULE")] == []


def test_a_rule_that_ended_lately_is_not_promised_for_the_future():
    # Brazil gave up summer time in 2019.
    block = vtimezone("America/Sao_Paulo", 2018, 2018).decode()

    assert "RRULE" not in block
    assert block.count("BEGIN:DAYLIGHT") == 2
    assert block.count("BEGIN:STANDARD") == 4


def test_irelands_summer_is_its_daylight_time():
    lines = vtimezone("Europe/Dublin", 2027, 2027).decode().split("\r\n")

    assert [lines[2:8], lines[9:15]] == [
        [
            "BEGIN:DAYLIGHT",
            "DTSTART:20260329T010000",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
            "TZOFFSETFROM:+0000",
            "TZOFFSETTO:+0100",
            "TZNAME:IST",
        ],
        [
            "BEGIN:STANDARD",
            "DTSTART:20261025T020000",
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0000",
            "TZNAME:GMT",
        ],
    ]


@pytest.mark.parametrize(
    ("zone_name", "expected"), [("UTC", True), ("Etc/UTC", True), ("Europe/London", False), ("Africa/Abidjan", False)]
)
def test_only_utc_itself_is_utc(zone_name, expected):
    assert is_utc(zone_name) is expected


@pytest.mark.parametrize("year", [1, 1899, 1941, 2500, 9999])
def test_a_year_far_away_still_gives_a_sound_file(year):
    meeting = make_meeting(starts_local=datetime(year, 6, 1, 14), ends_local=datetime(year, 12, 30, 16))

    assert check(itip.request(meeting, MARIA)) == []


def test_a_zone_nobody_has_is_refused():
    with pytest.raises(UnknownZone):
        vtimezone("Europe/Lundon", 2027, 2027)
