"""The API of what was spent on an event."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import costs
from service.dissemination.store import costs as store
from service.dissemination.values.given import Cost
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/costs", tag="reports")


class CostIn(ApiModel):
    """An amount spent on a day; `currency` may be left out once the project has costs."""

    what: str
    on_day: date
    amount: float
    currency: str = ""


class CostOut(CostIn):
    """A cost as it is kept."""

    id: str


def _cost(cost: Cost) -> CostOut:
    return CostOut(**{name: getattr(cost, name) for name in CostOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_costs(session: ReadSession, who: Principal, event_id: str) -> Page[CostOut]:
    """Return the costs of an event, the latest day first."""
    event = own_event(session, who, event_id)
    return Page(items=[_cost(one) for one in store.read_of_event(session, event.id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def book(session: WriteSession, who: Principal, now: Now, event_id: str, body: CostIn) -> CostOut:
    """Book a cost."""
    event = own_event(session, who, event_id)
    return _cost(costs.book(session, event, body.model_dump(), now=now, actor=who.actor))


@router.delete("/{cost_id}", status_code=204)
@rule(Permission.EDIT)
def take_back(session: WriteSession, who: Principal, now: Now, event_id: str, cost_id: str) -> Response:
    """Take a cost away that was wrong."""
    event = own_event(session, who, event_id)
    costs.take_back(session, event.id, cost_id, now=now, actor=who.actor)
    return Response(status_code=204)
