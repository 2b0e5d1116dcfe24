"""`python -m bench.report [URL]`: figures of 200,000 invitations, 1,000,000 deliveries and 5,000,000 material hits.

60,000 people, 30 events, 40 materials whose hits stand as daily counts of 540 days and 9 channels. On
SQLite, a file in a temporary folder, unless `URL` names an empty database. Aims: live figures in 300 ms,
a snapshot in 2 s, 1 ms for a material hit.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count as counter
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from service.db.engine import make_engine, reading, writing
from service.dissemination import actions, materials
from service.dissemination.handouts import CHANNELS
from service.dissemination.rendering import FORMATS, render
from service.dissemination.tables.materials import Asset, AssetHitDaily
from service.dissemination.tables.plan import IndicatorTarget
from service.events.tables import Event, Project
from service.invitations.tables import Invitation
from service.kernel.ids import new_id
from service.kernel.regions import region_of
from service.mail.tables import Delivery, Mailing
from service.people.tables import Audience, Organisation, Person
from service.schema import metadata

PEOPLE, EVENTS, INVITATIONS = 60_000, 30, 200_000
DELIVERIES, HITS, MATERIALS, DAYS = 1_000_000, 5_000_000, 40, 540
NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
COUNTRIES = ("KE", "EC", "NO", "JO", "SN", "GB", "IN", "BR", "PH", "CA", "ZA", "FR", "UA", "TH", "NG", "MX")
RUNS = 7
COUNTED = ("invitation", "asset_hit_daily")
Row = dict[str, Any]


def main(arguments: Sequence[str] = ()) -> None:
    """Fill a database, take times, print them."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(arguments[0] if arguments else f"sqlite:///{Path(folder) / 'report.db'}")
        started = time.perf_counter()
        print(f"on {engine.dialect.name}; {DELIVERIES:,} deliveries, {HITS:,} material hits")
        project_id = fill(engine, random.Random(1))
        print(f"{INVITATIONS:,} invitations, {PEOPLE:,} people, {EVENTS} events; {os.cpu_count()} cores")
        print(f"filled in {time.perf_counter() - started:.1f} s")
        measure(engine, project_id)
        engine.dispose()


def measure(engine: Engine, project_id: str) -> None:
    """Print the times of freezing and of each format, the first run and the middle of the others."""

    def freeze() -> Any:
        with writing(engine) as session:
            return actions.freeze_snapshot(session, project_id, profile="donor", now=NOW, actor="system")

    def live() -> Any:
        with reading(engine) as session:
            return actions.live_figures(session, project_id, "internal", NOW)

    def in_full() -> Any:
        with reading(engine) as session:
            return actions.live_figures(session, project_id, "internal", NOW, in_full=True)

    def count() -> Any:
        with reading(engine) as session:
            return [session.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in COUNTED]

    callers = (f"2001:db8::{n:x}" for n in counter())  # each another one, or it would be a double click

    def hits() -> None:
        with writing(engine) as session:
            for caller in islice(callers, 100):
                materials.count(session, asset_id, "print", caller=caller, agent="Firefox", now=NOW)

    with reading(engine) as session:
        asset_id = materials.read_all(session, project_id)[0].id
    plain, figures = _took("plain count", count), _took("live figures", live)
    print(
        f"live figures take {figures / plain:.1f} times as long as one SELECT count(*) of each of {', '.join(COUNTED)}"
    )
    _took("live report", in_full)
    print(f"one material hit {_took('100 hits', hits) / 100:7.3f} ms   aim 1 ms")
    snapshot = freeze()
    total = [_took("freeze", freeze)]
    for format in FORMATS:
        total.append(_took(f"render {format}", lambda format=format: render(snapshot, format)))  # type: ignore[misc]
    print(f"{'freeze + html':<14}{total[0] + total[1]:7.1f} ms   aim 300 ms")


def _took(name: str, work: Callable[[], object]) -> float:
    times, own = [], time.process_time()
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    own = 1000 * (time.process_time() - own) / RUNS
    aside = f"best {min(times):.1f}, first {times[0]:.1f}; {own:.1f} of our processor"
    print(f"{name:<14}{statistics.median(times):7.1f} ms   ({aside})")
    return statistics.median(times)


def fill(engine: Engine, chance: random.Random) -> str:
    """Insert the project and return its id."""
    metadata.create_all(engine)
    project_id, audiences = new_id(), [new_id() for _ in range(3)]
    organisations, people = [new_id() for _ in range(5_000)], [new_id() for _ in range(PEOPLE)]
    events = [_event(project_id, number) for number in range(EVENTS)]
    with writing(engine) as session:
        session.execute(insert(Project).values(**_project(project_id)))
        session.execute(insert(Audience), [_audience(id_, rank) for rank, id_ in enumerate(audiences, 1)])
        session.execute(insert(Organisation), [_organisation(id_) for id_ in organisations])
        session.execute(insert(Person), [_person(id_, chance, audiences, organisations) for id_ in people])
        session.execute(insert(Event), events)
        targets = {"E4": 20_000, "R1": 50_000, "R3": 95, "R6": 60, "E2": 35, "E5": 65, "R8": 4_000}
        session.execute(insert(IndicatorTarget), [_target(project_id, one, n) for one, n in targets.items()])
    invitations = list(_invitations(events, people, chance))
    _pour(engine, Invitation, iter(invitations))
    mailings = [_mailing(event["id"], number) for event in events for number in range(5)]
    _pour(engine, Mailing, iter(mailings))
    _pour(engine, Delivery, _deliveries(mailings, invitations))
    assets = [_asset(project_id, number) for number in range(MATERIALS)]
    _pour(engine, Asset, iter(assets))
    _pour(engine, AssetHitDaily, _hits(assets))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # as its own daemon does; SQLite plans by rule
    return project_id


