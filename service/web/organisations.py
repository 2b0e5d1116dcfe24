"""Staff pages of organisations: the list, one with its people, its change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.kernel.errors import Conflict, FarsowError, Invalid
from service.people import organisations, store
from service.people.values import Organisation, OrganisationType
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.person import country_text
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/organisations")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
PAGE = 50
LINES = ("name", "type", "country", "audience_id")


@router.get("")
@rule(Permission.READ)
def show_list(
    request: Request, session: ReadSession, who: Who, q: str = "", kind: str = "", after: str = ""
) -> Response:
    """Search organisations by their names, own and other."""
    return _list(request, session, who, q=q, kind=kind, after=after)


def _list(
    request: Request,
    session: Session,
    who: Principal,
    *,
    q: str = "",
    kind: str = "",
    after: str = "",
    error: str = "",
) -> Response:
    found = store.read_organisations(session, text=q, kind=kind or None, after=after or None, limit=PAGE)
    ids = [one.id for one in found.items]
    return page(
        request,
        "organisations/list.html",
        status=422 if error else 200,
        project=current_project(request, session, who),
        nav="people",
        organisations=found.items,
        other_names=store.read_other_names(session, ids),
        members=store.count_members(session, ids),
        next=found.next,
        kinds=list(OrganisationType),
        q=q,
        kind=kind,
        error=error,
    )


@router.post("")
@rule(Permission.EDIT)
def create(request: Request, session: WriteSession, who: Who, now: Now, name: Annotated[str, Form()] = "") -> Response:
    """Make an organisation, or find the one of this name."""
    try:
        made = organisations.ensure(session, name, now=now)
    except Invalid as error:
        session.rollback()
        return _list(request, session, who, error=error.sentence)
    return RedirectResponse(f"/organisations/{made}", 303)


@router.get("/{organisation_id:identifier}")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, organisation_id: str, after: str = "") -> Response:
    """Show one organisation with its people; those at risk stand by pseudonym."""
    organisation = store.read_organisation(session, organisation_id)
    people = store.read_people(session, organisation_id=organisation_id, after=after or None, limit=PAGE)
    return page(
        request,
        "organisations/show.html",
        project=current_project(request, session, who),
        nav="people",
        organisation=organisation,
        other_names=_other_names(session, organisation_id),
        audience=_audience(session, organisation),
        people=people.items,
        total=store.count_people(session, organisation_id=organisation_id),
        next=people.next,
    )


def _other_names(session: Session, organisation_id: str) -> list[str]:
    return store.read_other_names(session, [organisation_id]).get(organisation_id, [])


def _audience(session: Session, organisation: Organisation) -> str:
    return store.read_audience(session, organisation.audience_id).name if organisation.audience_id else ""


@router.get("/{organisation_id:identifier}/edit")
@rule(Permission.EDIT)
def edit(request: Request, session: ReadSession, who: Who, organisation_id: str) -> Response:
    """Show an organisation in a form."""
    organisation = store.read_organisation(session, organisation_id)
    values = {name: getattr(organisation, name) or "" for name in LINES}
    values["country"] = country_text(organisation.country)
    values["other_names"] = "\n".join(_other_names(session, organisation_id))
    return _form(request, session, who, organisation, values)


def _form(
    request: Request,
    session: Session,
    who: Principal,
    organisation: Organisation,
    values: Mapping[str, str],
    *,
    error: FarsowError | None = None,
) -> Response:
    return page(
        request,
        "organisations/edit.html",
        status=200 if error is None else 409 if isinstance(error, Conflict) else 422,
        project=current_project(request, session, who),
        nav="people",
        organisation=organisation,
        values=dict.fromkeys((*LINES, "other_names"), "") | dict(values),
        error=error,
        errors={error.field: error.sentence} if isinstance(error, Invalid) and error.field else {},
        audiences=store.read_audiences(session),
        kinds=list(OrganisationType),
    )


@router.post("/{organisation_id:identifier}/edit")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, organisation_id: str) -> Response:
    """Change an organisation; a form that cannot be used comes back with what was typed."""
    wanted: dict[str, Any] = {name: form[name].strip() for name in LINES if name in form}
    if "other_names" in form:
        wanted["other_names"] = form["other_names"].splitlines()
    try:
        organisations.change(session, organisation_id, wanted, now=now, actor=who.actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _form(request, session, who, store.read_organisation(session, organisation_id), form, error=error)
    return RedirectResponse(f"/organisations/{organisation_id}", 303)
