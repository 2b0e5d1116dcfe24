"""An event's life in a guest's calendar, by the real actions: asked, moved, answered, called off; and put off.

Two readers of other makers and the database agree on every file, in ten zones around their changes of clocks.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest

from service.letters.rules import AFTER_EVENT
from tests.ical.readers import Seen, by_icalendar, by_vobject
from tests.ical.test_timezones import ZONES
from tests.ical.test_whole_days import seen as whole_days_in
from tests.journeys.test_main_story import RFC822, make_project, make_seminar, reply_to
from tests.journeys.world import World, answer_path, body_of, calendar_lines

GUEST = "maria@example.org"
# The days after which clocks change in some of the zones in 2027, and one far from all of them.
FIRST, SECOND = "2027-03-13T18:30", "2027-11-06T09:15"


@pytest.fixture
def guest(world: World) -> str:
    return world.post("/people", {"name": "Maria Achieng", "email": GUEST, "source": "met in Geneva"})["id"]


def invite(world: World, event: dict, person_id: str) -> EmailMessage:
    world.post(f"/events/{event['id']}/invitations", {"people": [person_id], "send": True})
    return deliver(world)


def deliver(world: World) -> EmailMessage:
    """Let the letters on their way leave, and return the guest's newest one."""
    world.clock.forward(seconds=61)
    world.work()
    return world.last_letter(GUEST)


def seen(message: EmailMessage) -> Seen:
    """Return what both readers make of a letter's calendar part."""
    data = body_of(message, "text/calendar").encode()
    (first,), (second,) = by_icalendar(data), by_vobject(data)
    assert first == second
    return first


def meant(event: dict, message: EmailMessage, method: str, sequence: int, partstat: str) -> Seen:
    """Return what the database says of the event, for the guest."""
    starts, ends = (datetime.fromisoformat(event[name]).timestamp() for name in ("starts_at_utc", "ends_at_utc"))
    return Seen(
        method=method,
        uid=event["uid"],
        sequence=sequence,
        summary=event["title"],
        starts=int(starts),
        ends=int(ends),
        organizer=f"mailto:{message['Reply-To']}",
        attendees=((f"mailto:{GUEST}", partstat),),
    )


def reply(world: World, message: EmailMessage, partstat: str) -> dict:
    raw = reply_to(message, GUEST, partstat, world.clock.now)
    return world._json(world.client.post("/api/v1/intake", content=raw, headers=world.api | RFC822))


@pytest.mark.parametrize("zone_name", ZONES)
def test_asked_moved_answered_called_off(world: World, guest: str, zone_name: str):
    created = make_seminar(world, make_project(world), starts_at=FIRST, time_zone=zone_name)
    path = f"/events/{created['id']}"

    asked = invite(world, created, guest)
    moved = world.patch(path, {"starts_at": SECOND})
    update = deliver(world)
    taken = reply(world, update, "ACCEPTED")
    confirmed = deliver(world)
    ended = world.post(f"{path}/cancel", {"reason": "The venue closed"})
    cancelled = deliver(world)

    assert (taken["applied"], moved["sequence"], ended["sequence"]) == (True, 1, 2)
    assert seen(asked) == meant(created, asked, "REQUEST", 0, "NEEDS-ACTION")
    assert seen(update) == meant(moved, update, "REQUEST", 1, "NEEDS-ACTION")
    assert seen(confirmed) == meant(moved, confirmed, "REQUEST", 1, "ACCEPTED")
    assert seen(cancelled) == meant(ended, cancelled, "CANCEL", 2, "ACCEPTED")


