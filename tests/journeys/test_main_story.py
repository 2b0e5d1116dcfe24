"""The main job from end to end: schedule an event, invite a list, take answers, change it, report.

Over HTTP on both databases, with the worker delivering to the local mailbox. Every letter goes
through the strict calendar checker when it is read.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tests.journeys.world import World, answer_path, body_of, calendar_lines

PEOPLE = """name;e-mail;organisation;audience;country;language
Maria Achieng;maria@example.org;Lakeside Survivors Network;civil_society;Kenya;en
Tomás Rivadeneira;tomas@example.org;Mesa Andina;civil_society;Ecuador;es
Fatou Ndiaye;fatou@example.org;Réseau Teranga;civil_society;Senegal;fr
Layla Mansour;layla@example.org;Open Door Amman;civil_society;Jordan;ar
Ingrid Solheim;ingrid@example.org;Fjordvik University;academia;Norway;en
Joseph Karanja;joseph@example.org;Ministry of Regional Affairs;policy;Kenya;en
Nobody;not an address;;;;
Maria A.;MARIA@example.org;;;;
""".encode("cp1252")

REPLY = """From: {address}
To: {organizer}
Subject: Accepted: Seminar
MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
VERSION:2.0
PRODID:-//Some//Calendar//EN
BEGIN:VEVENT
UID:{uid}
SEQUENCE:{sequence}
DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}
ATTENDEE;PARTSTAT={partstat}:MAILTO:{address}
COMMENT:See you there
END:VEVENT
END:VCALENDAR
"""


def make_project(world: World) -> str:
    for rank, key in enumerate(("civil_society", "policy", "academia"), 1):
        world.post("/audiences", {"rank": rank, "key": key, "name": key.replace("_", " ").title()})
    body = {
        "name": "Resource book on coalition campaigning",
        "organisation": "Halden Trust",
        "time_zone": "Europe/London",
        "starts_on": "2026-04-01",
        "ends_on": "2027-09-30",
    }
    return world.post("/projects", body)["id"]


def make_seminar(world: World, project_id: str, **wishes) -> dict:
    body = {
        "project_id": project_id,
        "kind": "seminar",
        "title": "Seminar 2: Working with governments",
        "starts_at": "2027-01-28T14:00",
        "time_zone": "Europe/London",
        "place": "Meeting house, Room 2",
        "online_url": "https://meet.example.org/seminar-2",
        "capacity": 2,
        "language": "en",
    }
    event = world.post("/events", {**body, **wishes})
    return world.post(f"/events/{event['id']}/announce")


def import_people(world: World) -> str:
    list_id = world.post("/lists", {"key": "guests", "name": "Seminar guests", "purpose": "events"})["id"]
    consent = {"list_id": list_id, "consent_basis": "consent", "consent_source": "Geneva meeting, November 2026"}
    preview = world._json(
        world.client.post(
            "/api/v1/imports", files={"file": ("contacts.csv", PEOPLE, "text/csv")}, data=consent, headers=world.api
        )
    )
    assert preview["state"] == "preview"
    assert preview["counts"] == {"create": 6, "update": 0, "merge": 1, "skip": 0, "refuse": 1}
    refused = world.get(f"/imports/{preview['id']}/rows?verdict=refuse")["items"]
    assert [(r["row"], r["reason"]) for r in refused] == [(8, "bad-address")]
    world.post(f"/imports/{preview['id']}/apply")
    world.work()
    assert world.get(f"/imports/{preview['id']}")["state"] == "applied"
    return list_id


def test_the_main_job(world: World):
    project_id = make_project(world)
    event = make_seminar(world, project_id)
    list_id = import_people(world)

    # Invite: a draft, read as one person will get it, then approved; nothing leaves before the undo window is over.
    done = world.post(f"/events/{event['id']}/invitations", {"list_id": list_id})
    assert (done["queued"], done["skipped"]) == (6, [])
    again = world.post(f"/events/{event['id']}/invitations", {"list_id": list_id})
    assert (again["queued"], {s["reason"] for s in again["skipped"]}) == (0, {"already-invited"})
    people = {p["email"]: p["id"] for p in world.get("/people")["items"]}
    preview = world.get(f"/mailings/{done['mailing_id']}/preview?person_id={people['maria@example.org']}")
    world.post(f"/mailings/{done['mailing_id']}/approve")
    assert world.work() == 0
    world.clock.forward(seconds=61)
    assert world.work() > 0

    # Each letter: one recipient, one ATTENDEE, the reader's language, exactly what was previewed.
    letters = {str(m["To"]): m for m in world.letters()}
    assert len(letters) == 6
    maria = world.last_letter("maria@example.org")
    assert body_of(maria, "text/plain").split() == preview["text"].split()
    entry = calendar_lines(maria)
    assert (entry["METHOD"], entry["UID"], entry["SEQUENCE"]) == ("REQUEST", event["uid"], "0")
    assert body_of(maria, "text/calendar").count("ATTENDEE") == 1
    assert "/r/" not in body_of(maria, "text/calendar")
    assert world.last_letter("layla@example.org")["Content-Language"] == "ar"
    for to, message in letters.items():
        others = [address for address in people if address not in to]
        assert not [a for a in others if a in message.as_string()]

    # The guest: looking changes nothing, answering does.
    path = answer_path(maria)
    before = world.state()
    for method in ("GET", "HEAD", "OPTIONS"):
        for query in ("", "?a=yes", "?a=no"):
            assert world.client.request(method, path + query).status_code in (200, 204)
    assert world.state() == before
    assert world.client.post(path, data={"answer": "yes"}).status_code == 303
    shown = world.client.get(path).text
    assert "Thank you, Maria" in shown
    tomas = world.last_letter("tomas@example.org")
    said = world.client.post(answer_path(tomas), data={"answer": "yes"}, headers={"Accept": "application/json"})
    assert said.json() == {"partstat": "ACCEPTED", "seat": "held", "event": event["id"]}

    # A reply from a calendar does the same by the same rule: the room is full, so the yes waits.
    ingrid = world.last_letter("ingrid@example.org")
    raw = reply_to(ingrid, "ingrid@example.org", "ACCEPTED", world.clock.now)
    taken = world._json(world.client.post("/api/v1/intake", content=raw, headers=world.api | RFC822))
    assert taken == {"verdict": "reply", "applied": True, "reason": ""}
    twice = world._json(world.client.post("/api/v1/intake", content=raw, headers=world.api | RFC822))
    assert (twice["applied"], twice["reason"]) == (False, "repeated")
    rows = {i["person_id"]: i for i in world.get(f"/events/{event['id']}/invitations")["items"]}
    waiting = rows[people["ingrid@example.org"]]
    assert (waiting["status"], waiting["partstat"], waiting["seat"]) == ("waiting", "ACCEPTED", "waiting")
    history = world.get(f"/invitations/{waiting['id']}")["replies"]
    assert [(h["source"], h["applied"], h["comment"]) for h in history] == [("mail", True, "See you there")]
    world.work()
    assert calendar_lines(world.last_letter("ingrid@example.org"))["PARTSTAT"] == "TENTATIVE"

    # A declines, the seat goes to the one who waits, and she is told.
    world.client.post(answer_path(tomas), data={"answer": "no", "comment": "Travelling"})
    world.work()
    assert calendar_lines(world.last_letter("ingrid@example.org"))["PARTSTAT"] == "ACCEPTED"

    # A typo tells nobody; two hours later tells everyone with a live invitation, under the same UID.
    sent = len(world.letters())
    fixed = world.patch(f"/events/{event['id']}", {"title": "Seminar 2: Working with Governments"})
    assert (fixed["change"], fixed["told"], fixed["sequence"]) == ("cosmetic", 0, 0)
    would = world.patch(f"/events/{event['id']}?preview=true", {"starts_at": "2027-01-28T16:00"})
    assert (would["change"], would["told"]) == ("material", 5)
    assert world.get(f"/events/{event['id']}")["starts_at"] == "2027-01-28T14:00"
    moved = world.patch(f"/events/{event['id']}", {"starts_at": "2027-01-28T16:00"})
    assert (moved["change"], moved["told"], moved["sequence"], moved["uid"]) == ("material", 5, 1, event["uid"])
    world.clock.forward(seconds=61)
    world.work()
    assert len(world.letters()) == sent + 5
    update = calendar_lines(world.last_letter("maria@example.org"))
    assert (update["SEQUENCE"], update["UID"], update["PARTSTAT"]) == ("1", event["uid"], "NEEDS-ACTION")
    assert update["DTSTART"] == "20270128T160000"
    stale = reply_to(ingrid, "ingrid@example.org", "DECLINED", world.clock.now)
    late = world._json(world.client.post("/api/v1/intake", content=stale, headers=world.api | RFC822))
    assert (late["applied"], late["reason"]) == (False, "old-date")
    world.client.post(path, data={"answer": "yes"})

    # The day itself: attendance, a walk-in, the close, the report.
    world.clock.at(datetime(2027, 1, 28, 17, 0, tzinfo=UTC))
    world.work()
    for address, status in (("maria@example.org", "present"), ("ingrid@example.org", "absent")):
        world.post(f"/invitations/{rows[people[address]]['id']}/attendance", {"status": status})
    guest = world.post("/people", {"name": "Grace Mutua", "email": "grace@example.org", "source": "came along"})
    world.post(f"/events/{event['id']}/walk-ins", {"person_id": guest["id"]})
    world.clock.at(datetime(2027, 1, 28, 19, 0, tzinfo=UTC))
    assert world.post(f"/events/{event['id']}/close", {"head_count": 3})["state"] == "closed"
    snapshot = world.post(f"/projects/{project_id}/snapshots", {"profile": "internal"})
    figures = {f["indicator"]: f["value"] for f in snapshot["figures"]}
    assert (figures["R1"], figures["R2"], figures["E3"], figures["E4"], figures["E6"]) == (6, 6, 2, 2, 1)
    for kind in ("html", "csv", "json"):
        response = world.client.get(f"/api/v1/snapshots/{snapshot['snapshot_id']}.{kind}", headers=world.api)
        assert response.status_code == 200
    public = world.post(f"/projects/{project_id}/snapshots", {"profile": "public"})
    assert {f["value"] for f in public["figures"] if f["indicator"] in ("R1", "E3", "E4")} == {None}


RFC822 = {"Content-Type": "message/rfc822"}


def reply_to(message, address: str, partstat: str, now: datetime) -> bytes:
    """Return what a calendar program mails when its user presses a button."""
    entry = calendar_lines(message)
    words = {
        "address": address,
        "organizer": entry["ORGANIZER"].removeprefix("mailto:"),
        "uid": entry["UID"],
        "sequence": entry["SEQUENCE"],
        "stamp": now,
        "partstat": partstat,
    }
    return REPLY.format(**words).encode()


def test_a_cancelled_event_leaves_every_calendar_and_sends_nothing_after(world: World):
    project_id = make_project(world)
    event = make_seminar(world, project_id)
    list_id = import_people(world)
    world.post(f"/events/{event['id']}/invitations", {"list_id": list_id, "send": True})
    world.clock.forward(seconds=61)
    world.work()

    cancelled = world.post(f"/events/{event['id']}/cancel", {"reason": "The venue closed"})
    world.clock.forward(seconds=61)
    world.work()

    entry = calendar_lines(world.last_letter("maria@example.org"))
    assert (cancelled["state"], cancelled["told"], cancelled["sequence"]) == ("cancelled", 6, 1)
    assert (entry["METHOD"], entry["STATUS"], entry["SEQUENCE"], entry["UID"]) == (
        "CANCEL",
        "CANCELLED",
        "1",
        event["uid"],
    )
    sent = len(world.letters())
    for day in (22, 27, 29):
        world.clock.at(datetime(2027, 1, day, 14, 5, tzinfo=UTC))
        world.work()
    assert len(world.letters()) == sent
    page = world.client.get(answer_path(world.letters("maria@example.org")[0]))
    assert (page.status_code, "It will not take place." in page.text) == (200, True)
