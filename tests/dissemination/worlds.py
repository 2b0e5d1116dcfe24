"""Small worlds for figures: people, events and invitations put straight into the tables.

`World` is plain data, so that a test can count it again by hand; `store_world` inserts it in bulk.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from service.dissemination.tables.materials import Asset, AssetHitDaily
from service.dissemination.tables.plan import IndicatorTarget, Output, PlanLine, Shipment
from service.events.tables import Event, Project
from service.invitations.tables import Invitation
from service.kernel.ids import new_id
from service.kernel.regions import region_of
from service.people.tables import Audience, Organisation, Person

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
COUNTRIES = ("KE", "EC", "NO", "JO", "SN", "GB", "IN")
MODES, ZONES = ("hybrid", "in_person", "online"), ("Africa/Nairobi", "Europe/London", "UTC")
AUDIENCES = ("civil_society", "policy", "academia")
SHARES = (0.6, 0.25, 0.15)


@dataclass
class World:
    """Rows by table. Audiences and organisations are named by their place in the list."""

    project: dict[str, Any]
    audiences: list[dict[str, Any]] = field(default_factory=list)
    organisations: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    invitations: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    plan: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    shipments: list[dict[str, Any]] = field(default_factory=list)
    materials: list[dict[str, Any]] = field(default_factory=list)
    hits: list[dict[str, Any]] = field(default_factory=list)
    gone: frozenset[str] = frozenset()  # the ids of invitations that were deleted

    @property
    def project_id(self) -> str:
        return str(self.project["id"])


def empty_world() -> World:
    """A project from April 2026 to September 2027, three ranked audiences, nobody in it."""
    project = {
        "id": new_id(),
        "slug": f"book-{new_id()}",
        "name": "Resource book on coalition campaigning",
        "summary": "",
        "organisation": "Halden Trust",
        "time_zone": "Europe/London",
        "locale": "en",
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 9, 30),
        "is_sample": False,
        "created_at": NOW,
    }
    world = World(project)
    for rank, (key, share) in enumerate(zip(AUDIENCES, SHARES, strict=True), start=1):
        name = key.replace("_", " ").capitalize()
        world.audiences.append({"id": new_id(), "rank": rank, "key": key, "name": name, "planned_share": share})
    return world


def add_person(world: World, **wishes: Any) -> dict[str, Any]:
    """Put in one person of the first audience, in Kenya."""
    number = len(world.people)
    row = {
        "id": new_id(),
        "name": f"Guest {number}",
        "email": f"guest{number}@example.org",
        "email_key": f"guest{number}-{new_id()}@example.org",
        "other_emails": [],
        "tags": [],
        "organisation_id": None,
        "audience_id": world.audiences[0]["id"],
        "country": "KE",
        "language": None,
        "at_risk": False,
        "folded": "",
        "created_at": NOW,
        "updated_at": NOW,
        **wishes,
    }
    row["region"] = region_of(row["country"])
    world.people.append(row)
    return row


def add_event(world: World, *, days_ago: int = 30, **wishes: Any) -> dict[str, Any]:
    """Put in one open seminar, closed."""
    starts = NOW - timedelta(days=days_ago)
    row = {
        "id": new_id(),
        "project_id": world.project_id,
        "slug": f"event-{new_id()}",
        "kind": "seminar",
        "state": "closed",
        "mode": "hybrid",
        "privacy": "open",
        "title": f"Seminar {len(world.events) + 1}",
        "summary": "",
        "language": "en",
        "starts_local": f"{starts:%Y-%m-%dT%H:%M}",
        "ends_local": f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "time_zone": "Europe/London",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "place": "",
        "online_url": "",
        "offer_freed_seats": False,
        "topics": [],
        "uid": new_id(),
        "sequence": 0,
        "revision": 1,
        "changed_at": NOW,
        "created_at": NOW,
        "cancel_reason": "",
        **wishes,
    }
    world.events.append(row)
    return row


def invite(world: World, event: dict[str, Any], person: dict[str, Any], **wishes: Any) -> dict[str, Any]:
    """Put in one invitation whose letter was delivered and which has no answer."""
    row = {
        "id": new_id(),
        "event_id": event["id"],
        "person_id": person["id"],
        "basis": "consent",
        "created_at": NOW,
        "created_by": "staff:01test",
        "walk_in": False,
        "withdrawn_at": None,
        "letter": "sent",
        "partstat": "NEEDS-ACTION",
        "online": False,
        "comment": "",
        "asked_again": False,
        "seat": "none",
        "seat_order": 0,
        "attendance": "unknown",
        "revision_told": 1,
        "token_version": 1,
        "unsubscribed": False,
        **wishes,
    }
    world.invitations.append(row)
    return row


def add_attendees(world: World, event: dict[str, Any], count: int, **person: Any) -> list[dict[str, Any]]:
    """Put in people who were invited to an event, said yes and came."""
    found = [add_person(world, **person) for _ in range(count)]
    for one in found:
        invite(world, event, one, partstat="ACCEPTED", attendance="present")
    return found


def add_material(world: World, title: str = "The book", **wishes: Any) -> dict[str, Any]:
    """Put in a material at an address elsewhere, in English."""
    row = {
        "id": new_id(),
        "project_id": world.project_id,
        "output_key": None,
        "title": title,
        "language": "en",
        "kind": "link",
        "address": "https://example.org/book",
        "filename": "",
        "media_type": "",
        "size": 0,
        "sha256": "",
        "version": 1,
        "restricted": False,
        "link_version": 1,
        "added_by": "staff:01test",
        "added_at": NOW,
        "retired_at": None,
        **wishes,
    }
    world.materials.append(row)
    return row


def add_hits(world: World, material: dict[str, Any], requests: int, sessions: int, **wishes: Any) -> None:
    """Put in what a material was asked for by the newsletter on the day before `NOW`."""
    row = {"asset_id": material["id"], "channel": "newsletter", "day": NOW.date() - timedelta(days=1), "robots": 0}
    world.hits.append({**row, "requests": requests, "sessions": sessions, **wishes})


def random_world(seed: int, *, people: int = 60, events: int = 5) -> World:
    """A world in which every letter state, answer, attendance, kind and state of event occurs."""
    chance = random.Random(seed)
    world = empty_world()
    world.organisations = [
        {"id": new_id(), "name": f"Organisation {n}", "folded": f"organisation {n} {new_id()}", "created_at": NOW}
        | {"type": ("coalition", "ministry", None)[n % 3]}
        for n in range(12)
    ]
    for _ in range(people):
        add_person(
            world,
            audience_id=chance.choice([*(a["id"] for a in world.audiences), None]),
            organisation_id=chance.choice([*(o["id"] for o in world.organisations), None]),
            country=chance.choice([*COUNTRIES, None]),
            at_risk=chance.random() < 0.08,
            language=("en", "fr", "pt-BR", "pt", None)[len(world.people) % 5],
        )
    for number in range(chance.randint(0, 3)):
        material = add_material(world, f"Chapter {number}", language=chance.choice(["en", "fr", ""]))
        for channel in chance.sample(["print", "newsletter", "other"], 2):
            for days in chance.sample(range(40), 3):
                day, asked = NOW.date() - timedelta(days=days), chance.randint(0, 50)
                add_hits(world, material, asked, asked // 2, channel=channel, day=day, robots=chance.randint(0, 5))
    states = ["closed", "closed", "announced", "cancelled", "draft", "postponed"]
    kinds = ["seminar", "launch", "focus_group", "briefing"]
    for number in range(events):
        state = "closed" if number < 2 else chance.choice(states)
        kind = "seminar" if number < 2 else chance.choice(kinds)
        privacy = chance.choice(["open", "invited", "confidential"])
        place = {"mode": MODES[number % 3], "time_zone": ZONES[number % 3]}
        event = add_event(world, kind=kind, state=state, privacy=privacy, days_ago=chance.randint(-60, 200), **place)
        for place, person in enumerate(chance.sample(world.people, chance.randint(0, people))):
            invite(world, event, person, online=place % 3 == 0, **_random_axes(chance))
    return world


def _random_axes(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.05:
        return {"walk_in": True, "letter": "none", "attendance": "present"}
    return {
        "letter": chance.choice(["none", "queued", "sent", "sent", "sent", "bounced", "unknown"]),
        "partstat": chance.choice(["NEEDS-ACTION", "ACCEPTED", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]),
        "attendance": chance.choice(["unknown", "present", "absent", "excused"]),
        "withdrawn_at": NOW if chance.random() < 0.1 else None,
        "unsubscribed": chance.random() < 0.1,
    }


def store_world(session: Session, world: World) -> World:
    """Insert a world; rows of its project's plan get the project's id."""
    tables: list[tuple[Any, list[dict[str, Any]]]] = [
        (Project, [world.project]),
        (Audience, world.audiences),
        (Organisation, world.organisations),
        (Person, world.people),
        (Event, world.events),
        (Invitation, world.invitations),
        (Output, [_owned(world, row) for row in world.outputs]),
        (PlanLine, [_owned(world, row) for row in world.plan]),
        (IndicatorTarget, [{"project_id": world.project_id, **row} for row in world.targets]),
        (Shipment, [_owned(world, row) for row in world.shipments]),
        (Asset, world.materials),
        (AssetHitDaily, world.hits),
    ]
    for table, rows in tables:
        if rows:
            session.execute(insert(table), rows)
    return world


def _owned(world: World, row: dict[str, Any]) -> dict[str, Any]:
    return {"id": new_id(), "project_id": world.project_id, **row}


def where(rows: list[dict[str, Any]], wanted: Callable[[dict[str, Any]], bool]) -> int:
    """Return how many rows are wanted."""
    return sum(1 for row in rows if wanted(row))
