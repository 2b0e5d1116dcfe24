"""The staff page of addresses that are not written to: look one up, let its letters leave again with a reason.

An address is only known as a keyed hash: there is no list to leaf through. It is looked up by POST, so that it
stands in no URL.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from sqlmodel import Session

from service.accounts.rules import may
from service.accounts.values import Permission, Principal
from service.kernel.errors import FarsowError, Forbidden, Invalid
from service.mail import actions as mail
from service.mail.values import Ground, Stop, SuppressionReason
from service.people import store
from service.people.rules import addresses
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.house import House as HouseType
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people/stopped")
EASY = frozenset([SuppressionReason.UNSUBSCRIBED, SuppressionReason.BOUNCED])  # others only a manager lifts


@router.get("")
@rule(Permission.EDIT)
def ask(request: Request, session: ReadSession, who: Who) -> Response:
    """Ask for an address."""
    return _page(request, session, who, "", None)


@router.post("")
@rule(Permission.EDIT)
def look_up(
    request: Request, session: ReadSession, who: Who, house: House, address: Annotated[str, Form()] = ""
) -> Response:
    """Show what stops letters to an address. Nothing is changed."""
    try:
        key = addresses.normalise_address(address).key
    except FarsowError as error:
        return _page(request, session, who, address, None, error=error.sentence, status=422)
    return _page(request, session, who, address, mail.read_stops(session, key, address_key=house.address_key))


@router.post("/lift")
@rule(Permission.EDIT)
def lift(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    address: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Let letters of one scope leave again."""
    if why not in list(Ground):
        raise Invalid("Say why letters may leave again.", field="why")
    left = lift_stop(session, who, house, address, scope, Ground(why), now=now)
    return _page(request, session, who, address, left, lifted=True)


def lift_stop(
    session: Session, who: Principal, house: HouseType, address: str, scope: str, why: Ground, *, now: datetime
) -> list[Stop]:
    """Let letters of one scope to an address leave again, and return what still stops others.

    Raises:
        Forbidden: only a manager lifts this. NotFound, Conflict: as `mail.lift_by_staff`.
    """
    key = addresses.normalise_address(address).key
    found = mail.read_stops(session, key, address_key=house.address_key)
    if any(one.scope == scope and not may_lift(one, who) for one in found):
        raise Forbidden("Only a manager lifts this.")
    mail.lift_by_staff(session, key, scope, why, address_key=house.address_key, now=now, actor=who.actor)
    return mail.read_stops(session, key, address_key=house.address_key)


def may_lift(stop: Stop, who: Principal) -> bool:
    """Tell whether someone may lift a stop; complaints and the like are a manager's to lift."""
    return stop.reason in EASY or may(who.role, Permission.ADMINISTER)


def _page(
    request: Request, session: Session, who: Principal, address: str, stops: list[Stop] | None, **more: Any
) -> Response:
    names = {f"list:{one.id}": one.name for one in store.read_lists(session)}
    context: dict[str, Any] = {"error": "", "lifted": False, "status": 200} | more
    return page(
        request,
        "people/stopped.html",
        status=context.pop("status"),
        address=address,
        stops=stops,
        names=names,
        grounds=list(Ground),
        may_lift=lambda stop: may_lift(stop, who),
        project=current_project(request, session, who),
        **context,
    )