@pytest.mark.parametrize("zone_name", ["Asia/Beirut", "America/Santiago", "Europe/London"])
def test_whole_days_asked_moved_answered_called_off(world: World, guest: str, zone_name: str):
    """Moved to the days on which two of these zones have no midnight."""
    moves_to = {"America/Santiago": "2027-09-05"}.get(zone_name, "2027-03-28")
    days = {"whole_day": True, "starts_at": "2027-03-03", "ends_at": "2027-03-05", "time_zone": zone_name}
    event = make_seminar(world, make_project(world), **days)
    path = f"/events/{event['id']}"

    asked = invite(world, event, guest)
    moved = world.patch(path, {"starts_at": moves_to, "ends_at": moves_to})
    update = deliver(world)
    taken = reply(world, update, "ACCEPTED")
    confirmed = deliver(world)
    hours = world.patch(path, {"whole_day": False, "starts_at": f"{moves_to}T10:00", "duration_minutes": 60})
    timed = deliver(world)
    world.post(f"{path}/cancel", {"reason": "The venue closed"})
    cancelled = deliver(world)

    files = [calendar_lines(letter) for letter in (asked, update, confirmed, timed, cancelled)]
    assert (taken["applied"], moved["starts_at"], hours["sequence"]) == (True, moves_to, 2)
    assert [(file["METHOD"], file["SEQUENCE"], file["PARTSTAT"]) for file in files] == [
        ("REQUEST", "0", "NEEDS-ACTION"),
        ("REQUEST", "1", "NEEDS-ACTION"),
        ("REQUEST", "1", "ACCEPTED"),
        ("REQUEST", "2", "NEEDS-ACTION"),
        ("CANCEL", "3", "NEEDS-ACTION"),
    ]
    assert {file["UID"] for file in files} == {event["uid"]}
    day, after = date.fromisoformat(moves_to), date.fromisoformat(moves_to) + timedelta(days=1)
    assert days_seen(asked) == (date(2027, 3, 3), date(2027, 3, 6))
    assert days_seen(update) == days_seen(confirmed) == (day, after)
    assert seen(timed) == meant(hours, timed, "REQUEST", 2, "NEEDS-ACTION")
    assert "until now: 3–5 March 2027" in " ".join(body_of(update, "text/plain").split())


def days_seen(message: EmailMessage) -> tuple[date, date]:
    """Return the first day and the one after the last that both readers make of a letter's calendar part."""
    (days,) = whole_days_in(body_of(message, "text/calendar").encode())
    return days


def test_put_off_and_given_a_new_date(world: World, guest: str):
    event = make_seminar(world, make_project(world))
    path = f"/events/{event['id']}"
    page = answer_path(invite(world, event, guest))
    world.client.post(page, data={"answer": "yes"})
    world.work()

    off = world.post(f"{path}/postpone", {"note": "The speaker is ill."})
    notice = deliver(world)
    letters = len(world.letters())
    entry = calendar_lines(notice)
    assert (off["state"], off["told"], off["sequence"]) == ("postponed", 1, 1)
    assert (entry["METHOD"], entry["STATUS"], entry["SEQUENCE"], entry["UID"]) == (
        "REQUEST",
        "TENTATIVE",
        "1",
        event["uid"],
    )
    assert notice["Subject"] == "Put off: Seminar 2: Working with governments, 28 January"
    assert "The speaker is ill." in body_of(notice, "text/plain")

    # No date, no question: the page says so; who answers all the same is heard, and no planned letter leaves.
    shown = world.client.get(page)
    assert (shown.status_code, "It is put off." in shown.text, "<form" in shown.text) == (200, True, False)
    assert reply(world, notice, "TENTATIVE")["applied"]
    world.clock.forward(minutes=1)
    assert reply(world, notice, "ACCEPTED")["applied"]
    world.clock.at(datetime.fromisoformat(event["starts_at_utc"]) + timedelta(hours=3))
    world.work()
    assert len(world.letters()) == letters

    would = world.patch(f"{path}?preview=true", {"starts_at": "2027-03-04T14:00"})
    back = world.patch(path, {"starts_at": "2027-03-04T14:00"})
    again = deliver(world)
    assert (would["state"], would["told"], {m["kind"] for m in would["moved_letters"]}) == (
        "announced",
        1,
        {"reminder", "joining", *AFTER_EVENT},
    )
    assert (back["state"], back["sequence"], back["told"]) == ("announced", 2, 1)
    assert seen(again) == meant(back, again, "REQUEST", 2, "NEEDS-ACTION")
    assert calendar_lines(again)["STATUS"] == "CONFIRMED"
    assert "until now: put off; first" in " ".join(body_of(again, "text/plain").split())
    assert world.client.post(page, data={"answer": "yes"}).status_code == 303
    world.clock.at(datetime.fromisoformat(back["starts_at_utc"]) - timedelta(hours=23))
    world.work()
    assert "https://meet.example.org/seminar-2" in body_of(world.last_letter(GUEST), "text/plain")
