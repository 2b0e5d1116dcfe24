"""Print copies that went out, and that came back: O4 is the one less the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination.editing import NotADay, NotANumber, UnknownReference, parse_day, parse_number
from service.dissemination.proving import Claim
from service.dissemination.recording import parse_place
from service.dissemination.records import known_keys
from service.dissemination.rules import EvidenceMissing
from service.dissemination.store import evidence as files
from service.dissemination.store import shipments as store
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id
from service.kernel.text import clean_line

MOST_COPIES = 10**7


@dataclass(frozen=True, slots=True)
class Shipment:
    """Copies of one output on one day; negative when they came back."""

    id: str
    output_key: str
    shipped_on: date
    copies: int
    audience_key: str | None
    note: str
    country: str | None = None


def make_shipment(
    shipment_id: str, wishes: Mapping[str, Any], known: Mapping[str, Collection[str]], *, today: date
) -> Shipment:
    """Return a shipment, or a return when `came_back` is said; the note is its packing note.

    Raises:
        UnknownReference, NotADay, NotANumber, EvidenceMissing.
    """
    output, audience = str(wishes.get("output_key") or ""), wishes.get("audience_key") or None
    for field, chosen in (("output_key", output), ("audience_key", audience)):
        if chosen is not None and chosen not in known[field]:
            raise UnknownReference("Choose one of the list.", field=field)
    day = parse_day(wishes.get("shipped_on"), "shipped_on")
    if day > today:
        raise NotADay("That day has not come yet.", field="shipped_on")
    note = clean_line(str(wishes.get("note") or ""))[:300]
    if not note:
        raise EvidenceMissing("Say where one can see it: the number of the packing note.", field="note")
    copies, country = _copies(wishes.get("copies")), parse_place("country", wishes.get("country"))
    return Shipment(shipment_id, output, day, -copies if wishes.get("came_back") else copies, audience, note, country)


def _copies(raw: Any) -> int:
    found = parse_number(raw, "copies")
    if found != int(found) or not 1 <= found <= MOST_COPIES:
        raise NotANumber("Give the number of copies, 1 or more.", field="copies")
    return int(found)


def add_shipment(
    session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Shipment:
    """Put in copies that went out or came back.

    Raises:
        UnknownProject, UnknownReference, NotADay, NotANumber, EvidenceMissing.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    shipment = make_shipment(new_id(), wishes, known_keys(session, project_id), today=today)
    store.add_shipment(session, project_id, shipment)
    subject = f"shipment:{shipment.id}"
    log.record(session, actor=actor, action="shipment.added", subject=subject, now=now, copies=shipment.copies)
    return shipment


def remove_shipment(session: Session, project_id: str, shipment_id: str, *, now: datetime, actor: str) -> None:
    """Take a shipment away that was wrong; issued reports keep it.

    Raises:
        UnknownShipment: the project has none of this id.
    """
    store.remove_shipment(session, project_id, shipment_id)
    files.remove_of(session, Claim.SHIPMENT, shipment_id)
    log.record(session, actor=actor, action="shipment.removed", subject=f"shipment:{shipment_id}", now=now)


def read_shipments(session: Session, project_id: str) -> list[Shipment]:
    """Return the shipments and returns of a project, the latest first."""
    return [Shipment(**row) for row in store.read_shipments(session, project_id)]
