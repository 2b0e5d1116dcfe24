"""The API of the places of an event by audience."""

from __future__ import annotations

from service.accounts.values import Permission
from service.campaign import quotas
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/quotas", tag="events")


class QuotasIn(ApiModel):
    """Places by the key of an audience, or `press`; whoever is left out has no quota."""

    places: dict[str, int]


class ShareOut(ApiModel):
    """How the places of one group are taken; `places` null: no quota."""

    group: str
    places: int | None
    invited: int
    accepted: int
    seated: int
    waiting: int


class QuotasOut(ApiModel):
    """The groups, and the invitations that wait in the order that fills the quotas evenly."""

    shares: list[ShareOut]
    suggested: list[str]


@router.get("")
@rule(Permission.READ)
def show(session: ReadSession, who: Principal, event_id: str) -> QuotasOut:
    """Return how the places are taken, and who might get the next seats."""
    event = own_event(session, who, event_id)
    shares = [
        ShareOut(**{name: getattr(one, name) for name in ShareOut.model_fields})
        for one in quotas.read_shares(session, event.id)
    ]
    return QuotasOut(shares=shares, suggested=[one.invitation_id for one in quotas.read_suggestion(session, event.id)])


@router.put("")
@rule(Permission.EDIT)
def change(session: WriteSession, who: Principal, now: Now, event_id: str, body: QuotasIn) -> QuotasOut:
    """Set the places."""
    event = own_event(session, who, event_id)
    quotas.set_quotas(session, event.id, body.places, now=now, actor=who.actor)
    return show(session, who, event_id)
