"""The staff page of one person's lists: put them on one, saying on which ground, or take them off."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.kernel.errors import Invalid
from service.mail import actions as mail
from service.people import actions, store
from service.people.rules import addresses, lists
from service.people.values import Basis, Consent
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.house import House as HouseType
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
NO_GROUND = "none"
FIELDS = ("list_id", "basis", "source", "text_version")


@router.get("/{person_id:identifier}/lists")
@rule(Permission.EDIT)
def show(request: Request, session: ReadSession, who: Who, house: House, person_id: str) -> Response:
    """Show the lists a person is on, and a form to put them on one more."""
    return _page(request, session, who, house, person_id, {"basis": Basis.CONSENT})


def _page(
    request: Request,
    session: Session,
    who: Principal,
    house: HouseType,
    person_id: str,
    typed: Mapping[str, str],
    error: Invalid | None = None,
) -> Response:
    person = store.read_person(session, person_id)
    memberships = store.read_memberships(session, person_id)
    grounded = {one.list_id for one in memberships if one.basis}
    return page(
        request,
        "people/lists.html",
        status=422 if error else 200,
        project=current_project(request, session, who),
        person=person,
        memberships=memberships,
        choices=[one for one in store.read_lists(session) if one.filter is None and one.id not in grounded],
        stops=mail.read_stops(session, addresses.normalise_address(person.email).key, address_key=house.address_key),
        values={**dict.fromkeys(FIELDS, ""), **typed},
        errors={error.field or "list_id": error.sentence} if error else {},
    )


@router.post("/{person_id:identifier}/lists")
@rule(Permission.EDIT)
def join(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, house: House, person_id: str
) -> Response:
    """Put a person on a list, or give them the ground they lack there; the consent log keeps what was said."""
    typed = {name: form.get(name, "") for name in FIELDS}
    try:
        consent = _consent(typed)
        actions.add_members(session, _chosen(typed), [person_id], consent, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, house, person_id, typed, error)
    return RedirectResponse(f"/people/{person_id}/lists", 303)


def _chosen(typed: Mapping[str, str]) -> str:
    if not typed["list_id"]:
        raise Invalid("Choose a list.", field="list_id")
    return typed["list_id"]


def _consent(typed: Mapping[str, str]) -> Consent | None:
    """Return the ground that staff state, None when they say there is none.

    Raises:
        Invalid: no such ground, or they do not say how they know.
    """
    if typed["basis"] == NO_GROUND:
        return None
    consent = lists.read_consent(typed["basis"], typed["source"], typed["text_version"])
    if consent is None:
        raise Invalid("Say on which ground we write to them.", field="basis")
    if not consent.source:
        raise Invalid("Say how we know: who told whom, when and where.", field="source")
    return consent


@router.post("/{person_id:identifier}/lists/{list_id:identifier}/leave")
@rule(Permission.EDIT)
def leave(session: WriteSession, who: Who, now: Now, person_id: str, list_id: str) -> Response:
    """Take a person off a list; that their consent ended is remembered."""
    actions.remove_members(session, list_id, [person_id], now=now, actor=who.actor)
    return RedirectResponse(f"/people/{person_id}/lists", 303)
