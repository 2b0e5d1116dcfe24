"""Keep files of evidence beside records, say what they show, take them away. The caller commits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from service.audit import log
from service.dissemination import proving
from service.dissemination.proving import Claim, Evidence, TooManyFiles, UnknownClaim
from service.dissemination.store import evidence as store
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing


def attach(
    session: Session,
    project_id: str,
    claim: Claim,
    record_id: str,
    filename: str,
    content: bytes,
    *,
    note: str,
    names_people: bool = True,
    largest: int = proving.USUAL_LARGEST,
    ring: SealRing,
    now: datetime,
    actor: str,
) -> Evidence:
    """Keep a file beside a record, sealed. The same bytes beside the same record change nothing.

    Raises:
        UnknownClaim, BadEvidence, EvidenceTooLarge, TooManyFiles: nothing was kept.
    """
    read_title(session, project_id, claim, record_id)
    ending, note = proving.check_file(filename, content, largest=largest), proving.check_note(note)
    digest = sha256(content).hexdigest()
    there = store.read_all(session, project_id, claim=claim, record_id=record_id)
    if same := next((one for one in there if one.sha256 == digest), None):
        return same
    if len(there) >= proving.MOST:
        raise TooManyFiles
    about = (claim.value, record_id, ending, len(content), digest, note, names_people, actor, now)
    made = Evidence(new_id(), project_id, *about)
    store.add(session, made, content, ring=ring)
    _log(session, made, "evidence.added", now=now, actor=actor)
    return made


def describe(
    session: Session,
    project_id: str,
    evidence_id: str,
    *,
    note: str | None = None,
    names_people: bool | None = None,
    now: datetime,
    actor: str,
) -> Evidence:
    """Say what a file shows and whether it names people; what is None stays.

    Raises:
        UnknownEvidence, BadEvidence.
    """
    before = store.read(session, project_id, evidence_id)
    said = before.note if note is None else proving.check_note(note)
    after = replace(before, note=said, names_people=before.names_people if names_people is None else names_people)
    if after != before:
        store.write(session, after)
        _log(session, after, "evidence.described", now=now, actor=actor)
    return after


def remove(session: Session, project_id: str, evidence_id: str, *, now: datetime, actor: str) -> None:
    """Delete a file; issued reports keep that it was held.

    Raises:
        UnknownEvidence: the project has none of this id.
    """
    found = store.read(session, project_id, evidence_id)
    store.remove(session, evidence_id)
    _log(session, found, "evidence.removed", now=now, actor=actor)


def read_title(session: Session, project_id: str, claim: Claim, record_id: str) -> str:
    """Return what a record is called.

    Raises:
        UnknownClaim: the project has none of this id.
    """
    title = store.find_title(session, project_id, claim, record_id)
    if title is None:
        raise UnknownClaim("There is no such record.")
    return title


def _log(session: Session, evidence: Evidence, action: str, *, now: datetime, actor: str) -> None:
    facts = {"claim": evidence.kind, "record": evidence.record_id, "names_people": evidence.names_people}
    log.record(session, actor=actor, action=action, subject=f"evidence:{evidence.id}", now=now, **facts)
