"""Staff pages of one person: change everything that is held, read what changed, open what lies sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.accounts.values import Permission, Principal
from service.kernel.errors import Conflict, FarsowError, Invalid
from service.kernel.sealing import CannotOpen, SealRing
from service.letters import readdressing
from service.people import private, store
from service.people.places import read_country
from service.people.store import history
from service.people.values import Change, Person, PersonFields, StoredChange
from service.web import identifiers
from service.web.dates import country_name, language_name
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import LANGUAGES, Typed
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
LATEST, ALL = 8, 500
LINES = (
    "name", "greeting", "email", "phone", "organisation", "role", "audience_id", "country", "language", "time_zone",
    "pseudonym", "source", "notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """Notes and phone of a person, or the sentence that says why they do not open."""

    notes: str = ""
    phone: str = ""
    fault: str = ""


def open_private(session: Session, person_id: str, ring: SealRing) -> Opened:
    """Return what lies sealed of a person; a missing key is said, not raised, so that the rest can be read."""
    try:
        found = private.read_private(session, person_id, ring=ring)
    except CannotOpen as error:
        return Opened(fault=error.sentence)
    return Opened(found.notes or "", found.phone or "")


def actor_names(session: Session, changes: Iterable[StoredChange | Change]) -> dict[str, str]:
    """Return the names of the staff who made changes, by actor."""
    return staff_names(session, (change.actor for change in changes))


def staff_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return the names of members of staff by actor; programs and guests have none."""
    actors = {actor for actor in actors if actor.startswith("staff:")}
    found = {actor: accounts.read_staff(session, actor.partition(":")[2]) for actor in actors}
    return {actor: staff.name for actor, staff in found.items() if staff}


# Change a person


@router.get("/{person_id:identifier}/edit")
@rule(Permission.EDIT)
def edit(request: Request, session: ReadSession, who: Who, house: House, person_id: str) -> Response:
    """Show all that is held on a person in a form; it is also where someone at risk is seen by name."""
    person = store.read_person(session, person_id)
    opened = open_private(session, person_id, house.ring)
    return _form(request, session, who, person, _typed(person, opened), fault=opened.fault)


def _typed(person: Person, opened: Opened) -> dict[str, str]:
    """Return a person as the form has it."""
    held = {name: getattr(person, name, None) or "" for name in LINES}
    lists = {"other_emails": "\n".join(person.other_emails), "tags": ", ".join(person.tags)}
    dates = {"source_on": person.source_on.isoformat() if person.source_on else "", "seen": _seen(person)}
    at_risk = {"at_risk": "yes"} if person.at_risk else {}
    named = {"country": country_text(person.country), "notes": opened.notes, "phone": opened.phone}
    return {**held, **lists, **dates, **at_risk, **named}


def country_text(code: str | None) -> str:
    """Return a country as people type it: its name where that is read as the same country, else its code."""
    name = country_name(code)
    return name if read_country(name) == code else code or ""


def _seen(person: Person) -> str:
    return person.updated_at.isoformat()


def _form(
    request: Request,
    session: Session,
    who: Principal,
    person: Person,
    values: dict[str, str],
    *,
    fault: str,
    error: FarsowError | None = None,
) -> Response:
    return page(
        request,
        "people/edit.html",
        status=_status(error),
        project=current_project(request, session, who),
        person=person,
        values=dict.fromkeys((*LINES, "other_emails", "tags", "source_on", "seen"), "") | values,
        fault=fault,
        error=error,
        errors={error.field: error.sentence} if isinstance(error, Invalid) and error.field else {},
        audiences=store.read_audiences(session),
        languages=_languages(person.language),
    )


def _status(error: FarsowError | None) -> int:
    if error is None:
        return 200
    return 409 if isinstance(error, Conflict) else 422


def _languages(held: str | None) -> list[tuple[str, str]]:
    """Return the languages to choose from, and the one held when it is another."""
    return [(one, language_name(one)) for one in dict.fromkeys([*LANGUAGES, *([held] if held else [])])]


@router.post("/{person_id:identifier}/edit")
@rule(Permission.EDIT)
def change(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, house: House, desk: Desk, person_id: str
) -> Response:
    """Change a person; a form that cannot be used comes back with what was typed.

    Invitations follow the main address: the calendar entry at the old one is cancelled.
    """
    try:
        fields, seen = _fields(form), _read_seen(form)
        readdressing.update_person(
            session, person_id, fields, desk=desk, now=now, actor=who.actor, ring=house.ring, seen=seen
        )
    except (Invalid, Conflict) as error:
        session.rollback()
        person = store.read_person(session, person_id)
        fault = open_private(session, person_id, house.ring).fault
        return _form(request, session, who, person, {**form, "seen": _seen(person)}, fault=fault, error=error)
    return RedirectResponse(f"/people/{person_id}", 303)


def _fields(form: Mapping[str, str]) -> PersonFields:
    """Return what a form says of a person; fields that it does not hold are left alone.

    Raises:
        Invalid: the date is none.
    """
    fields: dict[str, Any] = {name: form[name].strip() or None for name in LINES if name in form}
    if "other_emails" in form:
        fields["other_emails"] = form["other_emails"].split()
    if "tags" in form:
        fields["tags"] = form["tags"].split(",")
    if "source_on" in form:
        fields["source_on"] = _read_date(form["source_on"])
    if "seen" in form:  # the whole form: a box that is not ticked is not sent
        fields["at_risk"] = bool(form.get("at_risk"))
    return cast(PersonFields, fields)


def _read_date(given: str) -> date | None:
    try:
        return date.fromisoformat(given.strip()) if given.strip() else None
    except ValueError:
        raise Invalid("Give the date as year, month, day: 2027-03-04.", field="source_on") from None


def _read_seen(form: Mapping[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(form["seen"]) if form.get("seen") else None
    except ValueError:
        raise Invalid("The form is not whole. Open it again.", field="seen") from None


# What changed


@router.get("/{person_id:identifier}/history")
@rule(Permission.READ)
def show_history(request: Request, session: ReadSession, who: Who, person_id: str) -> Response:
    """Show who changed what of a person, and when."""
    changes = history.read_changes(session, person_id, limit=ALL)
    return page(
        request,
        "people/history.html",
        project=current_project(request, session, who),
        person=store.read_person(session, person_id),
        changes=changes,
        names=actor_names(session, changes),
        audiences={a.id: a.name for a in store.read_audiences(session)},
        opened=None,
    )


@router.get("/{person_id:identifier}/history/{change_id:identifier}")
@rule(Permission.EDIT)
def show_change(
    request: Request, session: ReadSession, who: Who, house: House, person_id: str, change_id: str
) -> Response:
    """Open one change: what the field held before and after."""
    person = store.read_person(session, person_id)
    change = private.open_change(history.read_change(session, person_id, change_id), ring=house.ring)
    return page(
        request,
        "people/history.html",
        project=current_project(request, session, who),
        person=person,
        changes=[],
        names=actor_names(session, [change]),
        audiences={a.id: a.name for a in store.read_audiences(session)},
        opened=change,
    )
