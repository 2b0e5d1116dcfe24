"""The SQL of files that may name anyone: they lie sealed, so nobody can be looked for in them.

A *sheet* is a file beside an event that is marked as naming people, such as the list of those who came: it is taken to
name everyone who came or said yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.proving import Claim
from service.dissemination.tables.results import EvidenceFile
from service.events.tables import Event, Project
from service.ical.values import PartStat
from service.invitations.tables import Invitation
from service.invitations.values import Attendance
from service.privacy.values import Subject, Unsearched

_F, _P = columns(EvidenceFile), columns(Project)
_E, _I = columns(Event), columns(Invitation)
IS_SHEET = and_(_F.kind == Claim.EVENT.value, _F.names_people.is_(True))


def read_unsearched(session: Session) -> list[Unsearched]:
    """Return how many files of evidence are marked as naming people, by project."""
    query = select(_P.id, _P.name, func.count()).join(EvidenceFile, _F.project_id == _P.id)
    query = query.where(_F.names_people.is_(True)).group_by(_P.id, _P.name).order_by(_P.name, _P.id)
    return [Unsearched(*row) for row in session.execute(query)]


def read_sheets(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the sheets that are taken to name someone: of which event, what is said of each, since when."""
    query = select(_E.title.label("event"), _F.note, _F.added_at).join(Event, _E.id == _F.record_id)
    rows = session.execute(query.where(_names(subject)).order_by(_F.added_at, _F.id))
    return [dict(row) for row in rows.mappings()]


def forget_sheets(session: Session, subject: Subject) -> int:
    """Delete the sheets that are taken to name someone; return how many. Their invitations must still be there."""
    return int(session.connection().execute(delete(EvidenceFile).where(_names(subject))).rowcount)


def _names(subject: Subject) -> Any:
    is_on_it = or_(_I.attendance == Attendance.PRESENT.value, _I.partstat == PartStat.ACCEPTED.value)
    attended = select(_I.event_id).where(_I.id.in_(subject.invitation_ids), is_on_it)
    return and_(IS_SHEET, _F.record_id.in_(attended))


def find_sheets(session: Session, event_id: str) -> list[str]:
    """Return the sheets of an event: few, for a record has few files."""
    return list(session.execute(select(_F.id).where(IS_SHEET, _F.record_id == event_id).order_by(_F.id)).scalars())


def delete_files(session: Session, ids: Sequence[str]) -> None:
    """Delete files."""
    session.execute(delete(EvidenceFile).where(_F.id.in_(ids)))
