"""The SQL of forgetting what was to be done for someone after an event, and of showing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.tables.events import GuestTask
from service.events.tables import Event
from service.invitations.tables import Invitation
from service.kernel.text import folded
from service.people.tables import MergedId
from service.privacy.values import Subject

_T, _I, _A, _E = columns(GuestTask), columns(Invitation), columns(MergedId), columns(Event)


def forget_guest_tasks(session: Session, subject: Subject) -> int:
    """Delete the tasks for someone, and those for others whose note names them."""
    marks = [folded(mark) for mark in subject.marks]
    rows = session.execute(select(_T.id, _T.note, _T.owner))
    named = [row.id for row in rows if any(mark in folded(f"{row.note} {row.owner}") for mark in marks)]
    return _deleted(session, or_(_T.person_ref.in_(subject.refs), _T.id.in_(named)))


def read_guest_tasks(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what was to be done for someone, by day."""
    query = select(_E.title.label("event"), _T.kind, _T.note, _T.due_on, _T.done_on).join(Event, _E.id == _T.event_id)
    rows = session.execute(query.where(_T.person_ref.in_(subject.refs)).order_by(_T.due_on, _T.id))
    return [dict(row) for row in rows.mappings()]


def delete_guest_tasks(session: Session, event_id: str, invitation_ids: Sequence[str]) -> int:
    """Delete the tasks of an event for those whose invitations go."""
    people = select(_I.person_id).where(_I.id.in_(invitation_ids))
    led = select(_A.old_id).where(_A.new_id.in_(people))
    return _deleted(session, (_T.event_id == event_id) & or_(_T.person_ref.in_(people), _T.person_ref.in_(led)))


def _deleted(session: Session, where: Any) -> int:
    return int(session.connection().execute(delete(GuestTask).where(where)).rowcount)
