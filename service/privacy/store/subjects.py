"""The SQL of who it is about: people by any of their addresses, their invitations, and what leads to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, TypeDecorator, and_, cast, or_, select
from sqlmodel import Session, SQLModel

from service.db.types import columns
from service.events.tables import Event
from service.events.values import EventState
from service.invitations.tables import Invitation
from service.invitations.values import Seat
from service.people.tables import MergedId, Person
from service.people.values import Address
from service.privacy.store.matching import holds

_P, _I, _A = columns(Person), columns(Invitation), columns(MergedId)
_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]\\]+@[^\s<>\"',;:()\[\]\\]+")
_IDENTITY = [_P.id, _P.name, _P.email, _P.email_key, _P.other_emails]


def find_people(session: Session, address: Address) -> list[dict[str, Any]]:
    """Return who may have an address, as first or second one: id, name, email, email_key, other_emails."""
    is_second = holds(session, _P.other_emails, [address.key, address.display])
    query = select(*_IDENTITY).where(or_(_P.email_key == address.key, is_second))
    return [dict(row) for row in session.execute(query).mappings()]


def read_identities(session: Session, person_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return who people are: id, name, email, email_key, other_emails."""
    return [dict(row) for row in session.execute(select(*_IDENTITY).where(_P.id.in_(person_ids))).mappings()]


def find_invitations(session: Session, person_ids: Sequence[str]) -> list[str]:
    """Return the ids of people's invitations."""
    return list(session.execute(select(_I.id).where(_I.person_id.in_(person_ids))).scalars())


def find_old_ids(session: Session, ids: Sequence[str]) -> list[str]:
    """Return the ids that lead to some people and invitations since a merge."""
    return list(session.execute(select(_A.old_id).where(_A.new_id.in_(ids)).order_by(_A.old_id)).scalars())


def events_with_seats(session: Session, invitation_ids: Sequence[str], *, after: datetime) -> list[str]:
    """Return the announced events yet to begin in which these invitations have a seat."""
    event = columns(Event)
    has_seat = and_(_I.id.in_(invitation_ids), _I.seat.in_((Seat.HELD.value, Seat.OFFERED.value)))
    is_ahead = and_(event.starts_at > after, event.state == EventState.ANNOUNCED.value)
    query = select(event.id).join(Invitation, _I.event_id == event.id).where(has_seat, is_ahead)
    return list(session.execute(query.order_by(event.id)).scalars())


def find_addresses(session: Session) -> set[str]:
    """Return every address that stands in any text of any table, in lower case: for a restored database only."""
    found: set[str] = set()
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if holds_text(column):
                found.update(_addresses_in(session, column))
    return found


def holds_text(column: Any) -> bool:
    """Tell whether a column holds text, JSON or bytes."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON | LargeBinary)


def _addresses_in(session: Session, column: Any) -> Iterator[str]:
    is_bytes = isinstance(column.type, LargeBinary)
    plain = column if is_bytes else cast(column, String)
    where = column.is_not(None) if is_bytes else plain.contains("@")
    for value in session.execute(select(plain).where(where)).scalars():
        words = value.decode("utf-8", "replace") if is_bytes else _unescaped(value)
        yield from (match.lower() for match in _ADDRESS.findall(words))


def _unescaped(value: str) -> str:
    """Return the text of JSON as it reads: on SQLite letters outside ASCII stand in it as escapes."""
    try:
        return json.dumps(json.loads(value), ensure_ascii=False)
    except ValueError:
        return value


def group_by_event(session: Session, invitation_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return invitations by their events."""
    found: dict[str, list[str]] = {}
    query = select(_I.event_id, _I.id).where(_I.id.in_(invitation_ids)).order_by(_I.event_id, _I.id)
    for event_id, invitation_id in session.execute(query):
        found.setdefault(event_id, []).append(invitation_id)
    return found
