"""Staff page of print copies: what went out, what came back."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import shipments
from service.dissemination import store as plans
from service.dissemination.formats import records_csv
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store import planning
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.files import csv_file
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/shipments")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("output_key", "shipped_on", "copies", "audience_key", "country", "note", "came_back")
COLUMNS = ("id", "output_key", "shipped_on", "copies", "audience_key", "country", "note")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, output: str = "", saved: str = "") -> Response:
    """Show the shipments and returns, those of one output."""
    return _page(request, session, own_project(request, session, who), {}, output=output, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in a shipment or a return; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        shipments.add_shipment(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/shipments?project={project.id}&saved=yes", 303)


@router.post("/{shipment_id:identifier}/remove")
@rule(Permission.EDIT)
def remove(request: Request, session: WriteSession, who: Who, now: Now, shipment_id: str) -> Response:
    """Take a shipment away that was wrong."""
    project = own_project(request, session, who)
    shipments.remove_shipment(session, project.id, shipment_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/shipments?project={project.id}", 303)


@router.get("/shipments.csv")
@rule(Permission.EXPORT)
def download(request: Request, session: ReadSession, who: Who) -> Response:
    """Give the shipments as a file."""
    project = own_project(request, session, who)
    found = shipments.read_shipments(session, project.id)
    rows = ([getattr(one, name) for name in COLUMNS] for one in found)
    return csv_file(records_csv.written(COLUMNS, rows), f"shipments-{project.slug}.csv")


def _page(
    request: Request,
    session: Session,
    project: Project,
    values: Mapping[str, str],
    *,
    output: str = "",
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    found = shipments.read_shipments(session, project.id)
    shown = [one for one in found if output in ("", one.output_key)]
    outputs = {one.key: one.title for one in planning.read_outputs(session, project.id)}
    return page(
        request,
        "plan/shipments.html",
        project=project,
        shipments=shown,
        files=files.count(session, project.id, Claim.SHIPMENT),
        total=sum(one.copies for one in shown),
        outputs=outputs,
        sent={key: outputs.get(key, key) for key in sorted({one.output_key for one in found})},
        output=output,
        audiences={one.key: one.name for one in plans.read_audiences(session)},
        values=dict.fromkeys(FIELDS, "") | dict(values),
        errors={error.field or "copies": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
