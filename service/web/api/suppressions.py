"""The API of addresses that are not written to. Each is known only as a keyed hash: there is no list of them."""

from __future__ import annotations

from datetime import datetime

from service.accounts.values import Permission
from service.mail import actions as mail
from service.mail.values import Ground, SuppressionReason
from service.people.rules import addresses
from service.web.deps import House, Now, Principal, WriteSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule
from service.web.stops import lift_stop

router = api_router("/suppressions", tag="people")


class AddressIn(ApiModel):
    """The address to look up; in the body, so that it stands in no URL."""

    address: str


class LiftIn(AddressIn):
    """Which letters may leave again: `scope` is all, purpose:<purpose> or list:<id>; and why."""

    scope: str
    why: Ground


class StopOut(ApiModel):
    """Why letters of one scope do not go to an address, and since when."""

    scope: str
    reason: SuppressionReason
    since: datetime


@router.post("/lookup")
@rule(Permission.EDIT)
def look_up_suppressions(session: WriteSession, house: House, body: AddressIn) -> Page[StopOut]:
    """Return what stops letters to an address. Nothing is changed."""
    key = addresses.normalise_address(body.address).key
    stops = mail.read_stops(session, key, address_key=house.address_key)
    return Page(items=[StopOut.model_validate(stop) for stop in stops])


@router.post("/lift")
@rule(Permission.EDIT)
def lift_suppression(session: WriteSession, who: Principal, now: Now, house: House, body: LiftIn) -> Page[StopOut]:
    """Let letters of one scope leave again; the answer is what still stops others."""
    left = lift_stop(session, who, house, body.address, body.scope, body.why, now=now)
    return Page(items=[StopOut.model_validate(stop) for stop in left])
