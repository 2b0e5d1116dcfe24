"""The SQL of what someone said after events: to show it, and to delete it. Nameless answers are nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.proving import Claim
from service.dissemination.tables.results import EvidenceFile
from service.invitations.tables import Commitment, SurveyAnswer, SurveyReturn

_R, _A, _C = columns(SurveyReturn), columns(SurveyAnswer), columns(Commitment)
_F = columns(EvidenceFile)
_TABLES = ((SurveyReturn, _R), (SurveyAnswer, _A), (Commitment, _C))


def read_said(session: Session, invitation_ids: Sequence[str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return what was said after events, by invitation: wishes, answers under the name, and commitments."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for what, c in (("survey", _R), ("survey answers", _A), ("commitments", _C)):
        rows = session.execute(select(*c).where(c.invitation_id.in_(invitation_ids)).order_by(c.invitation_id))
        for row in rows.mappings():
            found.setdefault(row["invitation_id"], {}).setdefault(what, []).append(dict(row))
    return found


def forget_said(session: Session, invitation_ids: Sequence[str]) -> None:
    """Delete what was said after events by those invited, with what shows that they did it."""
    theirs = select(_C.id).where(_C.invitation_id.in_(invitation_ids))
    session.execute(delete(EvidenceFile).where(_F.kind == Claim.COMMITMENT.value, _F.record_id.in_(theirs)))
    for table, c in _TABLES:
        session.execute(delete(table).where(c.invitation_id.in_(invitation_ids)))


def empty_nameless(session: Session, event_id: str) -> None:
    """Empty the words of an event's nameless answers: they may speak of anyone. The numbers stay."""
    nameless = (_A.event_id == event_id, _A.invitation_id.is_(None), _A.words != "")
    session.execute(update(SurveyAnswer).where(*nameless).values(words=""))
