"""`dev.py bench calendar`: feeds, calendar parts and replies, each beside its limit.

SQLite, a file in a temporary folder. A feed is timed as its handler works: the queries and the file, without the HTTP
around it. A reply is taken in as mail is: one transaction each, with the confirmation letter it brings about.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import Request, Response
from sqlalchemy import Engine
from sqlmodel import Session

from service.db.engine import make_engine, reading, writing
from service.events.values import Event
from service.ical import itip
from service.ical.values import Address, Attendee, PartStat
from service.invitations import store as invitations
from service.kernel.clock import utc_now
from service.kernel.tokens import Keyring
from service.letters import actions as letters
from service.letters.intake import take_in
from service.mail.addresses import Addresses
from service.schema import metadata
from service.web import feeds
from service.web.calendars import meeting_of
from service.web.house import House
from tests.factories import DESK, add_event, add_list, add_people, add_project
from tests.web.support import Post, make_house

EVENTS, PARTS, REPLIES, RUNS = 500, 1_000, 600, 15
ZONES = ("Europe/London", "Africa/Nairobi", "America/New_York", "Asia/Amman", "Africa/Cairo")
KEYRING = Keyring(b"k" * 32)
REPLY = (
    "From: {attendee}\r\nTo: {to}\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\n"
    "\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nVERSION:2.0\r\nPRODID:-//Some//Calendar//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "SEQUENCE:0\r\nDTSTAMP:{stamp:%Y%m%dT%H%M%SZ}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{attendee}\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def main() -> None:
    """Fill a database, take times, print them beside their limits."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'calendar.db'}")
        metadata.create_all(engine)
        print(f"SQLite, {os.cpu_count()} cores")
        now = utc_now() - timedelta(minutes=1)
        with writing(engine) as session:
            project = add_project(session, slug="all")
            event, *_ = [_open_event(session, project, number, now) for number in range(EVENTS)]
        feed_times(make_house(engine, Post()))
        part_times(event)
        reply_rate(engine, event, now)
        engine.dispose()


def _open_event(session: Session, project: str, number: int, now: datetime) -> Event:
    return add_event(
        session,
        project_id=project,
        privacy="open",
        title=f"Seminar {number}: Working with governments",
        summary="Chapter authors and readers meet. " * 5,
        starts_at=(now + timedelta(days=30 + number)).strftime("%Y-%m-%dT14:00"),
        time_zone=ZONES[number % len(ZONES)],
        now=now,
    )


def feed_times(house: House) -> None:
    """Time the feed of all events: written, and asked for again."""

    def ask(headers: list[tuple[bytes, bytes]]) -> Response:
        request = Request({"type": "http", "headers": headers})
        with reading(house.engine) as session:
            return feeds.project_file(request, session, house, house.clock(), "all")

    written = ask([])
    known = [(b"if-none-match", written.headers["etag"].encode())]
    _line(f"feed of {EVENTS} events, written", _middle(lambda: ask([])), 20)
    _line("the same, unchanged (304)", _middle(lambda: ask(known)), 1)


def part_times(event: Event) -> None:
    """Time the calendar parts of many invitations to one event."""
    meeting = meeting_of(event, organizer=Address("rsvp@example.org", "Halden Trust"))
    guests = [Attendee(Address(f"guest{n}@example.org", f"Guest {n}"), PartStat.NEEDS_ACTION) for n in range(PARTS)]
    _line(
        f"{PARTS} invitations' calendar parts", _middle(lambda: [itip.request(meeting, guest) for guest in guests]), 60
    )


def reply_rate(engine: Engine, event: Event, now: datetime) -> None:
    """Print how many answers from calendars are taken in a second."""
    addresses = Addresses(KEYRING, "https://seminars.example.org", "rsvp@example.org")
    with writing(engine) as session:
        people = add_people(session, REPLIES)
        letters.invite_list(session, event.id, add_list(session, people), desk=DESK, now=now, actor="system")
        address_of = {person: f"guest{n}@example.org" for n, person in enumerate(people)}
        known = {i.id: address_of[i.person_id] for i in invitations.read_of_event(session, event.id)}
    mail = [
        REPLY.format(attendee=address, to=addresses.rsvp(one), uid=event.uid, stamp=now).encode()
        for one, address in known.items()
    ]
    started = time.perf_counter()
    for raw in mail:
        with writing(engine) as session:
            taken = take_in(session, raw, desk=DESK, keyring=KEYRING, now=now)
        if not taken.applied:
            raise SystemExit(f"a reply was not taken: {taken.reason}")
    rate = REPLIES / (time.perf_counter() - started)
    print(f"{'replies taken in':<36}{rate:8.0f} a second   aim 300   ratio {rate / 300:.2f}")


def _middle(work: Callable[[], object]) -> float:
    """Return the middle of several times, in milliseconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _line(name: str, took: float, limit: float) -> None:
    print(f"{name:<36}{took:8.2f} ms   limit {limit:g} ms   ratio {took / limit:.2f}")


if __name__ == "__main__":
    main()
