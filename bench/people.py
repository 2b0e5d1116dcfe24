"""`python -m bench.people [URL]`: find among 100,000 people: a page and its count, for searches and filters.

A SQLite file in a temporary folder, or the empty database of a URL. Aim: 100 ms for page and count together.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlmodel import Session

from service.db.engine import make_engine, reading, writing
from service.directory import store
from service.directory.filters import EVERYBODY, read_filter
from service.events.tables import Event, Project
from service.invitations.tables import Invitation
from service.kernel.ids import new_id
from service.kernel.regions import region_of
from service.people.rules.fields import search_text
from service.people.tables import Audience, MailingList, Membership, Organisation, Person
from service.schema import metadata

PEOPLE, RUNS, PAGE, AIM = 100_000, 9, 50, 100.0
NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
FIRST = ("Maria", "Tomás", "Ingrid", "Joseph", "Layla", "Fatou", "Amara", "Edvin", "Zsófia", "Łucja")
LAST = ("Achieng", "Rivadeneira", "Solheim", "Karanja", "Mansour", "Ndiaye", "Okoye", "Larsson", "Quispe")
COUNTRIES = ("KE", "EC", "NO", "JO", "SN", "GB", "IN", "BR", None)
LANGUAGES = ("en", "es", "nb", "en-GB", "ar", "fr", None)
TYPES = ("coalition", "national_ngo", "ministry", "university", None)
Row = dict[str, Any]


def main() -> None:
    """Fill a database, take times, print them."""
    if len(sys.argv) > 1:
        _bench(make_engine(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        _bench(make_engine(f"sqlite:///{Path(folder) / 'people.db'}"))


def _bench(engine: Engine) -> None:
    started = time.perf_counter()
    names = fill(engine, random.Random(1))
    took = time.perf_counter() - started
    print(f"{PEOPLE:,} people on {engine.dialect.name}; {os.cpu_count()} cores; filled in {took:.1f} s")
    worst = max(_measure(engine, title, typed, tree) for title, typed, tree in searches(names))
    worst = max(worst, _measure(engine, "everybody, a page far down", "", {}, after=names["far down"]))
    print(f"{'the slowest':<44}{worst:7.1f} ms   aim {AIM:.0f} ms")
    engine.dispose()


def searches(names: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Give what is looked for: a title, the words typed, a filter."""
    yield "everybody", "", {}
    yield "one letter: a", "a", {}
    yield "a common name: maria", "maria", {}
    yield "two words: tomas rivaden", "tomas rivaden", {}
    yield "one person: person-99998", "person-99998", {}
    yield "nobody: zzqx", "zzqx", {}
    yield "an organisation: organisation 4321", "organisation 4321", {}
    yield "country", "", {"country": ["KE", "SN"]}
    yield "tag", "", {"tag": "donor"}
    yield "a tag that nobody has", "", {"tag": "nobody"}
    ranked = {"all": [{"audience_rank": 1}, {"organisation_type": "ministry"}]}
    yield "audience rank and type of organisation", "", ranked
    yield "on a list of 60,000, with a word", "maria", {"list": names["list"]}
    yield "invited, never answered", "", {"invited_and_never_answered": names["event"]}
    yield "the same for a whole project", "", {"invited_and_never_answered": {"project": names["project"]}}
    yield "has not bounced", "", {"has_bounced": False}
    nested = {"any": [{"country": "KE"}, {"all": [{"language": "fr"}, {"not": {"tag": "press"}}]}]}
    yield "nested, with a word", "larsson", {"all": [nested, {"not": {"attended": names["event"]}}]}


def _measure(engine: Engine, title: str, typed: str, tree: Any, after: str | None = None) -> float:
    wanted = read_filter(tree) if tree else EVERYBODY
    times = []
    with reading(engine) as session:
        for _ in range(RUNS):
            started = time.perf_counter()
            found = store.find_and_count(session, wanted, text=typed, after=after, limit=PAGE)
            times.append(1000 * (time.perf_counter() - started))
    middle = statistics.median(times)
    print(f"{title:<44}{middle:7.1f} ms   (best {min(times):.1f}; found {found.total:,})")
    return middle


