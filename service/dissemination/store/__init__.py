"""The SQL of figures and the plan.

Invitations are counted by `store.invited`. What each tally means stands once, in `store.tallies`; so does what
outlives the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, update
from sqlmodel import Session

from service.campaign.tables import LocalEvent
from service.db.engine import is_sqlite
from service.db.types import columns
from service.dissemination.facts import AudienceFact, EventFact, Facts, OutputFact, RecordFact, TaskFact
from service.dissemination.proving import Claim
from service.dissemination.snapshots import Period
from service.dissemination.store import (
    case_studies,
    costs,
    evidence,
    external,
    follow_ups,
    guest_tasks,
    invited,
    kinds,
    manual,
    outcomes,
    places,
    records,
    shipments,
    tallies,
)
from service.dissemination.store import materials as material_store
from service.dissemination.store import tasks as task_store
from service.dissemination.tables.plan import IndicatorTarget, Output, ProgressMarker, Shipment
from service.dissemination.tables.plan import PlanLine as PlanRow
from service.dissemination.tasks import due_day
from service.dissemination.values.given import Given
from service.dissemination.values.plan import LineStatus, Milestone, PlanLine, Target
from service.events.store import read_events as read_event_values
from service.events.tables import Event, Project
from service.events.values import RESEARCH_KINDS, EventId, Mode
from service.invitations.tables import Invitation
from service.kernel.clock import local_time
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.kernel.regions import region_of, region_of_zone
from service.people.tables import Audience, Person

_I, _T = columns(Invitation), columns(LocalEvent)
_P = columns(Person)
_E = columns(Event)
_J = columns(Project)
_A = columns(Audience)
_L = columns(PlanRow)
_LINE = [_L[name] for name in PlanLine.__dataclass_fields__]
_RESEARCH = frozenset(kind.value for kind in RESEARCH_KINDS)
_IN_A_ROOM = (Mode.IN_PERSON.value, Mode.HYBRID.value)


class UnknownPlanLine(NotFound):
    """There is no such line in the plan."""

    code = "unknown-plan-line"


def hold_still(session: Session) -> None:
    """Let nobody write invitations until the transaction ends, so that all SELECTs of a snapshot count the same ones.

    On SQLite a transaction that writes is alone already. Whoever deletes invitations keeps their
    numbers in the same transaction, so the tallies stand still with them.
    """
    # REPEATABLE READ would let nobody wait, but it has to be said before the first query of a transaction, and by then
    # a request has claimed its Idempotency-Key and read its project; two that claim one would also fail at each other
    # and need trying again. A connection of its own would not see what this transaction has written.
    if not is_sqlite(session):
        session.execute(text("LOCK TABLE invitation IN SHARE MODE"))


def read_facts(
    session: Session,
    project_id: str,
    period: Period | None,
    *,
    zone: str,
    now: datetime,
    in_full: bool = False,
    inside: bool = False,
) -> Facts:
    """Return what the indicators read. A period takes in only what starts or happens in it.

    `in_full`: with all breakdowns, and the months of use, that a report prints; `inside`: with those, too, that
    are printed inside only.
    """
    today = local_time(now, zone).date()
    events = read_events(session, project_id, period, now=now)
    counted = [event.id for event in events if event.is_counted]
    held = [event.id for event in events if event.is_held]
    segments, organisations, countries = invited.read_by_person(session, counted, held)
    deleted, said = tallies.read(session, counted, held), follow_ups.read(session, held, today=today)
    by_event = _with(_with(invited.read_by_event(session, counted, held), deleted[0]), said)
    copies, copies_to = _copies(session, project_id, period)
    return Facts(
        today=today,
        audiences=read_audiences(session),
        events=tuple(events),
        segments=(*segments, *deleted[1]),
        by_event=by_event,
        shown=follow_ups.sum_shown(by_event),
        kinds=kinds.read(session, counted, held) if inside else None,
        languages=kinds.read_languages(session, counted) if in_full else None,
        organisations_of=places.read_organisations(session, held) if in_full else None,
        organisations=organisations,
        countries=countries,
        outputs=_outputs(session, project_id, period),
        plan=tuple(read_plan(session, project_id, period)),
        copies=copies,
        copies_to=copies_to,
        print=tuple(shipments.sum_up(session, project_id, period)),
        said=follow_ups.read_by_audience(session, held, today=today),
        marks=follow_ups.read_marks(session, held),
        used=follow_ups.read_used(session, held),
        given=_given(session, project_id, period),
        tasks=read_due_tasks(session, project_id, period, today=today),
        external=external.read_lines(session, project_id, period),
        outcomes=tuple(outcomes.read_confirmed(session, project_id, period)),
        studies=tuple(case_studies.read_published(session, project_id)),
        records=_records(session, project_id, period),
        materials=tuple(material_store.read_all(session, project_id)),
        hits=tuple(material_store.read_hits(session, project_id, period)),
        use=tuple(material_store.read_use(session, project_id, period)) if in_full else (),
        costs={event_id: round(spent / 100) for event_id, spent in costs.sum_up(session, held).items()},
        currency=costs.read_currency(session, project_id),
        files=evidence.count(session, project_id, Claim.LINE),
        sheets=evidence.count(session, project_id, Claim.EVENT),
    )


def _given(session: Session, project_id: str, period: Period | None) -> dict[str, tuple[Given, ...]]:
    found = manual.read_figures(session, project_id, period)
    return {key: tuple(one for one in found if one.indicator == key) for key in {one.indicator for one in found}}


def _records(session: Session, project_id: str, period: Period | None) -> dict[str, tuple[RecordFact, ...]]:
    harvested = tuple(outcomes.read_facts(session, project_id, period))
    return records.read_facts(session, project_id, period) | ({"C1": harvested} if harvested else {})


def read_due_tasks(
    session: Session, project_id: str, period: Period | None = None, *, today: date
) -> tuple[TaskFact, ...]:
    """Return the tasks due by today, those of the days of a period; of a checklist each is its role's."""
    events = {event.id: event for event in read_event_values(session, project_id)}
    days = (
        (task.done_on, due_day(task, events[EventId(task.event_id)]), task.role)
        for task in task_store.read_tasks(session, events)
    )
    for_guests = ((task.done_on, task.due_on, task.owner) for task in guest_tasks.read_tasks(session, events))
    return tuple(
        TaskFact(due, done, owner)
        for done, due, owner in (*days, *for_guests)
        if due and due <= today and (period is None or period.starts_on <= due < period.ends_on)
    )


