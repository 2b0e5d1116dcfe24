"""Today: what needs someone, the plan against today, what comes next. On the first day: three steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import actions as dissemination
from service.dissemination import checklists, guest_tasks
from service.dissemination.home import bullets
from service.events import actions, store
from service.events.rules import has_another_clock
from service.events.times import parse_local
from service.events.values import Event, EventState, Project
from service.invitations.store import funnels
from service.invitations.store.colleagues import read_open_wishes
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.letters.store import intakes, mailboxes, outbox, planned_letters
from service.mail import actions as mail
from service.mail.values import Mailing, MailingState
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.reports import voice
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("")
NEXT_EVENTS, LETTERS_SHOWN, MAILINGS_SHOWN = 6, 8, 60
ASKED_FOR = timedelta(days=14)  # for so long after the close one is asked for a yes to what follows
_WAITS = (MailingState.DRAFT, MailingState.PAUSED)
_OVER = (EventState.CANCELLED, EventState.CLOSED)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs someone: what it is, about what, how many, until when, and where to do it."""

    what: (
        str  # draft paused unsure came-back close seats colleague intake mailbox follow-up tasks guest-tasks late clock
    )
    title: str
    n: int
    due: datetime | None
    href: str


@router.get("/")
@rule(Permission.READ)
def today(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Show today, or the first day when there is no project yet."""
    project = current_project(request, session, who)
    if project is None:
        return page(request, "home/first_day.html", errors={}, values=_first_values(now))
    events = store.read_events(session, project.id)
    ahead = [e for e in events if e.ends_at > now and e.state is not EventState.CANCELLED][:NEXT_EVENTS]
    planned = [p for p in planned_letters.read_next(session, project.id, after=now) if not p.held]
    return page(
        request,
        "home/today.html",
        project=project,
        needs=needs(session, project, events, now=now),
        ahead=ahead,
        counts=funnels.funnels(session, [e.id for e in ahead]),
        planned=planned[:LETTERS_SHOWN],
        next_letters=_next_letters(planned),
        events={e.id: e for e in events},
        figures=bullets(dissemination.live_figures(session, project.id, "internal", now), voice(who.locale)),
        strip=_strip(ahead, planned, now=now),
    )


def needs(session: Session, project: Project, events: list[Event], *, now: datetime) -> list[Need]:
    """Return what needs someone, nearest first."""
    known: dict[str, Event] = {e.id: e for e in events}
    found = _of_mailings(session, project, known)
    announced = [event for event in events if event.state is EventState.ANNOUNCED]
    counts = funnels.funnels(session, [event.id for event in announced])
    for event in announced:
        found += _of_event(event, counts[event.id], now=now)
    found += _of_zones(events, now=now)
    wishes = Counter(event_id for event_id, _wish in read_open_wishes(session, list(known)))
    found += [
        Need("colleague", known[event_id].title, n, known[event_id].starts_at, f"/events/{event_id}#colleagues")
        for event_id, n in wishes.items()
    ]
    if trouble := mailboxes.read_trouble(session):
        found.append(Need("mailbox", trouble[0], 1, trouble[1], "/letters/incoming"))
    if waiting := intakes.count_waiting(session):
        found.append(Need("intake", "", waiting, None, "/letters/incoming"))
    silent = planned_letters.find_without_yes(session, project.id, since=now - ASKED_FOR)
    found += [Need("follow-up", known[id_].title, 0, None, f"/events/{id_}#follow-up") for id_ in silent]
    found += _late_tasks(session, project.id, now=now)
    found += _late_guest_tasks(session, project.id, now=now)
    late = dissemination.read_late(session, project.id, now=now)
    found += [Need("late", line.title, 1, None, "/plan") for line in late[:3]]
    return sorted(found, key=lambda n: (n.due is None, n.due or now))


def _late_tasks(session: Session, project_id: str, *, now: datetime) -> list[Need]:
    """Return one need for each event with late tasks, however many."""
    late = [one for one in checklists.read_needed(session, project_id, now=now) if one.dated.is_late]
    counts = Counter(one.event.id for one in late)
    events = {one.event.id: one.event for one in late}
    return [
        Need("tasks", events[id_].title, n, events[id_].starts_at, f"/events/{id_}/checklist")
        for id_, n in counts.items()
    ]


def _late_guest_tasks(session: Session, project_id: str, *, now: datetime) -> list[Need]:
    """Return one need for each event with late tasks for guests, however many."""
    late = [one for one in guest_tasks.read_needed(session, project_id, now=now) if one.is_late]
    counts, events = Counter(one.event.id for one in late), {one.event.id: one.event for one in late}
    return [
        Need("guest-tasks", events[id_].title, n, events[id_].starts_at, f"/events/{id_}/guest-tasks")
        for id_, n in counts.items()
    ]


def _of_mailings(session: Session, project: Project, known: dict[str, Event]) -> list[Need]:
    """Return the letters that wait for someone: the newest drafts, paused ones, and those nobody is sure of."""
    waiting = outbox.find_mailings(session, project.id, _WAITS, limit=MAILINGS_SHOWN)
    unsure = dict(list(outbox.count_unsure(session, project.id).items())[:MAILINGS_SHOWN])
    counts = unsure | mail.count_letters(session, waiting)
    mailings = mail.read_plain(session, counts)
    return [_of_mailing(mailings[id_], known, n) for id_, n in counts.items() if id_ in mailings]


def _of_mailing(mailing: Mailing, known: dict[str, Event], n: int) -> Need:
    event = known.get(letters.event_of(mailing) or "")
    title, due = (event.title, event.starts_at) if event else (str(mailing.facts.get("list_name", "")), None)
    what = str(mailing.state) if mailing.state in _WAITS else "unsure"
    return Need(what, title, n, due, f"/letters/{mailing.id}")


def _of_zones(events: list[Event], *, now: datetime) -> list[Need]:
    """Return the zones whose rules have changed since the times of events ahead were set."""
    ahead = [e for e in events if e.starts_at > now and e.state not in _OVER and has_another_clock(e)]
    found = []
    for name in sorted({e.time_zone for e in ahead}):
        ours = [e for e in ahead if e.time_zone == name]
        first = min(ours, key=lambda e: e.starts_at)
        found.append(Need("clock", name, len(ours), first.starts_at, f"/events/{first.id}/change"))
    return found


def _of_event(event: Event, counts: dict[str, int], *, now: datetime) -> list[Need]:
    href = f"/events/{event.id}"
    if now > event.ends_at:
        return [Need("close", event.title, 0, event.ends_at + timedelta(days=1), f"{href}/attendance")]
    found = []
    if counts["came_back"]:
        found.append(Need("came-back", event.title, counts["came_back"], event.starts_at, f"{href}?status=bounced"))
    free = event.capacity is not None and counts["in_room"] < event.capacity
    if counts["waiting"] and free:
        found.append(Need("seats", event.title, counts["waiting"], event.starts_at, f"{href}?status=waiting"))
    return found


def _next_letters(planned: list[Any]) -> dict[str, Any]:
    soonest: dict[str, Any] = {}
    for letter in planned:
        soonest.setdefault(letter.event_id, letter)
    return soonest


def _strip(ahead: list[Event], planned: list[Any], *, now: datetime) -> dict[str, Any]:
    """Return the timeline's marks: per cent of the span from now to the last event ahead."""
    last = max([e.starts_at for e in ahead], default=now + timedelta(days=90))
    span = max((last - now).total_seconds() * 1.12, 86_400.0)

    def at(instant: datetime) -> float:
        return round(100 * (instant - now).total_seconds() / span, 1)

    return {
        "events": [(at(e.starts_at), e) for e in ahead if e.starts_at > now],
        "letters": [at(p.due_at) for p in planned if 0 <= at(p.due_at) <= 100],
        "months": [(at(m), m) for m in _months(now, now + timedelta(seconds=span))],
    }


def _months(start: datetime, end: datetime) -> list[datetime]:
    month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    while (month := (month + timedelta(days=32)).replace(day=1)) < end:
        found.append(month)
    return found


def _first_values(now: datetime) -> dict[str, str]:
    return {
        "name": "",
        "organisation": "",
        "time_zone": "Europe/London",
        "starts_on": f"{now:%Y-%m-%d}",
        "ends_on": f"{now + timedelta(days=540):%Y-%m-%d}",
    }


@router.post("/projects")
@rule(Permission.ADMINISTER)
def create_project(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    name: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    time_zone: Annotated[str, Form()] = "",
    starts_on: Annotated[str, Form()] = "",
    ends_on: Annotated[str, Form()] = "",
) -> Response:
    """Make the first project."""
    values = {
        "name": name,
        "organisation": organisation,
        "time_zone": time_zone,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }
    try:
        first, last = (parse_local(f"{d}T00:00", f).date() for d, f in ((starts_on, "starts_on"), (ends_on, "ends_on")))
        actions.create_project(
            session,
            name=name,
            organisation=organisation,
            time_zone=time_zone,
            starts_on=first,
            ends_on=last,
            now=now,
            actor=who.actor,
        )
    except Invalid as error:
        session.rollback()
        errors = {error.field or "name": error.sentence}
        return page(request, "home/first_day.html", errors=errors, values=values, status=422)
    return RedirectResponse("/events/new", 303)
