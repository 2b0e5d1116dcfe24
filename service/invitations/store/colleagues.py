"""The SQL of colleagues whom invitees name in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.invitations.tables import Invitation
from service.invitations.tables import SubstituteRequest as WishRow
from service.invitations.values import RequestState, SubstituteRequest
from service.kernel.errors import NotFound
from service.kernel.ids import new_id

_I, _W = columns(Invitation), columns(WishRow)
_WISH = [_W[name] for name in SubstituteRequest.__dataclass_fields__]


class UnknownWish(NotFound):
    """There is no such wish for a colleague."""

    code = "unknown-substitute-request"


def add_wish(session: Session, invitation_id: str, *, name: str, email: str, now: datetime) -> SubstituteRequest:
    """Insert a wish for a colleague and return it."""
    wish = SubstituteRequest(new_id(), invitation_id, now, name, email, RequestState.OPEN)
    session.execute(insert(WishRow).values(**asdict(wish)))
    return wish


def read_wish(session: Session, request_id: str) -> SubstituteRequest:
    """Return one wish.

    Raises:
        UnknownWish: there is none of this id.
    """
    row = session.execute(select(*_WISH).where(_W.id == request_id)).mappings().first()
    if row is None:
        raise UnknownWish("There is no such wish.")
    return _wish(dict(row))


def _wish(row: dict[str, Any]) -> SubstituteRequest:
    return SubstituteRequest(**{**row, "state": RequestState(row["state"])})


def read_wishes(session: Session, invitation_id: str) -> list[SubstituteRequest]:
    """Return the wishes of one invitee, newest first."""
    query = select(*_WISH).where(_W.invitation_id == invitation_id).order_by(_W.at.desc(), _W.id.desc())
    return [_wish(dict(row)) for row in session.execute(query).mappings()]


def read_open_wishes(session: Session, event_ids: Sequence[str]) -> list[tuple[str, SubstituteRequest]]:
    """Return what waits for a decision in some events, oldest first, each with its event."""
    where = and_(_W.state == RequestState.OPEN.value, _I.event_id.in_(event_ids))
    query = select(_I.event_id, *_WISH).join(Invitation, _I.id == _W.invitation_id).where(where)
    rows = [dict(row) for row in session.execute(query.order_by(_W.at, _W.id)).mappings()]
    return [(row.pop("event_id"), _wish(row)) for row in rows]


def drop_open_wishes(session: Session, invitation_id: str) -> None:
    """Delete what an invitee wished before."""
    where = and_(_W.invitation_id == invitation_id, _W.state == RequestState.OPEN.value)
    session.execute(delete(WishRow).where(where))


def settle_wish(session: Session, request_id: str, state: RequestState, *, now: datetime, actor: str) -> None:
    """Note a decision, and empty the name and the address."""
    values = {"state": state.value, "decided_at": now, "decided_by": actor, "name": "", "email": ""}
    session.execute(update(WishRow).where(_W.id == request_id).values(**values))
