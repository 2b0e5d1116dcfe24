"""The hand-over to the next project manager: what is agreed, what is open, what comes next, as tables in one file.

Nobody is in it unless staff who may take people out as a file put them in; see `people.exports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import meetings, sheets
from service.campaign.sheets import Sheet
from service.campaign.store import GRANTS, INTRODUCTIONS, MEETINGS, MESSAGES
from service.campaign.store.names import organisation_names, people_now
from service.campaign.values import GrantState
from service.dissemination import rules, tasks
from service.dissemination import store as plan_store
from service.dissemination.store import planning
from service.dissemination.store import tasks as task_store
from service.dissemination.tasks import DatedTask
from service.dissemination.values.plan import LineStatus, PlanLine
from service.events import store as events
from service.events.values import Event, EventState, Project
from service.kernel.clock import local_time
from service.mail.store.mailings import read_mailings
from service.mail.values import MailingState
from service.people import store as people
from service.people.values import Person

AHEAD = 31  # days: what is due next month
MOST_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that is due on a day: of which kind, what, about what, and who sees to it."""

    due_on: date
    kind: str
    what: str
    about: str
    owner: str


def collect(session: Session, project: Project, *, now: datetime) -> list[Sheet]:
    """Return the tables of a hand-over; no person is in them."""
    today = local_time(now, project.time_zone).date()
    lines = plan_store.read_plan(session, project.id)
    places = events.read_events(session, project.id, limit=MOST_EVENTS)
    open_tasks = list(_open_tasks(session, places, now=now))
    return [
        _plan("plan", lines),
        _plan("late", rules.late_lines(lines, today)),
        _tasks(open_tasks),
        _due(within(_coming(session, project.id, lines, open_tasks, today), today)),
        _drafts(session, places),
        _lists(session),
        _decisions(session, project.id, lines, places),
        sheets.stances(session, project.id),
        sheets.messages(session, project.id),
        sheets.meetings(session, project.id),
        sheets.lessons(session, project.id),
        sheets.grants(session, project.id),
    ]


def record(session: Session, project: Project, *, people_too: bool, now: datetime, actor: str) -> None:
    """Note who took a hand-over, before it leaves."""
    subject = f"project:{project.id}"
    log.record(session, actor=actor, action="handover.taken", subject=subject, now=now, people=people_too)


def introductions(session: Session, project: Project, *, at_risk: bool) -> Sheet:
    """Return who was introduced to whom: for a hand-over that people are in. Without `at_risk` those stay unnamed."""
    found = INTRODUCTIONS.read_all(session, project.id)
    known = people_now(session, (one for each in found for one in (each.person_id, each.to_person_id)))

    def name(person: Person | None) -> str:
        return "" if person is None or (person.at_risk and not at_risk) else person.name

    rows = tuple(
        (name(known.get(i.person_id)), name(known.get(i.to_person_id)), i.made_on, i.about, i.follow_up, i.follow_up_on)
        for i in found
    )
    return Sheet("introductions", ("who", "to whom", "day", "about", "what follows", "by"), rows)


def _plan(name: str, lines: Iterable[PlanLine]) -> Sheet:
    headings = ("what", "due", "for whom", "channel", "output", "event", "who sees to it", "how it stands")
    return Sheet(name, (*headings, "delivered", "evidence", "reason"), tuple(map(_line, lines)))


def _line(n: PlanLine) -> tuple[Any, ...]:
    promised = (n.title, n.due_on, n.audience_key, n.channel, n.output_key, n.event_key, n.owner)
    return (*promised, n.status, n.delivered_on, n.evidence, n.reason)


def _open_tasks(session: Session, places: Iterable[Event], *, now: datetime) -> Iterator[tuple[Event, DatedTask]]:
    at_work: dict[str, Event] = {event.id: event for event in places if event.state is not EventState.CANCELLED}
    for task in task_store.read_tasks(session, at_work):
        if task.done_on is None:
            event = at_work[task.event_id]
            yield event, tasks.dated(task, event, now=now)


