"""The API of files of evidence beside records."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Response

from service.accounts.values import Permission
from service.dissemination import evidence, proving
from service.dissemination.proving import Evidence
from service.dissemination.store import evidence as store
from service.events import store as events
from service.web.deps import House, Now, Principal, ReadSession, WriteSession, require_project
from service.web.evidence import Sent, handed_out
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/evidence", tag="results")


class EvidenceIn(ApiModel):
    """What is said of a file; what is left out stays as it is."""

    note: str | None = None
    names_people: bool | None = None


class EvidenceOut(ApiModel):
    """A file; `kind` is line, figure, marker, outcome, record, shipment, commitment or event.

    `sha256` is of what was sent.
    """

    id: str
    kind: str
    record_id: str
    media_type: str
    size: int
    sha256: str
    note: str
    names_people: bool
    added_by: str
    added_at: datetime


def _out(found: Evidence) -> EvidenceOut:
    return EvidenceOut(**{name: getattr(found, name) for name in EvidenceOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_evidence(
    session: ReadSession, who: Principal, project_id: str, kind: str = "", record_id: str = "", naming: bool = False
) -> Page[EvidenceOut]:
    """List a project's files, the latest first; those of a kind of record, of one record, that name people."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    claim = proving.read_claim(kind) if kind else None
    found = store.read_all(session, project_id, claim=claim, record_id=record_id, naming=naming)
    return Page(items=[_out(one) for one in found])


@router.post("/{kind}/{record_id}", status_code=201)
@rule(Permission.EDIT)
def attach(
    sent: Annotated[Sent, Depends()],
    session: WriteSession,
    who: Principal,
    now: Now,
    house: House,
    project_id: str,
    kind: str,
    record_id: str,
    note: Annotated[str, Form()],
    names_people: Annotated[bool, Form()] = True,
) -> EvidenceOut:
    """Keep a file beside a record, sealed. It is held to name people unless you say that it does not."""
    require_project(who, project_id)
    made = evidence.attach(
        session, project_id, proving.read_claim(kind), record_id, sent.name, sent.content, note=note,
        names_people=names_people, largest=house.evidence_bytes, ring=house.ring, now=now, actor=who.actor,
    )  # fmt: skip
    return _out(made)


@router.get("/{evidence_id}/file")
@rule(Permission.EDIT)
def take(session: ReadSession, who: Principal, house: House, project_id: str, evidence_id: str) -> Response:
    """Give a file; one that names people only to a manager."""
    require_project(who, project_id)
    return handed_out(session, who, house, project_id, evidence_id)


@router.patch("/{evidence_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, evidence_id: str, body: EvidenceIn
) -> EvidenceOut:
    """Say what a file shows, and whether it names people."""
    require_project(who, project_id)
    found = evidence.describe(
        session, project_id, evidence_id, note=body.note, names_people=body.names_people, now=now, actor=who.actor
    )
    return _out(found)


@router.delete("/{evidence_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, evidence_id: str) -> Response:
    """Delete a file; issued reports keep that it was held."""
    require_project(who, project_id)
    evidence.remove(session, project_id, evidence_id, now=now, actor=who.actor)
    return Response(status_code=204)
