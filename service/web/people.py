"""Staff pages of people and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.rules import may
from service.accounts.values import Permission
from service.campaign.values import Position
from service.directory import merging, segments
from service.directory import store as directory
from service.directory.filters import All, AnyOf, BadFilter, Condition, Filter, read_filter
from service.directory.segments import SegmentBroken
from service.dissemination.store.guest_tasks import read_tasks_of
from service.kernel.errors import FarsowError
from service.people import actions, store
from service.people.store import history
from service.people.values import SEALED, MailingList, OrganisationType, Person, PersonFields
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import LANGUAGES, Typed
from service.web.merging import read_merges
from service.web.person import LATEST, actor_names, open_private
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
PAGE = 50
FIELDS = ("name", "email", "phone", "organisation", "audience_id", "country", "language", "source", "notes")
FIELD_NAMES = frozenset((*Person.__dataclass_fields__, *SEALED))


@dataclass
class Picked:
    """What people are narrowed down by, as typed; empty where nothing is."""

    audience: str = ""
    country: str = ""
    language: str = ""
    organisation_type: str = ""
    stance: str = ""
    tag: str = ""

    @property
    def given(self) -> dict[str, str]:
        """What is picked, by name."""
        return {name: value for name, value in vars(self).items() if value}


NOBODY = AnyOf()


def wanted_of(session: Session, picked: Picked, shown: MailingList | None) -> tuple[Filter, str]:
    """Return the filter of what was picked; where it cannot be read, everybody of the list and the sentence why."""
    inside: list[Filter] = []
    try:
        inside = [_inside(session, shown)] if shown else []
        return All((*inside, *_parts(picked))), ""
    except BadFilter as error:
        return All(tuple(inside)), error.sentence
    except SegmentBroken as error:
        return NOBODY, error.sentence


def _inside(session: Session, shown: MailingList) -> Filter:
    return Condition("list", (shown.id,)) if shown.filter is None else segments.filter_of(session, shown)


def _parts(picked: Picked) -> tuple[Filter, ...]:
    return tuple(read_filter({name: value}) for name, value in picked.given.items())


def posted(
    audience: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    organisation_type: Annotated[str, Form()] = "",
    stance: Annotated[str, Form()] = "",
    tag: Annotated[str, Form()] = "",
) -> Picked:
    """Return what a form says that people are narrowed down by."""
    return Picked(audience, country, language, organisation_type, stance, tag)


@router.get("/people")
@rule(Permission.READ)
def show_list(
    request: Request,
    session: ReadSession,
    who: Who,
    house: House,
    picked: Annotated[Picked, Depends()],
    q: str = "",
    in_list: str = "",
    after: str = "",
) -> Response:
    """Search people by name, address, organisation or tag, and by what was picked; those at risk by pseudonym."""
    lists = store.read_lists(session)
    shown_list = next((one for one in lists if one.id == in_list), None)
    wanted, error = wanted_of(session, picked, shown_list)
    found = directory.find_and_count(session, wanted, text=q, after=after or None, limit=PAGE)
    return page(
        request,
        "people/list.html",
        project=current_project(request, session, who),
        people=found.people,
        next=found.next,
        total=found.total,
        picked=picked,
        error=error,
        audiences=store.read_audiences(session),
        types=list(OrganisationType),
        stances=list(Position),
        on=urlencode({"q": q, "in_list": in_list, **picked.given}),
        lists=segments.counted(session, lists),
        shown_list=shown_list,
        reach=segments.reach(session, shown_list) if shown_list and shown_list.filter is not None else None,
        can_save=bool(picked.given) and not q and not error and (shown_list is None or shown_list.filter is None),
        join_address=f"{house.public_url}/join/",
        q=q,
        in_list=in_list,
    )


@router.get("/people/{person_id:identifier}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    house: House,
    now: Now,
    person_id: str,
    other: str = "",
    newer: str = "",
) -> Response:
    """Show one person: facts, lists, invitations, what changed last. Notes and phone only to those who may edit.

    The id of someone who was merged leads on. `other` and `newer`: whom a merge just undone parted them from,
    and the fields that were changed since and stay.
    """
    if new := merging.find_new(session, person_id):
        return RedirectResponse(f"/people/{new}", 303)
    person = store.read_person(session, person_id)
    is_open = may(who.role, Permission.EDIT) and not person.at_risk
    changes = history.read_changes(session, person_id, limit=LATEST)
    return page(
        request,
        "people/show.html",
        project=current_project(request, session, who),
        person=person,
        opened=open_private(session, person_id, house.ring) if is_open else None,
        changes=changes,
        parted=store.read_these(session, [other]).get(other) if other else None,
        newer=[name for name in newer.split(",") if name in FIELD_NAMES],
        merges=read_merges(session, person, house, now) if may(who.role, Permission.EDIT) else [],
        names=actor_names(session, changes),
        audiences={a.id: a.name for a in store.read_audiences(session)},
        memberships=store.read_memberships(session, person_id),
        consents=store.read_consents(session, person_id)[::-1],
        list_names={one.id: one.name for one in store.read_lists(session)},
        holdings=directory.read_holdings(session, person_id),
        guest_tasks=read_tasks_of(session, person_id),
    )


@router.get("/people/new")
@rule(Permission.EDIT)
def new(request: Request, session: ReadSession, who: Who) -> Response:
    """Show the form for one more person."""
    return _form(request, session, who, dict.fromkeys(FIELDS, ""), error="")


def _form(
    request: Request, session: ReadSession, who: Who, values: dict[str, str], *, error: str, status: int = 200
) -> Response:
    context: dict[str, Any] = {"values": values, "error": error, "audiences": store.read_audiences(session)}
    context["project"] = current_project(request, session, who)
    return page(request, "people/new.html", status=status, languages=LANGUAGES, **context)


@router.post("/people/new")
@rule(Permission.EDIT)
def create(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, house: House) -> Response:
    """Add one person."""
    given = {name: form.get(name, "").strip() for name in FIELDS}
    fields = cast(PersonFields, {name: value for name, value in given.items() if value})
    try:
        made = actions.create_person(session, fields, now=now, actor=who.actor, ring=house.ring)
    except FarsowError as error:
        session.rollback()
        return _form(request, session, who, given, error=error.sentence, status=422)
    return RedirectResponse(f"/people/{made.id}", 303)


@router.post("/lists")
@rule(Permission.EDIT)
def create_list(session: WriteSession, who: Who, now: Now, name: Annotated[str, Form()] = "") -> Response:
    """Make a list."""
    made = actions.create_list(session, name=name, now=now, actor=who.actor)
    return RedirectResponse(f"/people?in_list={made.id}", 303)


@router.post("/segments")
@rule(Permission.EDIT)
def create_segment(
    session: WriteSession,
    who: Who,
    now: Now,
    picked: Annotated[Picked, Depends(posted)],
    name: Annotated[str, Form()] = "",
    ground: Annotated[str, Form()] = "consent",
    in_list: Annotated[str, Form()] = "",
) -> Response:
    """Save what people were narrowed down by as a segment."""
    parts = [*([{"list": in_list}] if in_list else []), *({name: value} for name, value in picked.given.items())]
    made = segments.save(session, name=name, wanted={"all": parts}, ground=ground, now=now, actor=who.actor)
    return RedirectResponse(f"/people?in_list={made.id}", 303)


@router.post("/lists/{list_id:identifier}")
@rule(Permission.EDIT)
def change_list(
    session: WriteSession,
    who: Who,
    now: Now,
    list_id: str,
    name: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
) -> Response:
    """Change a list's name, language and owner."""
    changes = {"name": name, "language": language or None, "owner": owner}
    actions.update_list(session, list_id, changes, now=now, actor=who.actor)
    return RedirectResponse(f"/people?in_list={list_id}", 303)


@router.post("/lists/{list_id:identifier}/public")
@rule(Permission.EDIT)
def open_list(session: WriteSession, who: Who, now: Now, list_id: str, public: Annotated[str, Form()] = "") -> Response:
    """Let everyone sign up for a list, or nobody any more."""
    actions.update_list(session, list_id, {"public": public == "yes"}, now=now, actor=who.actor)
    return RedirectResponse(f"/people?in_list={list_id}", 303)
