"""The SQL of print copies that went out or came back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.snapshots import Period, PrintLine
from service.dissemination.tables.plan import Output, Shipment
from service.kernel.errors import NotFound

_S, _O = columns(Shipment), columns(Output)
_SHIPMENT = [column for column in _S if column.name != "project_id"]


class UnknownShipment(NotFound):
    """The project has no such shipment."""

    code = "unknown-shipment"


def add_shipment(session: Session, project_id: str, shipment: Any) -> None:
    """Insert a shipment."""
    insert_row(session, Shipment, {**asdict(shipment), "project_id": project_id})


def remove_shipment(session: Session, project_id: str, shipment_id: str) -> None:
    """Delete a shipment.

    Raises:
        UnknownShipment: the project has none of this id.
    """
    mine = (_S.project_id == project_id, _S.id == shipment_id)
    if not session.connection().execute(delete(Shipment).where(*mine)).rowcount:
        raise UnknownShipment("There is no such shipment.")


def read_shipments(session: Session, project_id: str) -> list[dict[str, Any]]:
    """Return the shipments of a project as plain rows, the latest first."""
    query = select(*_SHIPMENT).where(_S.project_id == project_id).order_by(_S.shipped_on.desc(), _S.id.desc())
    return [dict(row) for row in session.execute(query).mappings()]


def sum_up(session: Session, project_id: str, period: Period | None = None) -> list[PrintLine]:
    """Return what went out and came back of each output, those of the days of a period; without a title by its key."""
    out = func.sum(case((_S.copies > 0, _S.copies), else_=0))
    back = func.sum(case((_S.copies < 0, -_S.copies), else_=0))
    same = (_O.project_id == _S.project_id) & (_O.key == _S.output_key)
    query = select(_S.output_key, _O.title, out, back).outerjoin(Output, same).where(_S.project_id == project_id)
    if period:
        query = query.where(_S.shipped_on >= period.starts_on, _S.shipped_on < period.ends_on)
    rows = session.execute(query.group_by(_S.output_key, _O.title).order_by(_S.output_key))
    return [PrintLine(title or key, int(shipped), int(returned)) for key, title, shipped, returned in rows]
