"""A generated population with a history, stored and known in plain Python; and the filters' meaning, spelled out."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from service.campaign.tables import Stance
from service.directory.filters import All, AnyOf, Condition, Filter, Not, Scope
from service.invitations.tables import Invitation
from service.kernel.ids import new_id
from service.kernel.regions import region_of
from service.kernel.text import folded
from service.people.rules.fields import search_text
from service.people.rules.organisations import organisation_key
from service.people.tables import Audience, MailingList, Membership, Organisation, Person
from tests.factories import NOW, add_event

NAMES = ("Ada Lovelace", "José Ñandú", "Łucja 100%", "under_score", "Ærø Straße", "ليلى منصور")
COUNTRIES = (None, "KE", "UG", "CH")
LANGUAGES = (None, "en", "en-GB", "fr", "es")
TAGS = ("donor", "Donor", 'a"b', "été", "x%y")
SOURCES = (None, "Card", "Website")
STANCES = {"Lakeside Nétwork": None, "Ministry": "supportive", "X": "reluctant"}  # the ministry's is its state's


@dataclass(frozen=True, slots=True)
class Guest:
    """One person as plain Python knows them."""

    id: str
    text: str
    audience: tuple[str, str, int] | None  # id, key, rank
    country: str | None
    organisation: tuple[str, str, str | None] | None  # id, name, type
    language: str | None
    tags: tuple[str, ...]
    source: str | None
    at_risk: bool
    created_at: datetime
    lists: tuple[tuple[str, str], ...]  # id, key
    invitations: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class World:
    """Everybody, and the ids that filters may name."""

    guests: list[Guest] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # id, project


def populate(session: Session, count: int = 70) -> World:
    """Store a population, the same at every run but for its ids."""
    chance = random.Random(7)
    audiences = [(new_id(), f"audience-{rank}", rank) for rank in (1, 2, 2, 3)]
    audiences = [(id_, f"{key}-{n}", rank) for n, (id_, key, rank) in enumerate(audiences)]
    organisations = [
        (new_id(), "Lakeside Nétwork", "coalition"),
        (new_id(), "Ministry", "ministry"),
        (new_id(), "X", None),
    ]
    lists = [(new_id(), "guests"), (new_id(), "press")]
    for id_, key, rank in audiences:
        session.execute(insert(Audience).values(id=id_, rank=rank, key=key, name=key))
    for id_, name, kind in organisations:
        country = "KE" if kind == "ministry" else "UG"
        row = {"id": id_, "name": name, "folded": organisation_key(name), "type": kind, "created_at": NOW}
        row["country"] = country
        session.execute(insert(Organisation).values(**row))
    for id_, key in lists:
        session.execute(insert(MailingList).values(id=id_, key=key, name=key, created_at=NOW))
    world = World()
    for title in ("One", "Two", "Three"):
        event = add_event(session, title=title)
        world.events.append((event.id, event.project_id))
    _add_stances(session, world.events[0][1], {name: id_ for id_, name, _kind in organisations})
    for number in range(count):
        world.guests.append(_add_guest(session, chance, number, audiences, organisations, lists, world.events))
    return world


def _add_stances(session: Session, project_id: str, organisations: dict[str, str]) -> None:
    """Kenya supports, X is reluctant and was latent; Uganda, where no body of the state is, is in the core group."""
    rows = [
        {"country": "KE", "position": "supportive"},
        {"country": "UG", "position": "core_group"},
        {"organisation_id": organisations["X"], "position": "latent", "is_current": False},
        {"organisation_id": organisations["X"], "position": "reluctant"},
    ]
    for row in rows:
        plain = {"id": new_id(), "project_id": project_id, "noted_on": NOW.date(), "source": "vote", "note": ""}
        session.execute(insert(Stance).values(**{"is_current": True, **plain, **row}))


def _add_guest(
    session: Session, chance: random.Random, number: int, audiences: Any, organisations: Any, lists: Any, events: Any
) -> Guest:
    name, email = f"{chance.choice(NAMES)} {number}", f"guest{number}@example.org"
    organisation = chance.choice([None, *organisations])
    tags = tuple(chance.sample(TAGS, chance.choice((0, 0, 1, 2))))
    guest = Guest(
        id=new_id(),
        text=search_text(name, email, organisation and organisation[1], tags),
        audience=chance.choice([None, *audiences]),
        country=chance.choice(COUNTRIES),
        organisation=organisation,
        language=chance.choice(LANGUAGES),
        tags=tags,
        source=chance.choice(SOURCES),
        at_risk=chance.random() < 0.2,
        created_at=NOW - timedelta(days=chance.randrange(6)),
        lists=tuple(chance.sample(lists, chance.choice((0, 1, 2)))),
    )
    row = {
        "id": guest.id, "name": name, "email": email, "email_key": email, "other_emails": [], "tags": list(tags),
        "organisation_id": organisation and organisation[0], "audience_id": guest.audience and guest.audience[0],
        "country": guest.country, "region": region_of(guest.country), "language": guest.language,
        "source": guest.source, "at_risk": guest.at_risk, "folded": guest.text,
        "created_at": guest.created_at, "updated_at": NOW,
    }  # fmt: skip
    session.execute(insert(Person).values(**row))
    for list_id, _key in guest.lists:
        session.execute(insert(Membership).values(list_id=list_id, person_id=guest.id, joined_at=NOW))
    invitations = tuple(
        _add_invitation(session, chance, guest.id, event) for event in chance.sample(events, chance.randrange(3))
    )
    return replace(guest, invitations=invitations)


def _add_invitation(session: Session, chance: random.Random, person_id: str, event: tuple[str, str]) -> dict[str, Any]:
    partstat = chance.choice(("NEEDS-ACTION", "ACCEPTED", "DECLINED"))
    row = {
        "id": new_id(), "event_id": event[0], "person_id": person_id, "basis": "consent", "created_at": NOW,
        "created_by": "system", "letter": chance.choice(("none", "queued", "sent", "bounced", "unknown")),
        "partstat": partstat, "replied_at": NOW if partstat != "NEEDS-ACTION" else None,
        "attendance": chance.choice(("unknown", "present", "absent")),
        "withdrawn_at": NOW if chance.random() < 0.2 else None,
    }  # fmt: skip
    session.execute(insert(Invitation).values(**row))
    return {**row, "project": event[1]}


# What a filter means, without a database


def holds(node: Filter, guest: Guest) -> bool:
    """Tell whether a filter is true of someone."""
    match node:
        case All(parts):
            return all(holds(part, guest) for part in parts)
        case AnyOf(parts):
            return any(holds(part, guest) for part in parts)
        case Not(part):
            return not holds(part, guest)
        case Condition(name, value):
            return _is_so(name, value, guest)


def _is_so(name: str, value: Any, guest: Guest) -> bool:  # noqa: C901 - a table of meanings
    audience, organisation = guest.audience or (None, None, None), guest.organisation or (None, None, None)
    match name:
        case "text":
            return all(word in guest.text for word in folded(value).split())
        case "audience":
            return guest.audience is None if value is None else bool({*audience[:2]} & {*value})
        case "audience_rank":
            return audience[2] in value
        case "country":
            return guest.country is None if value is None else guest.country in value
        case "region":
            region = region_of(guest.country)
            return region is None if value is None else region in value
        case "organisation":
            named = organisation[1] and organisation_key(organisation[1])
            known = [organisation_key(v) for v in value or ()]
            return guest.organisation is None if value is None else organisation[0] in value or named in known
        case "organisation_type":
            return organisation[2] is None if value is None else organisation[2] in value
        case "stance":
            held = STANCES.get(organisation[1] or "")
            return held is None if value is None else held in value
        case "language":
            said = guest.language
            return said is None if value is None else any(said == t or (said or "").startswith(f"{t}-") for t in value)
        case "tag":
            return not guest.tags if value is None else bool({*guest.tags} & {*value})
        case "source":
            return guest.source is None if value is None else guest.source in value
        case "at_risk":
            return guest.at_risk is value
        case "list":
            return not guest.lists if value is None else any({*one} & {*value} for one in guest.lists)
        case "created_since":
            return guest.created_at >= value
        case "created_before":
            return guest.created_at < value
        case "has_bounced":
            return any(i["letter"] == "bounced" for i in guest.invitations) is value
    return _happened(name, value, guest)


def _happened(name: str, scope: Scope, guest: Guest) -> bool:
    inside = [i for i in guest.invitations if scope in (Scope(event=i["event_id"]), Scope(project=i["project"]))]
    open_ones = [i for i in inside if i["withdrawn_at"] is None]
    match name:
        case "invited":
            return any(i["letter"] != "none" for i in open_ones)
        case "accepted":
            return any(i["partstat"] == "ACCEPTED" for i in open_ones)
        case "attended":
            return any(i["attendance"] == "present" for i in inside)
    heard = any(i["partstat"] != "NEEDS-ACTION" or i["attendance"] == "present" for i in inside)
    return any(i["letter"] in ("sent", "unknown") for i in open_ones) and not heard
