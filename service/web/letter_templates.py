"""Staff pages of the organisation's own wording of letters: kinds and languages, versions, trials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.accounts.values import Permission, Principal, Staff
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.kernel.errors import FarsowError, Forbidden, Invalid, NotFound
from service.letters import store as letter_store
from service.letters import templates, trials
from service.letters.values import WORDED, WRITTEN_IN, Kind, Template, TemplateState
from service.mail.own_wording import FLAGS, SLOTS
from service.mail.values import ComposedLetter
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import Typed, own_event
from service.web.house import House as HouseValue
from service.web.letters import letter_document
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/letters/templates")
GUESTS = 60  # to try a letter with
FIELDS = ("subject", "opening", "closing")


def staff_of(session: Session, who: Principal) -> Staff:
    """Return the member of staff who is signed in.

    Raises:
        Forbidden: it is a program with a key.
    """
    about, _, staff_id = who.actor.partition(":")
    staff = accounts.read_staff(session, staff_id) if about == "staff" else None
    if staff is None:
        raise Forbidden("A test goes to the address of who asks for it; a key has none.")
    return staff


@router.get("")
@rule(Permission.READ)
def show_list(request: Request, session: ReadSession, who: Who) -> Response:
    """Show each kind and language: whose wording is in use, and what is drafted."""
    every = templates.read_all(session)
    used = {(one.kind, one.language): one for one in every if one.state is TemplateState.IN_USE}
    drafted = {(one.kind, one.language) for one in every if one.state is TemplateState.DRAFT}
    project = current_project(request, session, who)
    table: dict[str, Any] = {"kinds": WORDED, "languages": WRITTEN_IN, "used": used, "drafted": drafted}
    return page(request, "letters/templates.html", project=project, **table)


@router.get("/{kind}/{language}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    house: House,
    now: Now,
    kind: str,
    language: str,
    version: str = "",
    event_id: str = "",
    person_id: str = "",
) -> Response:
    """Show the words of one kind in one language, their versions, and the letter they make."""
    wanted, tongue = _worded(kind, language)
    chosen = _version(session, wanted, tongue, version)
    event = own_event(session, who, event_id) if event_id else None
    person_id = person_id if event and person_id in {guest for guest, _name in _guests(session, event)} else ""
    trial: dict[str, Any] = {"event": event, "person_id": person_id}
    letter = _letter(session, wanted, tongue, chosen, house, now=now, who=who, **trial)
    values = _values(chosen)
    return _page(request, session, who, wanted, tongue, chosen=chosen, values=values, letter=letter, **trial)


def _worded(kind: str, language: str) -> tuple[Kind, str]:
    try:
        return templates.read_kind(kind, language)
    except Invalid as error:
        raise NotFound(error.sentence) from None


def _version(session: Session, kind: Kind, language: str, wanted: str) -> Template | None:
    """Return the version asked for, else the one in use, else the newest; None for the built-in wording."""
    versions = templates.read_versions(session, kind, language)
    if wanted == "built-in" or not versions:
        return None
    if wanted:
        return next((one for one in versions if one.id == wanted), None)
    return next((one for one in versions if one.state is TemplateState.IN_USE), versions[0])


def _values(chosen: Template | None) -> dict[str, str]:
    return {name: getattr(chosen.words, name) if chosen else "" for name in FIELDS}


def _letter(
    session: Session,
    kind: Kind,
    language: str,
    chosen: Template | None,
    house: HouseValue,
    *,
    event: Event | None,
    person_id: str,
    who: Principal,
    now: datetime,
) -> ComposedLetter | None:
    try:
        trial = trials.choose(session, kind, language, event, person_id, now=now, actor=who.actor)
    except trials.NoProject:
        return None
    return trials.compose(chosen, kind, trial, composer=house.composer, now=now)


def _guests(session: Session, event: Event) -> list[tuple[str, str]]:
    """Return some guests of an event, by id and by what staff may read of them; at-risk names stay hidden."""
    ids = [one.id for one in invitations.read_of_event(session, event.id)][:GUESTS]
    found = letter_store.read_recipients(session, ids).values()
    return sorted(
        [(one.person_id, "" if one.at_risk else one.name) for one in found], key=lambda guest: (not guest[1], guest[1])
    )


def _page(
    request: Request,
    session: Session,
    who: Principal,
    kind: Kind,
    language: str,
    *,
    chosen: Template | None,
    values: dict[str, str],
    event: Event | None = None,
    person_id: str = "",
    letter: ComposedLetter | None = None,
    error: FarsowError | None = None,
) -> Response:
    project = current_project(request, session, who)
    field = getattr(error, "field", None) or "opening"
    return page(
        request,
        "letters/template.html",
        status=422 if error else 200,
        project=project,
        kind=kind.value,
        written=language,
        chosen=chosen,
        versions=templates.read_versions(session, kind, language),
        values=values,
        errors={field: error.sentence} if error else {},
        slots=SLOTS,
        flags=FLAGS,
        events=events.read_events(session, project.id) if project else [],
        event=event,
        guests=_guests(session, event) if event else [],
        person_id=person_id,
        letter=letter,
    )


@router.get("/{kind}/{language}/as-read")
@rule(Permission.READ)
def frame(
    session: ReadSession,
    who: Who,
    house: House,
    now: Now,
    kind: str,
    language: str,
    version: str = "",
    event_id: str = "",
    person_id: str = "",
) -> Response:
    """Give the letter's HTML for the sandboxed frame."""
    wanted, tongue = _worded(kind, language)
    event = own_event(session, who, event_id) if event_id else None
    chosen = _version(session, wanted, tongue, version)
    letter = _letter(session, wanted, tongue, chosen, house, event=event, person_id=person_id, who=who, now=now)
    return letter_document(letter.html if letter else "")


@router.post("/{kind}/{language}")
@rule(Permission.EDIT)
def save(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, kind: str, language: str
) -> Response:
    """Keep the words as a draft; what cannot be kept comes back as typed, with the line and the reason."""
    wanted, tongue = _worded(kind, language)
    values = {name: form.get(name, "") for name in FIELDS}
    try:
        made = templates.save(session, kind, language, **values, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, wanted, tongue, chosen=None, values=values, error=error)
    return RedirectResponse(f"/letters/templates/{kind}/{language}?version={made.id}", 303)


@router.post("/{kind}/{language}/built-in")
@rule(Permission.EDIT)
def use_built_in(session: WriteSession, who: Who, now: Now, kind: str, language: str) -> Response:
    """Go back to the built-in wording."""
    templates.use_built_in(session, kind, language, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/templates/{kind}/{language}?version=built-in", 303)


@router.post("/versions/{template_id:identifier}/use")
@rule(Permission.EDIT)
def use(session: WriteSession, who: Who, now: Now, template_id: str) -> Response:
    """Put a version in use."""
    one = templates.use(session, template_id, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/templates/{one.kind}/{one.language}?version={one.id}", 303)


@router.post("/versions/{template_id:identifier}/test")
@rule(Permission.SEND)
def send_test(session: WriteSession, who: Who, now: Now, desk: Desk, template_id: str) -> Response:
    """Send a version to whoever is signed in, marked as a test."""
    one, staff = templates.read(session, template_id), staff_of(session, who)
    mailing_id = trials.send_test(session, one, staff, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/{mailing_id}", 303)
