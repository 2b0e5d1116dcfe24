"""The API of what guests need to take part."""

from __future__ import annotations

from service.accounts.values import Permission
from service.invitations.needs import read_needs, write_needs
from service.web.api.invitations import own_invitation
from service.web.deps import House, Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="invitations")


class Needs(ApiModel):
    """What a guest needs to take part; "" for nothing known."""

    needs: str


@router.get("/invitations/{invitation_id}/needs")
@rule(Permission.EDIT)
def show(session: ReadSession, who: Principal, house: House, invitation_id: str) -> Needs:
    """Return what a guest needs, opened."""
    own_invitation(session, who, invitation_id)
    return Needs(needs=read_needs(session, invitation_id, ring=house.ring))


@router.patch("/invitations/{invitation_id}/needs")
@rule(Permission.EDIT)
def change(session: WriteSession, who: Principal, now: Now, house: House, invitation_id: str, body: Needs) -> Needs:
    """Keep what a guest needs, sealed, in place of what was there."""
    own_invitation(session, who, invitation_id)
    write_needs(session, invitation_id, body.needs, ring=house.ring, now=now, actor=who.actor)
    return Needs(needs=read_needs(session, invitation_id, ring=house.ring))
