"""Staff pages of events: the list, a new one, one event, its change, its end."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.directory import segments
from service.events import actions, store
from service.events.values import PRESETS, RESEARCH_KINDS, Event, EventDraft, EventKind, EventState, Mode, Privacy
from service.invitations import rules as invitation_rules
from service.invitations.store import funnels
from service.invitations.store import guests as invitation_guests
from service.invitations.store.colleagues import read_open_wishes
from service.invitations.values import Status
from service.kernel.errors import Invalid
from service.letters import added_later, chain, changes
from service.letters.rules import AFTER_EVENT
from service.letters.store import planned_letters
from service.letters.values import AUTOMATIC, Kind
from service.mail import actions as mail
from service.people import store as people
from service.web import identifiers as identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.event_forms import EVENT_FIELDS, number, shown_field, typed_fields
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")

PAGE = 50
LANGUAGES = ("en", "fr", "es", "ar")
FILTERS = (
    Status.ACCEPTED,
    Status.TENTATIVE,
    Status.DECLINED,
    Status.SENT,
    Status.QUEUED,
    Status.WAITING,
    Status.BOUNCED,
    Status.WITHDRAWN,
    Status.SUBSTITUTED,
    Status.PRESENT,
    Status.ABSENT,
    Status.EXCUSED,
)


def own_event(session: Session, who: Principal, event_id: str) -> Event:
    """Return an event this person may see."""
    event = store.read_event(session, event_id)
    if who.project_id not in (None, event.project_id):
        raise store.UnknownEvent("There is no such event.")
    return event


@router.get("")
@rule(Permission.READ)
def show_list(request: Request, session: ReadSession, who: Who, show: str = "programme") -> Response:
    """List the events of the project, those ahead first: the programme, the research before it, or all."""
    project = current_project(request, session, who)
    events = store.read_events(session, project.id) if project else []
    research = [e for e in events if e.kind in RESEARCH_KINDS]
    parts = {"programme": [e for e in events if e.kind not in RESEARCH_KINDS], "research": research, "all": events}
    shown = show if parts.get(show) else "all"
    return page(
        request,
        "events/list.html",
        project=project,
        events=parts[shown],
        parts={name: len(part) for name, part in parts.items()} if research and parts["programme"] else {},
        shown=shown,
        counts=funnels.funnels(session, [e.id for e in parts[shown]]),
        series={s["id"]: s["title"] for s in store.read_series(session)},
    )


@router.get("/new")
@rule(Permission.EDIT)
def new(request: Request, session: ReadSession, who: Who, kind: str = "seminar") -> Response:
    """Show the form for a new event, filled from the kind's template."""
    preset = PRESETS.get(EventKind(kind)) if kind in list(EventKind) else None
    preset = preset or PRESETS[EventKind.SEMINAR]
    project = current_project(request, session, who)
    values: dict[str, Any] = {
        "kind": preset.kind.value,
        "starts_time": preset.starts,
        "duration_minutes": preset.duration_minutes,
        "mode": preset.mode.value,
        "privacy": preset.privacy.value,
        "capacity": preset.capacity or "",
        "time_zone": project.time_zone if project else who.time_zone,
        "language": project.locale if project else "en",
    }
    return _form(request, session, project, values, errors={})


