"""The SQL of files of evidence. Contents lie sealed and are read one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.proving import Claim, Evidence, UnknownEvidence
from service.dissemination.tables.figures import ManualFigure
from service.dissemination.tables.plan import PlanLine, ProgressMarker, Shipment
from service.dissemination.tables.results import EvidenceFile, Outcome, ResultRecord
from service.events.tables import Event
from service.invitations.tables import Commitment
from service.kernel.sealing import SealRing

_F = columns(EvidenceFile)
_EVIDENCE = [_F[name] for name in Evidence.__dataclass_fields__]
_SEALED = {"table": "evidence_file", "column": "content"}
_K, _E = columns(Commitment), columns(Event)


def _titled(table: Any, title: str) -> Any:
    c = columns(table)
    return select(c.project_id, c.id, c[title].label("title"))


# What a file may hang on: the record's project, its id, and what it is called.
_RECORDS: Mapping[Claim, Any] = {
    Claim.LINE: _titled(PlanLine, "title"),
    Claim.FIGURE: _titled(ManualFigure, "indicator"),
    Claim.MARKER: _titled(ProgressMarker, "text"),
    Claim.OUTCOME: _titled(Outcome, "what"),
    Claim.RECORD: _titled(ResultRecord, "title"),
    Claim.SHIPMENT: _titled(Shipment, "note"),
    Claim.COMMITMENT: select(_E.project_id, _K.id, _K.words.label("title")).join(Event, _E.id == _K.event_id),
    Claim.EVENT: _titled(Event, "title"),
}


def find_title(session: Session, project_id: str, claim: Claim, record_id: str) -> str | None:
    """Return what a record of a project is called, or None when there is none."""
    known = _RECORDS[claim].subquery()
    query = select(known.c.title).where(known.c.project_id == project_id, known.c.id == record_id)
    return session.execute(query).scalar_one_or_none()


def add(session: Session, evidence: Evidence, content: bytes, *, ring: SealRing) -> None:
    """Store a file, sealed."""
    row = {name: getattr(evidence, name) for name in Evidence.__dataclass_fields__}
    insert_row(session, EvidenceFile, row | {"content": ring.seal_bytes(content, row_id=evidence.id, **_SEALED)})


def read(session: Session, project_id: str, evidence_id: str) -> Evidence:
    """Return a file without its content.

    Raises:
        UnknownEvidence: the project has none of this id.
    """
    query = select(*_EVIDENCE).where(_F.project_id == project_id, _F.id == evidence_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise UnknownEvidence
    return Evidence(*row)


def read_content(session: Session, evidence_id: str, *, ring: SealRing) -> bytes:
    """Return what a file holds.

    Raises:
        CannotOpen: it lies under a key that is not here.
    """
    cell = session.execute(select(_F.content).where(_F.id == evidence_id)).scalar_one()
    return ring.open_bytes(cell, row_id=evidence_id, **_SEALED)


def read_all(
    session: Session, project_id: str, *, claim: Claim | None = None, record_id: str = "", naming: bool = False
) -> list[Evidence]:
    """Return the files of a project, the latest first; those of a kind of record, of one record, that name people."""
    query = select(*_EVIDENCE).where(_F.project_id == project_id)
    if claim:
        query = query.where(_F.kind == claim.value)
    if record_id:
        query = query.where(_F.record_id == record_id)
    if naming:
        query = query.where(_F.names_people.is_(True))
    return [Evidence(*row) for row in session.execute(query.order_by(_F.added_at.desc(), _F.id.desc()))]


def count(session: Session, project_id: str, claim: Claim) -> dict[str, int]:
    """Return how many files each record of a kind has, by its id."""
    query = select(_F.record_id, func.count()).where(_F.project_id == project_id, _F.kind == claim.value)
    return {record_id: int(n) for record_id, n in session.execute(query.group_by(_F.record_id))}


def has_any(session: Session, claim: Claim, record_id: str) -> bool:
    """Whether a record has a file."""
    query = select(_F.id).where(_F.kind == claim.value, _F.record_id == record_id).limit(1)
    return session.execute(query).first() is not None


def write(session: Session, evidence: Evidence) -> None:
    """Write what is said of a file."""
    values = {"note": evidence.note, "names_people": evidence.names_people}
    session.execute(update(EvidenceFile).where(_F.id == evidence.id).values(values))


def remove(session: Session, evidence_id: str) -> None:
    """Delete a file."""
    session.execute(delete(EvidenceFile).where(_F.id == evidence_id))


def remove_of(session: Session, claim: Claim, record_id: str) -> None:
    """Delete the files of a record that goes."""
    session.execute(delete(EvidenceFile).where(_F.kind == claim.value, _F.record_id == record_id))
