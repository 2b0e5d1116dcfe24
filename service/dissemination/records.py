"""What one does with records of results: put one in, change it, take it away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import store as plans
from service.dissemination.proving import Claim
from service.dissemination.recording import Kind, Record, make_record
from service.dissemination.store import evidence as files
from service.dissemination.store import planning
from service.dissemination.store import records as store
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.errors import NotFound
from service.kernel.ids import new_id


class UnknownKind(NotFound):
    """There is no such kind of record."""

    code = "unknown-kind"


def find_kind(raw: str) -> Kind:
    """Return the kind of a word.

    Raises:
        UnknownKind: it is none.
    """
    try:
        return Kind(raw)
    except ValueError:
        raise UnknownKind("There is no such kind of record.") from None


def add_record(
    session: Session, project_id: str, kind: Kind, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Record:
    """Put in one thing that came of the work.

    Raises:
        UnknownProject, RecordIncomplete, EvidenceMissing, NotADay, NotANumber, UnknownReference.
    """
    today, known = _today(session, project_id, now), known_keys(session, project_id)
    record = make_record(new_id(), kind, wishes, known, today=today)
    store.add_record(session, project_id, record, added_by=actor)
    log.record(session, actor=actor, action="record.added", subject=f"record:{record.id}", now=now, kind=kind.value)
    return record


def edit_record(
    session: Session, project_id: str, record_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Record:
    """Change a record; what is left out stays.

    Raises:
        UnknownRecord, RecordIncomplete, EvidenceMissing, NotADay, NotANumber, UnknownReference.
    """
    before = store.read_record(session, project_id, record_id)
    whole = {one.name: getattr(before, one.name) for one in fields(before)} | dict(wishes)
    today, known = _today(session, project_id, now), known_keys(session, project_id)
    after = make_record(record_id, before.kind, whole, known, today=today)
    if after != before:
        store.write_record(session, after)
        subject = f"record:{record_id}"
        log.record(session, actor=actor, action="record.changed", subject=subject, now=now, kind=after.kind.value)
    return after


def remove_record(session: Session, project_id: str, record_id: str, *, now: datetime, actor: str) -> None:
    """Take a record away; issued reports keep it.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    record = store.read_record(session, project_id, record_id)
    store.remove_record(session, record_id)
    files.remove_of(session, Claim.RECORD, record_id)
    subject = f"record:{record_id}"
    log.record(session, actor=actor, action="record.removed", subject=subject, now=now, kind=record.kind.value)


def known_keys(session: Session, project_id: str) -> dict[str, Collection[str]]:
    """Return the keys that the audience and the output of a record may have."""
    return {
        "audience_key": {one.key for one in plans.read_audiences(session)},
        "output_key": {one.key for one in planning.read_outputs(session, project_id)},
    }


def _today(session: Session, project_id: str, now: datetime) -> date:
    return local_time(now, read_project(session, project_id).time_zone).date()
