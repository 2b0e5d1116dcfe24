"""The SQL of what guests will do, with who they are and of which event."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.commitments import Line
from service.events.tables import Event
from service.invitations.survey_form import Commitment, Progress
from service.invitations.tables import Commitment as CommitmentRow
from service.invitations.tables import Invitation
from service.people.tables import Person

_C, _I, _P, _E = columns(CommitmentRow), columns(Invitation), columns(Person), columns(Event)
_COMMITMENT = [_C[name] for name in Commitment.__dataclass_fields__]


def read_lines(session: Session, project_id: str) -> list[Line]:
    """Return what guests of a project's events will do, by day; who is at risk goes by their pseudonym."""
    query = (
        select(*_COMMITMENT, _E.title, _P.name, _P.pseudonym, _P.at_risk)
        .join(Invitation, _I.id == _C.invitation_id)
        .join(Person, _P.id == _I.person_id)
        .join(Event, _E.id == _C.event_id)
        .where(_E.project_id == project_id)
        .order_by(_C.due_on, _C.id)
    )
    return [_line(dict(row)) for row in session.execute(query).mappings()]


def _line(row: dict[str, object]) -> Line:
    own = {name: row[name] for name in Commitment.__dataclass_fields__}
    made = Commitment(**{**own, "state": Progress(own["state"])})  # type: ignore[arg-type]
    name = str(row["pseudonym"] or "") if row["at_risk"] else str(row["name"])
    return Line(made, str(row["title"]), name)