def read_audiences(session: Session) -> tuple[AudienceFact, ...]:
    """Return the audiences by rank."""
    query = select(_A.key, _A.rank, _A.name, _A.planned_share).order_by(_A.rank, _A.key)
    return tuple(AudienceFact(*row) for row in session.execute(query))


def read_events(session: Session, project_id: str, period: Period | None, *, now: datetime) -> list[EventFact]:
    """Return a project's events in order of start, those that start on the days of the period."""
    query = (
        select(
            _E.id,
            _E.slug,
            _E.title,
            _E.kind,
            _E.state,
            _E.privacy,
            _E.mode,
            _E.time_zone,
            _E.starts_local,
            _E.ends_at,
            _T.umbrella_id,
        )
        .outerjoin(LocalEvent, _T.event_id == _E.id)
        .where(_E.project_id == project_id)
        .order_by(_E.starts_at, _E.id)
    )
    found = [
        EventFact(
            id=row.id,
            title=row.title,
            kind=row.kind,
            state=row.state,
            privacy=row.privacy,
            mode=row.mode,
            starts_on=date.fromisoformat(row.starts_local[:10]),
            is_research=row.kind in _RESEARCH,
            is_over=row.ends_at < now,
            slug=row.slug,
            umbrella=row.umbrella_id,
            region=region_of_zone(row.time_zone) if row.mode in _IN_A_ROOM else None,
        )
        for row in session.execute(query)
    ]
    return [event for event in found if period is None or period.starts_on <= event.starts_on < period.ends_on]


def _with(live: Mapping[str, Mapping[str, int]], deleted: Mapping[str, Counter[str]]) -> dict[str, Mapping[str, int]]:
    """Return the tallies of events with what is kept of their deleted invitations."""
    return {**live, **{one: Counter(live.get(one, {})) + kept for one, kept in deleted.items()}}


def _outputs(session: Session, project_id: str, period: Period | None) -> tuple[OutputFact, ...]:
    c = columns(Output)
    query = select(c.key, c.kind, c.status == "published", c.title, c.format, c.languages)
    query = query.where(c.project_id == project_id).order_by(c.key)
    if period:
        query = query.where(or_(c.published_on.is_(None), _within(c.published_on, period)))
    return tuple(
        OutputFact(key, kind, bool(out), title, format, tuple(languages))
        for key, kind, out, title, format, languages in session.execute(query)
    )


