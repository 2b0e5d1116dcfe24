"""The SQL of how many were invited, said yes and came."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlmodel import Session

from service.db.types import columns
from service.ical.values import PartStat
from service.invitations.store.seats import IN_USE
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Attendance, LetterState, Seat

_I = columns(InvitationRow)


def funnel(session: Session, event_id: str) -> dict[str, int]:
    """Return the people of an event: invited, delivered, came_back, accepted, in_room, online, tentative,
    declined, no_answer, waiting, present.
    """
    invited = and_(_I.withdrawn_at.is_(None), _I.walk_in.is_(False), _I.letter != LetterState.NONE.value)
    yes = _I.partstat == PartStat.ACCEPTED.value
    said = {
        "invited": invited,
        "delivered": and_(invited, _I.letter == LetterState.SENT.value),
        "came_back": and_(invited, _I.letter == LetterState.BOUNCED.value),
        "accepted": and_(invited, yes),
        "in_room": and_(invited, yes, _I.seat.in_(IN_USE)),
        "online": and_(invited, yes, _I.online.is_(True)),
        "waiting": and_(invited, _I.seat == Seat.WAITING.value),
        "tentative": and_(invited, _I.partstat == PartStat.TENTATIVE.value),
        "declined": and_(invited, _I.partstat == PartStat.DECLINED.value),
        "no_answer": and_(invited, _I.partstat == PartStat.NEEDS_ACTION.value),
        "present": _I.attendance == Attendance.PRESENT.value,
        "walk_ins": and_(_I.walk_in.is_(True), _I.attendance == Attendance.PRESENT.value),
    }
    counted = [func.count().filter(condition).label(name) for name, condition in said.items()]
    row = session.execute(select(*counted).where(_I.event_id == event_id)).mappings().one()
    return {name: int(row[name]) for name in said}


def funnels(session: Session, event_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return of several events in one SELECT: invited, coming (those who wait for a seat left out), no_answer,
    came_back, in_room and waiting.
    """
    live = and_(_I.withdrawn_at.is_(None), _I.walk_in.is_(False), _I.letter != LetterState.NONE.value)
    yes = _I.partstat == PartStat.ACCEPTED.value
    coming = and_(yes, _I.seat != Seat.WAITING.value)
    query = (
        select(
            _I.event_id,
            func.count().filter(live).label("invited"),
            func.count().filter(live, coming).label("coming"),
            func.count().filter(live, _I.partstat == PartStat.NEEDS_ACTION.value).label("no_answer"),
            func.count().filter(live, _I.letter == LetterState.BOUNCED.value).label("came_back"),
            func.count().filter(live, yes, _I.seat.in_(IN_USE)).label("in_room"),
            func.count().filter(live, _I.seat == Seat.WAITING.value).label("waiting"),
        )
        .where(_I.event_id.in_(event_ids))
        .group_by(_I.event_id)
    )
    found = {row["event_id"]: dict(row) for row in session.execute(query).mappings()}
    none = dict.fromkeys(("invited", "coming", "no_answer", "came_back", "in_room", "waiting"), 0)
    return {event_id: found.get(event_id, none) for event_id in event_ids}