def fill(engine: Engine, chance: random.Random) -> dict[str, str]:
    """Insert people with organisations, one list, one project with events; return the ids to look by."""
    metadata.create_all(engine)
    project_id, list_id = new_id(), new_id()
    audiences = [new_id() for _ in range(3)]
    organisations = [(new_id(), f"Organisation {n}") for n in range(5_000)]
    events = [_event(project_id, number) for number in range(5)]
    people = [_person(n, chance, audiences, organisations) for n in range(PEOPLE)]
    with writing(engine) as session:
        session.execute(insert(Project).values(**_project(project_id)))
        _insert(session, Audience, (_audience(id_, rank) for rank, id_ in enumerate(audiences, 1)))
        _insert(session, Organisation, (_organisation(id_, name, chance) for id_, name in organisations))
        session.execute(insert(MailingList).values(id=list_id, key="guests", name="Guests", created_at=NOW))
        _insert(session, Event, events)
        _insert(session, Person, people)
        _insert(session, Membership, (_member(list_id, p["id"]) for p in people[:60_000]))
        chosen = ((event["id"], p["id"]) for event in events for p in chance.sample(people, 20_000))
        _insert(session, Invitation, (_invitation(*pair, chance) for pair in chosen))
    with writing(engine) as session:
        session.execute(text("ANALYZE"))
    far_down = sorted(people, key=lambda p: p["folded"])[PEOPLE * 9 // 10]["id"]
    return {"project": project_id, "list": list_id, "event": events[0]["id"], "far down": far_down}


def _insert(session: Session, table: Any, rows: Any) -> None:
    waiting = iter(rows)
    while chunk := list(islice(waiting, 10_000)):
        session.execute(insert(table), chunk)


def _project(id_: str) -> Row:
    days = {"starts_on": date(2026, 4, 1), "ends_on": date(2027, 9, 30)}
    return {"id": id_, "slug": "book", "name": "The book", "time_zone": "UTC", **days, "created_at": NOW}


def _member(list_id: str, person_id: str) -> Row:
    return {"list_id": list_id, "person_id": person_id, "basis": "consent", "joined_at": NOW}


def _audience(id_: str, rank: int) -> Row:
    return {"id": id_, "rank": rank, "key": f"audience-{rank}", "name": f"Audience {rank}"}


def _organisation(id_: str, name: str, chance: random.Random) -> Row:
    return {"id": id_, "name": name, "folded": name.lower(), "type": chance.choice(TYPES), "created_at": NOW}


def _person(number: int, chance: random.Random, audiences: list[str], organisations: list[tuple[str, str]]) -> Row:
    name, address = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}", f"person-{number}@example.org"
    organisation_id, organisation = chance.choice(organisations)
    tags = chance.choice(([], [], [], ["donor"], ["press", "geneva 2026"]))
    country = chance.choice(COUNTRIES)
    return {
        "id": new_id(),
        "name": name,
        "email": address,
        "email_key": address,
        "other_emails": [],
        "tags": tags,
        "organisation_id": organisation_id,
        "audience_id": chance.choice([*audiences, None]),
        "country": country,
        "region": region_of(country),
        "language": chance.choice(LANGUAGES),
        "at_risk": chance.random() < 0.01,
        "folded": search_text(name, address, organisation, tags),
        "created_at": NOW,
        "updated_at": NOW,
    }


def _event(project_id: str, number: int) -> Row:
    starts = NOW - timedelta(days=7 * number + 1)
    return {
        "id": new_id(),
        "project_id": project_id,
        "slug": f"seminar-{number}",
        "kind": "seminar",
        "state": "closed",
        "mode": "hybrid",
        "privacy": "open",
        "title": f"Seminar {number}",
        "starts_local": f"{starts:%Y-%m-%dT%H:%M}",
        "ends_local": f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "time_zone": "Europe/London",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "topics": [],
        "uid": new_id(),
        "changed_at": NOW,
        "created_at": NOW,
    }


def _invitation(event_id: str, person_id: str, chance: random.Random) -> Row:
    answered = chance.random() < 0.5
    return {
        "id": new_id(),
        "event_id": event_id,
        "person_id": person_id,
        "basis": "consent",
        "created_at": NOW,
        "created_by": "system",
        "letter": chance.choices(("sent", "bounced", "unknown"), (95, 4, 1))[0],
        "partstat": "ACCEPTED" if answered else "NEEDS-ACTION",
        "replied_at": NOW if answered else None,
        "attendance": chance.choices(("unknown", "present", "absent"), (60, 25, 15))[0],
    }


if __name__ == "__main__":
    main()