def _tasks(found: Iterable[tuple[Event, DatedTask]]) -> Sheet:
    rows = [(e.title, d.task.text, d.task.role, d.due_on, "yes" if d.is_late else "") for e, d in found]
    in_order = sorted(rows, key=lambda row: (row[3] or date.max, row[0]))
    return Sheet("tasks", ("event", "what", "who sees to it", "due", "late"), tuple(in_order))


def _coming(
    session: Session, project_id: str, lines: Iterable[PlanLine], found: Iterable[tuple[Event, DatedTask]], today: date
) -> Iterator[Coming]:
    """Yield everything with a day: lines of the plan, tasks, next steps of the lobby log, reports on grants."""
    for line in lines:
        if line.is_open:
            yield Coming(line.due_on, "plan", line.title, line.status, line.owner)
    for event, one in found:
        if one.due_on:
            yield Coming(one.due_on, "task", one.task.text, event.title, one.task.role)
    yield from _next_steps(session, project_id, today)
    yield from _grant_reports(session, project_id)


def _next_steps(session: Session, project_id: str, today: date) -> Iterator[Coming]:
    waiting = list(filter(meetings.is_open, MEETINGS.read_all(session, project_id)))
    names = organisation_names(session, (one.organisation_id for one in waiting))
    for one in waiting:
        with_whom = one.country or names.get(one.organisation_id or "", "")
        yield Coming(one.next_on or today, "lobby log", one.next_step, with_whom, one.owner)


def _grant_reports(session: Session, project_id: str) -> Iterator[Coming]:
    awarded = [one for one in GRANTS.read_all(session, project_id) if one.state is GrantState.AWARDED]
    names = organisation_names(session, (one.organisation_id for one in awarded))
    for one in awarded:
        if one.report_due_on:
            yield Coming(one.report_due_on, "grant report", one.purpose, names[one.organisation_id], "")


def _due(found: Iterable[Coming]) -> Sheet:
    rows = tuple((one.due_on, one.kind, one.what, one.about, one.owner) for one in found)
    return Sheet("due", ("day", "kind", "what", "about", "who sees to it"), rows)


def within(found: Iterable[Coming], today: date) -> list[Coming]:
    """Return what is due next month, and what is late already, by day."""
    last = today + timedelta(days=AHEAD)
    return sorted((one for one in found if one.due_on <= last), key=lambda one: (one.due_on, one.kind, one.what))


def _drafts(session: Session, places: Iterable[Event]) -> Sheet:
    titles = {f"event:{event.id}": event.title for event in places}
    rows = tuple(
        (one.kind, titles.get(one.context, ""), sum(one.counts.values()), one.created_at.date(), one.send_at)
        for one in read_mailings(session, states=[MailingState.DRAFT])
        if one.context in titles or not one.context.startswith("event:")
    )
    return Sheet("drafts", ("letter", "event", "readers", "written", "planned for"), rows)


def _lists(session: Session) -> Sheet:
    rows = tuple(
        (one.name, one.purpose, one.owner, "segment" if one.filter is not None else one.members, one.public)
        for one in people.read_lists(session)
    )
    return Sheet("lists", ("list", "purpose", "who looks after it", "people", "open to the public"), rows)


def _decisions(session: Session, project_id: str, lines: Iterable[PlanLine], places: Iterable[Event]) -> Sheet:
    """Return what was decided: versions of the plan, messages, lines and events that were called off."""
    given_up = (LineStatus.CANCELLED, LineStatus.POSTPONED)
    rows: list[tuple[Any, ...]] = [
        *(
            ("plan approved", v.number, v.approved_at.date(), v.sha256)
            for v in planning.read_versions(session, project_id)
        ),
        *(
            ("message signed off", f"{m.title}, version {m.number}", m.signed_at.date() if m.signed_at else None, "")
            for m in MESSAGES.read_all(session, project_id)
            if m.is_signed_off
        ),
        *((f"line {n.status}", n.title, n.due_on, n.reason) for n in lines if n.status in given_up),
        *(
            ("event cancelled", e.title, e.cancelled_at.date() if e.cancelled_at else None, e.cancel_reason)
            for e in places
            if e.state is EventState.CANCELLED
        ),
    ]
    return Sheet("decisions", ("decision", "what", "day", "reason or seal"), tuple(rows))
