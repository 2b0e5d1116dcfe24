"""Staff pages of records of results: mentions, re-use, influence, activities of others, one list a kind."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import records
from service.dissemination import store as plans
from service.dissemination.formats import records_csv
from service.dissemination.proving import Claim
from service.dissemination.recording import SHAPES, Extent, Kind, Record
from service.dissemination.store import evidence as files
from service.dissemination.store import planning
from service.dissemination.store import records as store
from service.dissemination.values.given import Basis
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.dates import country_name, language_name
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.files import csv_file
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/records")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("/{kind}.csv")
@rule(Permission.EXPORT)
def download(request: Request, session: ReadSession, who: Who, kind: str) -> Response:
    """Give the records of a kind as a file."""
    project, wanted = own_project(request, session, who), records.find_kind(kind)
    names = ("id", *SHAPES[wanted].fields)
    rows = ([getattr(one, name) for name in names] for one in store.read_records(session, project.id, wanted))
    return csv_file(records_csv.written(names, rows), f"{kind}-{project.slug}.csv")


@router.get("/{kind}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    kind: str,
    type: str = "",
    country: str = "",
    change: str = "",
    saved: str = "",
) -> Response:
    """Show the records of a kind; `change` names one that stands in the form."""
    project, wanted = own_project(request, session, who), records.find_kind(kind)
    record = store.read_record(session, project.id, change) if change else None
    values = _values(record) if record else {}
    return _page(request, session, project, wanted, values, record=record, shown=(type, country), saved=saved)


@router.post("/{kind}")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, kind: str) -> Response:
    """Put in a record; a form that cannot be used comes back with what was typed."""
    project, wanted = own_project(request, session, who), records.find_kind(kind)
    try:
        records.add_record(session, project.id, wanted, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, wanted, form, error=error)
    return RedirectResponse(f"/plan/records/{kind}?project={project.id}&saved=yes", 303)


@router.post("/{kind}/{record_id:identifier}")
@rule(Permission.EDIT)
def change(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, kind: str, record_id: str
) -> Response:
    """Change a record or take it away; a form that cannot be used comes back."""
    project, wanted = own_project(request, session, who), records.find_kind(kind)
    record = store.read_record(session, project.id, record_id)
    try:
        if form.get("remove"):
            records.remove_record(session, project.id, record_id, now=now, actor=who.actor)
        else:
            records.edit_record(session, project.id, record_id, _said(form, record), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, wanted, form, record=record, error=error)
    return RedirectResponse(f"/plan/records/{kind}?project={project.id}&saved=yes", 303)


def _said(form: Mapping[str, str], record: Record) -> dict[str, str]:
    return {name: form[name] for name in SHAPES[record.kind].fields if name in form}


def _values(record: Record) -> dict[str, str]:
    found = {name: getattr(record, name) for name in SHAPES[record.kind].fields}
    found |= {"country": country_name(record.country) if record.country else ""}
    found |= {"language": language_name(record.language) if record.language else ""}
    return {name: "" if value is None else str(value) for name, value in found.items()}


def _page(
    request: Request,
    session: Session,
    project: Project,
    kind: Kind,
    values: Mapping[str, str],
    *,
    record: Record | None = None,
    shown: tuple[str, str] = ("", ""),
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    every = store.read_records(session, project.id, kind)
    found = store.read_records(session, project.id, kind, type=shown[0], country=shown[1])
    return page(
        request,
        "plan/records.html",
        project=project,
        kind=kind.value,
        shape=SHAPES[kind],
        records=found,
        files=files.count(session, project.id, Claim.RECORD),
        total=sum(one.amount for one in found),
        types={key: sum(one.type == key for one in every) for key in SHAPES[kind].types},
        countries=sorted({one.country for one in every if one.country}),
        type=shown[0],
        country=shown[1],
        record=record,
        extents=[one.value for one in Extent],
        bases=[one.value for one in Basis],
        audiences={one.key: one.name for one in plans.read_audiences(session)},
        outputs={one.key: one.title for one in planning.read_outputs(session, project.id)},
        values=dict.fromkeys(SHAPES[kind].fields, "") | dict(values),
        errors={error.field or "title": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
