"""Staff pages of letters: the outbox, a letter to read and send, a letter to write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.directory import segments
from service.dissemination import notes
from service.events import store as events
from service.events.times import parse_local
from service.events.values import Event, Project
from service.kernel.clock import instant
from service.kernel.errors import FarsowError, Invalid
from service.letters import actions as letters
from service.letters import added_later, files, planned, to_lists
from service.letters import store as letter_store
from service.letters.rules import needs_another
from service.letters.store import outbox as outbox_store
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.values import DeliveryState, MailingState, MailingView
from service.people import store as people
from service.web import fates, words
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import Typed, own_event
from service.web.fates import own_mailing
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("")
SHOWN, GONE, FEW = 60, 20, 20  # what a page shows, however much there is
LOOKED = 20_000  # letters whose language is looked at
OPEN_STATES = (MailingState.APPROVED, MailingState.RUNNING, MailingState.PAUSED)
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One mailing as the outbox shows it."""

    mailing: MailingView
    event: Event | None
    about: str  # the event's title, or the list's name
    total: int


@router.get("/letters")
@rule(Permission.READ)
def outbox(
    request: Request, session: ReadSession, who: Who, now: Now, start: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """Show what leaves, what waits, what has gone, a page at a time."""
    project = current_project(request, session, who)
    project_id = project.id if project else ""
    known: dict[str, Event] = {e.id: e for e in events.read_events(session, project_id)}
    find = partial(outbox_store.find_mailings, session, project_id)
    gone = find((MailingState.DONE, MailingState.CANCELLED), limit=GONE + 1, start=start)
    shown = [*find(OPEN_STATES, limit=SHOWN), *find((MailingState.DRAFT,), limit=SHOWN), *gone[:GONE]]
    lines = [_line(mailing, known) for mailing in mail.read_these(session, shown)]
    return page(
        request,
        "letters/outbox.html",
        project=project,
        leaving=[x for x in lines if x.mailing.state in OPEN_STATES],
        drafts=[x for x in lines if x.mailing.state is MailingState.DRAFT],
        gone=[x for x in lines if x.mailing.state in (MailingState.DONE, MailingState.CANCELLED)],
        planned=planned_letters.read_next(session, project_id, after=now, limit=SHOWN),
        events=known,
        unsure=sum(outbox_store.count_unsure(session, project_id).values()),
        start=start,
        page_size=GONE,
        more=len(gone) > GONE,
    )


def _line(mailing: MailingView, known: dict[str, Event]) -> Line:
    event = known.get(letters.event_of(mailing) or "")
    about = event.title if event else str(mailing.facts.get("list_name", ""))
    return Line(mailing, event, about, sum(mailing.counts.values()))


@router.post("/events/{event_id:identifier}/invite")
@rule(Permission.SEND)
def invite(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    event_id: str,
    list_id: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Invite the list: the letters wait as a draft, to be read first."""
    event = own_event(session, who, event_id)
    project = events.read_project(session, event.project_id)
    context: dict[str, Any] = {
        "project": project,
        "event": event,
        "lists": segments.counted(session, people.read_lists(session)),
    }
    try:
        letter_store.require_list(session, list_id)
        done = letters.invite_list(session, event_id, list_id, desk=desk, note=note, now=now, actor=who.actor)
    except FarsowError as error:
        session.rollback()
        return page(request, "events/invite.html", **context, error=error.sentence, status=409)
    if done.mailing_id is None:
        return page(request, "events/invite.html", **context, error="", skipped=done.counts())
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)


@router.get("/letters/{mailing_id:identifier}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    house: House,
    desk: Desk,
    now: Now,
    mailing_id: str,
    reader: int = 0,
) -> Response:
    """Show a mailing: to how many, who is left out, and the letter exactly as one person gets it."""
    mailing, event = own_mailing(session, who, mailing_id)
    lines, total = mail.read_first(session, mailing_id, limit=SHOWN), sum(mailing.counts.values())
    unsure = mail.read_deliveries(session, mailing_id, limit=FEW, states=(DeliveryState.UNKNOWN,))
    failed = (DeliveryState.BOUNCED, DeliveryState.FAILED)
    back = mail.read_deliveries(session, mailing_id, limit=FEW + 1, states=failed)
    repeated, twice = mail.read_repeated(session, mailing_id, limit=FEW)
    names = fates.read_names(session, mailing, [*lines, *unsure, *twice, *back])
    at = max(0, min(reader, len(lines) - 1))
    chosen = names.get(lines[at].recipient_ref) if lines else None
    letter = files.preview(session, mailing, chosen.person_id, composer=house.composer) if chosen else None
    return page(
        request,
        "letters/show.html",
        project=events.read_project(session, event.project_id) if event else current_project(request, session, who),
        mailing=mailing,
        list_id=to_lists.list_of(mailing),
        for_those_added=added_later.is_possible(mailing),
        zone=_zone_of(event, current_project(request, session, who)),
        waits_for_another=needs_another(mailing, who.actor, desk),
        event=event,
        total=total,
        skipped=mailing.skipped,
        readers=[(n, names[x.recipient_ref]) for n, x in enumerate(lines) if x.recipient_ref in names],
        reader=at,
        chosen=chosen,
        letter=letter,
        languages=mail.read_languages(session, mailing_id, limit=LOOKED),
        looked=LOOKED,
        unsure=unsure,
        unsure_count=mailing.counts[DeliveryState.UNKNOWN],
        twice=twice,
        twice_count=repeated,
        back=fates.fates_of(back, names),
        names=names,
        toast=_toast(mailing, now, total),
    )


def _toast(mailing: MailingView, now: datetime, total: int) -> dict[str, Any] | None:
    """Return the notice with Undo while an approved mailing waits for a moment; one for another day has no clock."""
    if mailing.state is not MailingState.APPROVED or mailing.send_at is None or mailing.send_at <= now:
        return None
    if mailing.send_at - now > SOON:
        return None
    seconds = int((mailing.send_at - now).total_seconds())
    whole = int((mailing.send_at - (mailing.approved_at or now)).total_seconds()) or 1
    return {
        "kind": mailing.kind,
        "people": total,
        "send_at": mailing.send_at,
        "undo": f"/letters/{mailing.id}/undo",
        "until": mailing.send_at.isoformat(),
        "seconds": seconds,
        "total": whole,
    }


@router.get("/letters/{mailing_id:identifier}/as-sent/{person_id}")
@rule(Permission.READ)
def frame(session: ReadSession, who: Who, house: House, mailing_id: str, person_id: str) -> Response:
    """Give the letter's HTML for the sandboxed frame."""
    mailing, _event = own_mailing(session, who, mailing_id)
    letter = files.preview(session, mailing, person_id, composer=house.composer)
    return letter_document(letter.html)


def letter_document(html: str) -> Response:
    """Return a letter as a document of its own, with its own policy: no script, nothing from outside."""
    policy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return Response(html, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def _zone_of(event: Event | None, project: Project | None) -> str:
    """Return the zone in which staff say when a letter leaves."""
    if event:
        return event.time_zone
    return project.time_zone if project else "UTC"


def read_moment(raw: str, zone: str, *, now: datetime) -> datetime:
    """Return the instant of a local time in a zone.

    Raises:
        BadEvent, NoSuchTime: it is none. Invalid: it has passed.
    """
    at = instant(parse_local(raw, "send_at"), zone)
    if at < now:
        raise Invalid("This moment has passed.", field="send_at")
    return at


@router.post("/letters/{mailing_id:identifier}/approve")
@rule(Permission.SEND)
def approve(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    mailing_id: str,
    send_at: Annotated[str, Form()] = "",
) -> Response:
    """Let the letters leave after the undo window, or at a local time of the event's or the project's zone."""
    _mailing, event = own_mailing(session, who, mailing_id)
    zone = _zone_of(event, current_project(request, session, who))
    at = read_moment(send_at, zone, now=now) if send_at else None
    letters.approve(session, mailing_id, desk=desk, send_at=at, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/{mailing_id}", 303)


@router.post("/letters/{mailing_id:identifier}/{wish}")
@rule(Permission.SEND)
def act(session: WriteSession, who: Who, now: Now, mailing_id: str, wish: str) -> Response:
    """Undo, pause, resume or drop a mailing."""
    own_mailing(session, who, mailing_id)
    if wish == "drop":
        letters.discard(session, mailing_id, now=now, actor=who.actor)
    elif wish in ("undo", "pause", "resume"):
        getattr(mail, wish)(session, mailing_id, now=now, actor=who.actor)
    else:
        raise Invalid("That cannot be done to a letter.", field="wish")
    return RedirectResponse(f"/letters/{mailing_id}", 303)


WRITTEN_BY_HAND = (
    *(Kind.REMINDER, Kind.JOINING, Kind.THANK_YOU, Kind.MISSED_YOU),
    *(Kind.SURVEY, Kind.NEXT_STEPS, Kind.COMMITMENT_CHECK, Kind.MESSAGE),
)


@router.get("/events/{event_id:identifier}/write")
@rule(Permission.SEND)
def compose(request: Request, session: ReadSession, who: Who, event_id: str, kind: str = "reminder") -> Response:
    """Choose a letter to write to the invitees; that of next steps begins with the notes of the event."""
    event = own_event(session, who, event_id)
    note = agreed(session, event) if kind == Kind.NEXT_STEPS else ""
    return _compose(request, session, event, {"kind": kind, "note": note}, error="")


def agreed(session: Session, event: Event) -> str:
    """Return what was agreed at an event, in its language, as the paragraph of a letter."""
    return notes.draft_letter(
        notes.read_notes(session, event.id), words.translations(words.spoken(event.language)).gettext
    )


def _compose(
    request: Request, session: Session, event: Event, values: dict[str, str], *, error: str, status: int = 200
) -> Response:
    blank = {"kind": "reminder", "note": "", "subject": "", "body": ""}
    project = events.read_project(session, event.project_id)
    kinds = [k.value for k in WRITTEN_BY_HAND]
    context: dict[str, Any] = {"project": project, "event": event, "kinds": kinds, "error": error}
    context["values"] = blank | values
    return page(request, "letters/write.html", **context, status=status)


@router.post("/events/{event_id:identifier}/write")
@rule(Permission.SEND)
def write(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str
) -> Response:
    """Write the letter as a draft, to be read before it leaves."""
    event = own_event(session, who, event_id)
    written = {name: form.get(name, "") for name in ("note", "subject", "body")}
    try:
        done = letters.write_letter(
            session, event_id, form.get("kind", ""), **written, desk=desk, now=now, actor=who.actor
        )
    except FarsowError as error:
        session.rollback()
        return _compose(request, session, event, dict(form), error=error.sentence, status=422)
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)


@router.post("/events/{event_id:identifier}/planned/{planned_id}")
@rule(Permission.SEND)
def hold(
    session: WriteSession, who: Who, event_id: str, planned_id: str, held: Annotated[str, Form()] = "yes"
) -> Response:
    """Hold a planned letter, or let it leave on its day."""
    own_event(session, who, event_id)
    if planned_id not in {p.id for p in planned_letters.read(session, event_id)}:
        raise planned_letters.UnknownPlannedLetter("There is no such planned letter.")
    planned.hold(session, planned_id, held=held == "yes")
    return RedirectResponse(f"/events/{event_id}", 303)
