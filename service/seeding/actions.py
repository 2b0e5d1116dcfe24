"""Load a folder of seed data: people by the importer, events by their own actions with a past `now`.

Everything is found again by its natural key, so loading twice changes nothing. D0, the first day,
is fixed at the first load. What lies in the past is played through and recorded as sent; nothing
is put in the mailbox, and a loaded project sends nothing by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.db.engine import reading, writing
from service.dissemination import actions as dissemination
from service.dissemination.values.plan import (
    MarkerDraft,
    OutputDraft,
    PlanDraft,
    PlanLineDraft,
    ShipmentDraft,
    Target,
)
from service.events import actions as event_actions
from service.events import store as events
from service.events.values import Project
from service.letters.values import Desk
from service.people import actions as people
from service.people import imports, previewing
from service.people import store as people_store
from service.seeding.campaign import complete_event, load_records
from service.seeding.past import play
from service.seeding.reading import people_file, read_folder
from service.seeding.values import Folder, SeedReport

ACTOR = "system"


def load(engine: Engine, folder: Path, *, desk: Desk, now: datetime) -> SeedReport:
    """Load a folder; what is there already is left as it is.

    Raises:
        NoSeeds: the folder cannot be read.
    """
    seeds = read_folder(folder)
    created: Counter[str] = Counter()
    with writing(engine) as session:
        project = _project(session, seeds, created, now=now)
        _audiences_and_lists(session, seeds, created, now=now)
    _people(engine, seeds, created, desk=desk, now=_start(project))
    with writing(engine) as session:
        series_id = _series(session, seeds, project)
    for wanted in seeds.events:
        with writing(engine) as session:
            if events.read_event_by_slug(session, wanted["slug"]) is None:
                play(session, wanted, seeds, project, series_id, desk=desk, d0=project.starts_on, now=now)
                created["events"] += 1
                complete_event(session, wanted, now=_start(project))
    with writing(engine) as session:
        plan = _plan(seeds, project.starts_on)
        created.update(dissemination.load_plan(session, project.id, plan, now=_start(project), actor=ACTOR))
    with writing(engine) as session:
        created.update(load_records(session, project.id, seeds, d0=project.starts_on, now=now))
    return SeedReport(dict(created))


def _start(project: Project) -> datetime:
    return datetime.combine(project.starts_on, datetime.min.time(), tzinfo=UTC).replace(hour=9)


def _project(session: Session, seeds: Folder, created: Counter[str], *, now: datetime) -> Project:
    wanted = seeds.project
    if known := events.read_project_by_slug(session, wanted["key"]):
        return known
    d0 = now.date() - timedelta(days=int(wanted["months_before_load"] * 30.5))
    created["projects"] += 1
    return event_actions.create_project(
        session,
        name=wanted["name"],
        slug=wanted["key"],
        summary=wanted["summary"],
        organisation=wanted["organisation"],
        time_zone=wanted["time_zone"],
        locale=wanted["locale"],
        starts_on=d0,
        ends_on=d0 + timedelta(days=int(wanted["months"] * 30.5)),
        is_sample=True,
        now=datetime.combine(d0, datetime.min.time(), tzinfo=UTC),
        actor=ACTOR,
    )


def _audiences_and_lists(session: Session, seeds: Folder, created: Counter[str], *, now: datetime) -> None:
    known = {a.key for a in people_store.read_audiences(session)}
    for audience in seeds.project["audiences"]:
        if audience["key"] not in known:
            people.create_audience(session, **audience, now=now, actor=ACTOR)
            created["audiences"] += 1
    lists = {x.key for x in people_store.read_lists(session)}
    for wanted in seeds.project["lists"]:
        if wanted["key"] not in lists:
            people.create_list(session, name=wanted["name"], key=wanted["key"], now=now, actor=ACTOR)
            created["lists"] += 1


def _people(engine: Engine, seeds: Folder, created: Counter[str], *, desk: Desk, now: datetime) -> None:
    """Import the people of each list as a user would: a preview, then its rows."""
    with reading(engine) as session:
        known = {p.email for p in people_store.read_people(session, limit=1000).items}
        lists = {x.key: x.id for x in people_store.read_lists(session)}
    fresh = [row for row in seeds.people if row["e-mail"] not in known]
    created["people"] += len(fresh)
    for wanted in seeds.project["lists"]:
        rows = [row for row in fresh if wanted["key"] in row["lists"].split()]
        _import(engine, rows, list_id=lists[wanted["key"]], source=wanted["source"], desk=desk, now=now)
    alone = [row for row in fresh if not row["lists"]]
    _import(engine, alone, list_id=None, source="public directory", desk=desk, now=now)


def _import(
    engine: Engine, rows: Sequence[dict[str, str]], *, list_id: str | None, source: str, desk: Desk, now: datetime
) -> None:
    if not rows:
        return
    with writing(engine) as session:
        view = previewing.preview_import(
            session,
            people_file(rows),
            filename="people.csv",
            list_id=list_id,
            consent_basis="consent" if list_id else None,
            consent_source=source,
            address_key=desk.address_key,
            now=now,
            actor=ACTOR,
        )
        imports.start_apply(session, view.id, now=now, actor=ACTOR)
    while imports.apply_chunk(engine, view.id, address_key=desk.address_key, now=now):
        pass


def _series(session: Session, seeds: Folder, project: Project) -> str:
    wanted = seeds.project["series"]
    known = next((s for s in events.read_series(session, project.id) if s["slug"] == wanted["slug"]), None)
    return known["id"] if known else events.add_series(session, project.id, wanted["title"], wanted_slug=wanted["slug"])


def _plan(seeds: Folder, d0: date) -> PlanDraft:
    def day(raw: str) -> date | None:
        return d0 + timedelta(days=int(raw)) if raw else None

    return PlanDraft(
        outputs=tuple(_output(o, d0) for o in seeds.outputs),
        lines=tuple(
            PlanLineDraft(
                key=row["key"],
                title=row["title"],
                due_on=d0 + timedelta(days=int(row["due"])),
                audience_key=row["audience"] or None,
                channel=row["channel"],
                output_key=row["output"] or None,
                event_key=row["event"] or None,
                owner=row["owner"],
                status=row["status"],
                delivered_on=day(row["delivered"]),
                reason=row["reason"],
                evidence=row["evidence"],
            )
            for row in seeds.plan
        ),
        targets=tuple(_target(row, d0) for row in seeds.targets),
        shipments=tuple(_shipment(row, d0) for row in seeds.shipments),
        markers=tuple(MarkerDraft(row["audience"], row["level"], row["text"]) for row in seeds.markers),
    )


def _output(wanted: dict[str, Any], d0: date) -> OutputDraft:
    fields = {name: value for name, value in wanted.items() if name != "published"}
    for name in ("languages", "tags"):
        fields[name] = tuple(fields.get(name, ()))
    if "published" in wanted:
        fields |= {"status": "published", "published_on": d0 + timedelta(days=wanted["published"])}
    return OutputDraft(**fields)


def _target(row: dict[str, str], d0: date) -> Target:
    due = d0 + timedelta(days=int(row["due"]))
    return Target(row["indicator"], float(row.get("baseline") or 0), float(row["target"]), due, row["note"])


def _shipment(row: dict[str, str], d0: date) -> ShipmentDraft:
    day = d0 + timedelta(days=int(row["day"]))
    return ShipmentDraft(
        row["output"], day, int(row["copies"]), row["audience"] or None, row["note"], row.get("country") or None
    )