def _pour(engine: Engine, table: Any, rows: Iterator[Row]) -> None:
    while chunk := list(islice(rows, 20_000)):
        with writing(engine) as session:
            session.execute(insert(table), chunk)


def _mailing(event_id: str, number: int) -> Row:
    same = {"kind": "invitation" if number == 0 else "reminder", "state": "done", "semantics": "at-least-once"}
    return {"id": new_id(), "context": f"event:{event_id}", **same, "created_by": "system", "created_at": NOW}


def _deliveries(mailings: list[Row], invitations: list[Row]) -> Iterator[Row]:
    """Yield five letters for each invitation, all sent."""
    by_event: dict[str, list[Row]] = {}
    for one in mailings:
        by_event.setdefault(str(one["context"]).partition(":")[2], []).append(one)
    for invited in invitations:
        for mailing in by_event[invited["event_id"]]:
            yield {
                "id": new_id(),
                "mailing_id": mailing["id"],
                "recipient_ref": invited["id"],
                "address": f"{invited['person_id']}@example.org",
                "address_hash": invited["person_id"],
                "domain": "example.org",
                "state": "sent",
                "created_at": NOW,
                "next_attempt_at": NOW,
                "finished_at": NOW,
            }


def _asset(project_id: str, number: int) -> Row:
    link = {"kind": "link", "address": "https://example.org/book", "added_by": "system", "added_at": NOW}
    return {"id": new_id(), "project_id": project_id, "title": f"Chapter {number}", "language": "en", **link}


def _hits(assets: list[Row]) -> Iterator[Row]:
    """Yield as many requests as `HITS`, spread over days and channels."""
    each = HITS // (MATERIALS * DAYS * len(CHANNELS))
    for asset in assets:
        for channel in CHANNELS:
            for days in range(DAYS):
                day = (NOW - timedelta(days=days)).date()
                yield {"asset_id": asset["id"], "channel": channel, "day": day, "requests": each, "sessions": each // 2}


def _project(id_: str) -> Row:
    days = {"starts_on": date(2026, 4, 1), "ends_on": date(2027, 9, 30)}
    return {"id": id_, "slug": "book", "name": "The book", "time_zone": "Europe/London", **days, "created_at": NOW}


def _audience(id_: str, rank: int) -> Row:
    name = ("Civil society", "Policy makers", "Academia")[rank - 1]
    share = (0.6, 0.25, 0.15)[rank - 1]
    return {"id": id_, "rank": rank, "key": f"audience-{rank}", "name": name, "planned_share": share}


def _organisation(id_: str) -> Row:
    return {"id": id_, "name": f"Organisation {id_}", "folded": id_, "created_at": NOW}


def _person(id_: str, chance: random.Random, audiences: list[str], organisations: list[str]) -> Row:
    country = chance.choice(COUNTRIES)
    return {
        "id": id_,
        "name": f"Guest {id_[-6:]}",
        "email": f"{id_}@example.org",
        "email_key": f"{id_}@example.org",
        "other_emails": [],
        "tags": [],
        "organisation_id": chance.choice(organisations),
        "audience_id": chance.choice([*audiences, None]),
        "country": country,
        "region": region_of(country),
        "at_risk": chance.random() < 0.01,
        "folded": f"guest {id_} {id_}@example.org some organisation",
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


def _target(project_id: str, indicator: str, amount: float) -> Row:
    return {"project_id": project_id, "indicator": indicator, "target": amount, "due_on": date(2027, 9, 30)}


def _invitations(events: list[Row], people: list[str], chance: random.Random) -> Iterator[Row]:
    """Yield the invitations, each event's to its own choice of people."""
    each = -(-INVITATIONS // EVENTS)
    rows = ((event["id"], person) for event in events for person in chance.sample(people, each))
    for event_id, person_id in islice(rows, INVITATIONS):
        yield {
            "id": new_id(),
            "event_id": event_id,
            "person_id": person_id,
            "basis": "consent",
            "created_at": NOW,
            "created_by": "system",
            "letter": chance.choices(("sent", "bounced", "unknown"), (95, 4, 1))[0],
            "partstat": chance.choices(("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"), (50, 30, 15, 5))[0],
            "attendance": chance.choices(("unknown", "present", "absent"), (60, 25, 15))[0],
        }


if __name__ == "__main__":
    main(sys.argv[1:])
