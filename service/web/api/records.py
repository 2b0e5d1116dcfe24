"""The API of records of results: media mentions, re-use, influence, activities of others."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import records
from service.dissemination.recording import Record
from service.dissemination.store.records import read_records
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/records/{kind}", tag="results")


class RecordIn(ApiModel):
    """What a record says; what is left out stays as it is. Which fields count depends on its kind.

    `kind` in the address is mention, reuse, influence or activity.
    """

    type: str | None = None
    title: str | None = None
    on_day: date | None = None
    by_whom: str | None = None
    country: str | None = None
    language: str | None = None
    extent: str | None = None
    audience_key: str | None = None
    output_key: str | None = None
    amount: int | None = None
    reach: int | None = None
    basis: str | None = None
    reference: str | None = None
    archived: str | None = None
    note: str | None = None


class RecordOut(RecordIn):
    """A record as it is kept."""

    id: str
    kind: str


def _record(record: Record) -> RecordOut:
    return RecordOut(**{name: getattr(record, name) for name in RecordOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_records(
    session: ReadSession, who: Principal, project_id: str, kind: str, type: str = "", country: str = ""
) -> Page[RecordOut]:
    """Return the records of a kind, the latest first; those of a type and a country."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = read_records(session, project_id, records.find_kind(kind), type=type, country=country)
    return Page(items=[_record(one) for one in found])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, kind: str, body: RecordIn) -> RecordOut:
    """Put in a record."""
    require_project(who, project_id)
    wanted, wishes = records.find_kind(kind), body.model_dump(exclude_unset=True)
    return _record(records.add_record(session, project_id, wanted, wishes, now=now, actor=who.actor))


@router.patch("/{record_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, kind: str, record_id: str, body: RecordIn
) -> RecordOut:
    """Change a record."""
    require_project(who, project_id)
    records.find_kind(kind)
    wishes = body.model_dump(exclude_unset=True)
    return _record(records.edit_record(session, project_id, record_id, wishes, now=now, actor=who.actor))


@router.delete("/{record_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, kind: str, record_id: str) -> Response:
    """Take a record away."""
    require_project(who, project_id)
    records.find_kind(kind)
    records.remove_record(session, project_id, record_id, now=now, actor=who.actor)
    return Response(status_code=204)