def _form(
    request: Request,
    session: Session,
    project: Any,
    values: dict[str, Any],
    *,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    options = {
        "kinds": [k.value for k in EventKind],
        "modes": [m.value for m in Mode],
        "privacies": [p.value for p in Privacy],
        "languages": LANGUAGES,
        "series": store.read_series(session, project.id) if project else [],
    }
    blank = dict.fromkeys(EVENT_FIELDS, "")
    return page(
        request,
        "events/new.html",
        project=project,
        values=blank | values,
        errors=errors,
        options=options,
        status=status,
    )


async def form_fields(request: Request) -> dict[str, str]:
    """Return the form as typed, texts only."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(form_fields)]


@router.post("/new")
@rule(Permission.EDIT)
def create(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk) -> Response:
    """Make the event; a form that cannot be used comes back with what was typed."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    try:
        draft = EventDraft(project_id=project.id, **typed_fields(form))
        event = actions.create_event(session, draft, uid_domain=desk.domain, now=now, actor=who.actor)
        if form.get("announce"):
            changes.announce_event(session, event.id, desk=desk, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        errors = {shown_field(error, form): error.sentence}
        return _form(request, session, project, dict(form), errors=errors, status=422)
    return RedirectResponse(f"/events/{event.id}", 303)


@router.get("/{event_id:identifier}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    now: Now,
    event_id: str,
    status: str = "",
    start: int = 0,
    saved: str = "",
) -> Response:
    """Show one event: people, letters, what is next."""
    event = own_event(session, who, event_id)
    guests = invitation_guests.read_guests(session, event_id)
    for guest in guests:
        guest["status"] = invitation_rules.status(guest["invitation"])
    chosen = [g for g in guests if status in ("", g["status"].value)]
    return page(
        request,
        "events/show.html",
        project=store.read_project(session, event.project_id),
        event=event,
        funnel=funnels.funnel(session, event_id),
        ranks=_ranks(guests),
        guests=chosen[start : start + PAGE],
        total=len(chosen),
        start=start,
        page_size=PAGE,
        wanted=status,
        counted=_counted(guests),
        letters=_letters(session, event_id),
        planned=[p for p in planned_letters.read(session, event_id) if p.kind not in AFTER_EVENT],
        follow_up=chain.read(session, event, now=now),
        changes_made=store.read_changes(session, event_id)[:5],
        saved=saved,
        over=now >= event.starts_at,
        wishes=_wishes(session, event_id, guests),
    )


def _wishes(session: Session, event_id: str, guests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return which colleagues guests name in their place, each with the guest."""
    by_id = {guest["invitation"].id: guest for guest in guests}
    return [
        {"wish": wish, "guest": by_id[wish.invitation_id]} for _event, wish in read_open_wishes(session, [event_id])
    ]


def _ranks(guests: list[dict[str, Any]]) -> dict[int, int]:
    ranks: dict[int, int] = {}
    for guest in guests:
        if guest["rank"] and not guest["invitation"].walk_in:
            ranks[guest["rank"]] = ranks.get(guest["rank"], 0) + 1
    return dict(sorted(ranks.items()))


def _counted(guests: list[dict[str, Any]]) -> list[tuple[str, int]]:
    numbers = {s: sum(g["status"] is s for g in guests) for s in FILTERS}
    return [(s.value, n) for s, n in numbers.items() if n]


def _letters(session: Session, event_id: str) -> list[dict[str, Any]]:
    """Return the mailings of an event, the oldest first, and whether each can go to people added later."""
    own = mail.read_mailings(session, context=f"event:{event_id}")
    dates = [m for m in mail.read_mailings(session, kind=Kind.SAVE_THE_DATE) if m.facts.get("event_id") == event_id]
    return [
        {"mailing": m, "for_those_added": "first" not in m.facts and added_later.is_possible(m)}
        for m in sorted([*own, *dates], key=lambda m: (m.created_at, m.id))
        if m.kind not in AUTOMATIC
    ]


@router.post("/{event_id:identifier}/announce")
@rule(Permission.EDIT)
def announce(session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str) -> Response:
    """Let the event take invitations, or take place at its first time after it was put off."""
    was_put_off = own_event(session, who, event_id).state is EventState.POSTPONED
    changes.announce_event(session, event_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}?saved={'back' if was_put_off else 'announced'}", 303)


@router.get("/{event_id:identifier}/invite")
@rule(Permission.SEND)
def choose_list(request: Request, session: ReadSession, who: Who, event_id: str) -> Response:
    """Choose the list to invite."""
    event = own_event(session, who, event_id)
    project = store.read_project(session, event.project_id)
    return page(
        request,
        "events/invite.html",
        project=project,
        event=event,
        lists=segments.counted(session, people.read_lists(session)),
        error="",
    )


@router.post("/{event_id:identifier}/close")
@rule(Permission.EDIT)
def close(
    session: WriteSession, who: Who, now: Now, event_id: str, head_count: Annotated[str, Form()] = ""
) -> Response:
    """Close the event: its attendance is final."""
    own_event(session, who, event_id)
    counted = number(head_count.strip(), "head_count")
    chain.close_event(session, event_id, head_count=counted, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}?saved=closed", 303)