def _copies(
    session: Session, project_id: str, period: Period | None
) -> tuple[dict[str | None, int], dict[str | None, int]]:
    """Return the copies that are out by the key of an audience, and by region."""
    c = columns(Shipment)
    query = select(c.audience_key, c.country, func.sum(c.copies)).where(c.project_id == project_id)
    if period:
        query = query.where(_within(c.shipped_on, period))
    to: tuple[dict[str | None, int], dict[str | None, int]] = {}, {}
    for audience, country, copies in session.execute(query.group_by(c.audience_key, c.country)):
        for found, key in zip(to, (audience, region_of(country)), strict=True):
            found[key] = found.get(key, 0) + int(copies)
    return to


def _within(day: Any, period: Period) -> ColumnElement[bool]:
    return and_(day >= period.starts_on, day < period.ends_on)


def read_plan(session: Session, project_id: str, period: Period | None = None) -> list[PlanLine]:
    """Return the lines of a plan by due date, those due in the period."""
    query = select(*_LINE).where(_L.project_id == project_id).order_by(_L.due_on, _L.key)
    if period:
        query = query.where(_within(_L.due_on, period))
    return [_line(row) for row in session.execute(query).mappings()]


def read_plan_line(session: Session, line_id: str) -> PlanLine:
    """Return one line of a plan.

    Raises:
        UnknownPlanLine: there is none of this id.
    """
    row = session.execute(select(*_LINE).where(_L.id == line_id)).mappings().first()
    if row is None:
        raise UnknownPlanLine("There is no such line in the plan.")
    return _line(row)


def read_zone(session: Session, line_id: str) -> str:
    """Return the time zone of the project a line belongs to."""
    query = select(_J.time_zone).join(PlanRow, _L.project_id == _J.id).where(_L.id == line_id)
    return str(session.execute(query).scalar_one())


def _line(row: Mapping[Any, Any]) -> PlanLine:
    return PlanLine(**{**row, "status": LineStatus(row["status"])})


def write_plan_line(session: Session, line: PlanLine) -> None:
    """Write what changes on a line: status, reason, evidence, day of delivery."""
    values = {name: getattr(line, name) for name in ("reason", "evidence", "delivered_on")}
    session.execute(update(PlanRow).where(_L.id == line.id).values(status=line.status.value, **values))


def read_targets(session: Session, project_id: str) -> list[Target]:
    """Return what the plan promises, by indicator."""
    c = columns(IndicatorTarget)
    query = select(c.indicator, c.baseline, c.target, c.due_on, c.note, c.milestones, c.weight, c.risk)
    rows = session.execute(query.where(c.project_id == project_id).order_by(c.indicator))
    return [Target(**{**row, "milestones": _milestones(row["milestones"])}) for row in rows.mappings()]


def _milestones(stored: Iterable[Mapping[str, Any]]) -> tuple[Milestone, ...]:
    return tuple(Milestone(date.fromisoformat(one["on"]), one["value"]) for one in stored)


def add_outputs(session: Session, project_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the outputs whose key the project does not have; return how many."""
    return _add_new(session, Output, project_id, rows, ("key",))


def add_plan_lines(session: Session, project_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the plan lines whose key the project does not have; return how many."""
    return _add_new(session, PlanRow, project_id, rows, ("key",))


def add_targets(session: Session, project_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the targets of indicators that have none; return how many."""
    rows = [{**row, "milestones": [milestone_row(one) for one in row["milestones"]]} for row in rows]
    return _add_new(session, IndicatorTarget, project_id, rows, ("indicator",))


def milestone_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a milestone as it is stored."""
    return {"on": one["on"].isoformat(), "value": one["value"]}


def add_shipments(session: Session, project_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the shipments that are not there as they are; return how many."""
    return _add_new(session, Shipment, project_id, rows, ("output_key", "shipped_on", "audience_key", "note"))


def add_markers(session: Session, project_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the progress markers of audiences that have none of that level; return how many."""
    return _add_new(session, ProgressMarker, project_id, rows, ("audience_key", "level"))


def _add_new(
    session: Session, table: Any, project_id: str, rows: Iterable[Mapping[str, Any]], same: tuple[str, ...]
) -> int:
    c = columns(table)
    query = select(*(c[name] for name in same)).where(c.project_id == project_id)
    there = {tuple(row) for row in session.execute(query)}
    fresh = [
        {**({"id": new_id()} if "id" in c else {}), "project_id": project_id, **row}
        for row in rows
        if tuple(row[name] for name in same) not in there
    ]
    if fresh:
        session.execute(insert(table), fresh)
    return len(fresh)
