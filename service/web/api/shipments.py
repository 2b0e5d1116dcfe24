"""The API of print copies that went out or came back."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import shipments
from service.dissemination.shipments import Shipment
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/shipments", tag="results")


class ShipmentIn(ApiModel):
    """Copies of an output, 1 or more; `came_back`: they were returned. `note` is the packing note."""

    output_key: str
    shipped_on: date
    copies: int
    came_back: bool = False
    audience_key: str | None = None
    country: str | None = None
    note: str


class ShipmentOut(ApiModel):
    """A shipment as it is kept; `copies` are negative when they came back."""

    id: str
    output_key: str
    shipped_on: date
    copies: int
    audience_key: str | None
    country: str | None
    note: str


def _shipment(shipment: Shipment) -> ShipmentOut:
    return ShipmentOut(**{name: getattr(shipment, name) for name in ShipmentOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_shipments(session: ReadSession, who: Principal, project_id: str) -> Page[ShipmentOut]:
    """Return the shipments and returns, the latest first."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_shipment(one) for one in shipments.read_shipments(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: ShipmentIn) -> ShipmentOut:
    """Put in copies that went out or came back."""
    require_project(who, project_id)
    return _shipment(shipments.add_shipment(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.delete("/{shipment_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, shipment_id: str) -> Response:
    """Take a shipment away that was wrong."""
    require_project(who, project_id)
    shipments.remove_shipment(session, project_id, shipment_id, now=now, actor=who.actor)
    return Response(status_code=204)
