"""Staff pages of making two people one: choose whom, compare field by field, see what follows, undo.

Only for those who may edit: both are shown with all that is held on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.directory import merging as merges
from service.directory import store as directory
from service.directory import unmerging
from service.directory.choosing import FIELDS
from service.directory.filters import EVERYBODY
from service.directory.values import MergePlan, MergeView, Side
from service.events import store as events
from service.kernel.errors import Conflict, FarsowError, Invalid
from service.kernel.sealing import CannotOpen
from service.letters import merging
from service.people import store
from service.people.rules.fields import PersonChanged
from service.people.values import Person
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk, desk_of
from service.web.events import Typed
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Merged:
    """Someone who was merged into a person, and until when that can be undone."""

    id: str
    name: str
    until: datetime


def read_merges(session: Session, person: Person, house: House, now: datetime) -> list[Merged]:
    """Return what can be undone of a person; names only where nobody is at risk and the record opens."""
    found = merges.read_merges(session, person.id, now=now)
    return [Merged(one.id, _name(session, person, one, house, now), one.at + merges.UNDO_FOR) for one in found]


def _name(session: Session, person: Person, merge: MergeView, house: House, now: datetime) -> str:
    try:
        return "" if person.at_risk else unmerging.read_taken_name(session, merge.id, ring=house.ring, now=now)
    except CannotOpen:
        return ""


# Choose and compare


@router.get("/merge")
@rule(Permission.EDIT)
def compare(
    request: Request,
    session: ReadSession,
    who: Who,
    house: House,
    now: Now,
    keep: str = "",
    taken: str = "",
    q: str = "",
) -> Response:
    """Show two people side by side, or first whom to choose."""
    if not (keep and taken):
        return _choose(request, session, who, keep or taken, q)
    return _compare(request, session, who, house, now, (keep, taken), {})


def _choose(request: Request, session: Session, who: Principal, keep: str, q: str) -> Response:
    found = directory.find_and_count(session, EVERYBODY, text=q, limit=SHOWN).people if q.strip() else ()
    return page(
        request,
        "people/merge_with.html",
        project=current_project(request, session, who),
        nav="people",
        person=store.read_person(session, keep) if keep else None,
        people=[one for one in found if one.id != keep],
        q=q,
    )


def _compare(
    request: Request,
    session: Session,
    who: Principal,
    house: House,
    now: datetime,
    pair: tuple[str, str],
    wishes: dict[str, str],
    error: FarsowError | None = None,
) -> Response:
    """Show the two with what is proposed or was chosen, and the letters that follow from either main address."""
    plan = merges.plan(session, *pair, wishes, ring=house.ring)
    letters = {
        side: merging.preview(
            session, *pair, wishes | {"email": side}, ring=house.ring, desk=desk_of(house), now=now
        ).letters
        for side in (Side.KEPT, Side.TAKEN)
    }
    return page(
        request,
        "people/merge.html",
        status=200 if error is None else 409 if isinstance(error, Conflict) else 422,
        project=current_project(request, session, who),
        nav="people",
        plan=plan,
        letters=letters,
        events=_events(session, plan),
        lists={one.id: one.name for one in store.read_lists(session)},
        days=merges.UNDO_FOR.days,
        error=error,
    )


def _events(session: Session, plan: MergePlan) -> dict[str, Any]:
    invited = [*plan.moved, *(pair.stays for pair in plan.doubled)]
    return {one.event_id: events.read_event(session, one.event_id) for one in invited}


# Do it, undo it


@router.post("/merge")
@rule(Permission.EDIT)
def merge(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, house: House, desk: Desk
) -> Response:
    """Make two people one, as chosen; pressed twice it is done once."""
    kept, taken = form.get("keep", ""), form.get("taken", "")
    if taken and merges.find_new(session, taken) == kept:
        return RedirectResponse(f"/people/{kept}", 303)
    wishes = {name: form[f"choice_{name}"] for name in FIELDS if form.get(f"choice_{name}")}
    try:
        _check_seen(session, form, (kept, taken))
        merging.merge(session, kept, taken, wishes, ring=house.ring, desk=desk, now=now, actor=who.actor)
    except (Invalid, PersonChanged) as error:
        session.rollback()
        valid = {} if isinstance(error, Invalid) and error.field in wishes and error.field != "notes" else wishes
        return _compare(request, session, who, house, now, (kept, taken), valid | _short_notes(error), error)
    return RedirectResponse(f"/people/{kept}", 303)


def _short_notes(error: FarsowError) -> dict[str, str]:
    """Return the choice that lets the form be shown again where both notes were too long."""
    return {"notes": Side.KEPT.value} if isinstance(error, Invalid) and error.field == "notes" else {}


def _check_seen(session: Session, form: dict[str, str], pair: tuple[str, str]) -> None:
    """Refuse what was chosen on something else than what is held now."""
    for name, person_id in zip(("seen_kept", "seen_taken"), pair, strict=True):
        held = store.read_person(session, person_id).updated_at.isoformat()
        if form.get(name, held) != held:
            raise PersonChanged


@router.post("/{person_id:identifier}/merges/{merge_id:identifier}/undo")
@rule(Permission.EDIT)
def undo(
    session: WriteSession, who: Who, now: Now, house: House, desk: Desk, person_id: str, merge_id: str
) -> Response:
    """Make one person two again."""
    unmerging.check_kept(session, merge_id, person_id, now=now)
    undone = merging.undo(session, merge_id, ring=house.ring, desk=desk, now=now, actor=who.actor)
    told = {"other": undone.taken_id, "newer": ",".join(undone.newer)}
    return RedirectResponse(f"/people/{person_id}?{urlencode(told)}", 303)
