"""A calendar server that we did not write keeps our files and gives them back meaning the same (RFC 4791)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from service.ical import feed, itip
from service.ical.values import Meeting
from tests.house.ports import free_port
from tests.ical import readers
from tests.ical import test_whole_days as whole_days
from tests.ical.cast import MARIA, make_meeting
from tests.ical.test_timezones import ZONES, meetings

ASKED = ("mailto:maria.achieng@example.org", "NEEDS-ACTION")
QUERY = """<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An empty calendar on a server of its own, and a client that speaks to it."""
    folder, port = tmp_path_factory.mktemp("radicale"), free_port()
    options = ["--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none", "--storage-filesystem-folder", str(folder)]
    command = [sys.executable, "-m", "radicale", "--config", "", *options]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/maria/") as client:
                _wait(client, folder / "log")
                client.request("MKCOL", "")
                assert client.request("MKCALENDAR", "seminars/").status_code == 201
                yield client
        finally:
            server.terminate()


def _wait(client: httpx.Client, log: Path) -> None:
    for _attempt in range(100):
        try:
            client.request("OPTIONS", "")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"radicale did not start: {log.read_text()[-500:]}")


def stored(data: bytes) -> bytes:
    """Return a file as a calendar client puts it on a server: without METHOD (§4.1)."""
    return b"\r\n".join(line for line in data.split(b"\r\n") if not line.startswith(b"METHOD:"))


def seen(data: bytes, method: str) -> list[readers.Seen]:
    return readers.by_icalendar(
        data.replace(b"BEGIN:VCALENDAR\r\n", f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\n".encode())
    )


def kept(calendar: httpx.Client, meeting: Meeting, data: bytes) -> bytes:
    """Put a file there and get it back."""
    path = f"seminars/{meeting.uid.partition('@')[0]}.ics"
    put = calendar.put(path, content=stored(data), headers={"Content-Type": "text/calendar; charset=utf-8"})
    assert put.status_code in (201, 204), put.text
    return calendar.get(path).content


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_life_is_kept_and_given_back_as_it_was(calendar: httpx.Client, zone_name: str) -> None:
    uid = f"{zone_name.replace('/', '-').lower()}@example.org"
    first = make_meeting(uid=uid, time_zone=zone_name)
    moved = make_meeting(uid=uid, time_zone=zone_name, sequence=1, summary="Moved: قرطبة 🌱")

    for meeting in (first, moved):
        back = kept(calendar, meeting, itip.request(meeting, MARIA))
        assert seen(back, "REQUEST") == [readers.meant(meeting, "REQUEST", ASKED)]


def test_the_server_finds_an_event_at_its_instant_around_each_change_of_the_clocks(calendar: httpx.Client) -> None:
    for zone_name in ZONES:
        around = meetings(zone_name)[53::6]
        for meeting in around:
            own = make_meeting(
                uid=f"{zone_name.replace('/', '-')}-{meeting.uid}",
                time_zone=zone_name,
                starts_local=meeting.starts_local,
                ends_local=meeting.ends_local,
            )
            kept(calendar, own, feed.publish([own], name="One"))
            starts = readers.meant(own, "PUBLISH").starts
            span = {name: time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(starts + at)) for name, at in _MINUTES.items()}
            found = calendar.request("REPORT", "seminars/", content=QUERY.format(**span), headers={"Depth": "1"}).text
            assert own.uid in found, (zone_name, own.starts_local)


def test_whole_days_are_kept_and_given_back_as_dates(calendar: httpx.Client) -> None:
    back = kept(calendar, whole_days.CONFERENCE, feed.publish([whole_days.CONFERENCE], name="One"))

    assert whole_days.seen(back) == [(date(2027, 3, 3), date(2027, 3, 6))]


_MINUTES = {"start": 0, "end": 60}
