"""Staff pages of files of evidence: all of a project, those of one record, one to be taken."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.accounts.rules import may
from service.accounts.values import Permission, Principal
from service.dissemination import evidence, proving
from service.dissemination.proving import Claim, Evidence
from service.dissemination.recording import Kind
from service.dissemination.store import evidence as store
from service.dissemination.store.records import read_record
from service.events.values import Project
from service.kernel.errors import FarsowError, Invalid
from service.privacy import sheets
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.guards import RoleTooLow
from service.web.house import house_of
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/evidence")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
SANDBOX = "sandbox; default-src 'none'"
PAGES = {
    Claim.LINE: "/plan",
    Claim.FIGURE: "/plan/figures",
    Claim.MARKER: "/plan/markers",
    Claim.OUTCOME: "/plan/outcomes",
    Claim.SHIPMENT: "/plan/shipments",
    Claim.COMMITMENT: "/plan/commitments",
    Claim.EVENT: "/events",
}


class Sent:
    """What was sent, read before any transaction begins, and never more of it than is kept."""

    def __init__(self, request: Request, file: Annotated[UploadFile | None, File()] = None) -> None:
        self.name = (file.filename if file else "") or ""
        self.content = file.file.read(house_of(request).evidence_bytes + 1) if file and self.name else b""


@router.get("")
@rule(Permission.READ)
def show_all(request: Request, session: ReadSession, who: Who, naming: str = "") -> Response:
    """Show every file of a project; those that name people."""
    project = own_project(request, session, who)
    found = store.read_all(session, project.id, naming=bool(naming))
    return page(
        request, "plan/evidence_all.html", project=project, files=found, naming=naming, names=_staff_names(session)
    )


@router.get("/{claim}/{record_id:identifier}")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, claim: str, record_id: str, saved: str = "", change: str = ""
) -> Response:
    """Show the files of a record; `change` names one that stands in the form."""
    project = own_project(request, session, who)
    chosen = store.read(session, project.id, change) if change else None
    return _page(request, session, project, proving.read_claim(claim), record_id, saved=saved, chosen=chosen)


@router.post("/{claim}/{record_id:identifier}")
@rule(Permission.EDIT)
def attach(
    request: Request,
    sent: Annotated[Sent, Depends()],
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    claim: str,
    record_id: str,
    note: Annotated[str, Form()] = "",
    names_people: Annotated[str, Form()] = "",
) -> Response:
    """Keep a file beside a record; a form that cannot be used comes back with what was typed."""
    project, wanted = own_project(request, session, who), proving.read_claim(claim)
    try:
        evidence.attach(
            session,
            project.id,
            wanted,
            record_id,
            sent.name,
            sent.content,
            note=note,
            names_people=bool(names_people),
            largest=house.evidence_bytes,
            ring=house.ring,
            now=now,
            actor=who.actor,
        )
    except (Invalid, proving.EvidenceTooLarge, proving.TooManyFiles) as error:
        session.rollback()
        return _page(request, session, project, wanted, record_id, typed=(note, names_people), error=error)
    return RedirectResponse(f"/plan/evidence/{claim}/{record_id}?project={project.id}&saved=yes", 303)


@router.post("/{evidence_id:identifier}")
@rule(Permission.EDIT)
def change(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    evidence_id: str,
    note: Annotated[str, Form()] = "",
    names_people: Annotated[str, Form()] = "",
    remove: Annotated[str, Form()] = "",
) -> Response:
    """Say something else of a file, or delete it."""
    project = own_project(request, session, who)
    found = store.read(session, project.id, evidence_id)
    if remove:
        evidence.remove(session, project.id, evidence_id, now=now, actor=who.actor)
    else:
        names = bool(names_people)
        try:
            evidence.describe(session, project.id, evidence_id, note=note, names_people=names, now=now, actor=who.actor)
        except Invalid as error:
            session.rollback()
            claim = Claim(found.kind)
            return _page(request, session, project, claim, found.record_id, chosen=found, error=error)
    return RedirectResponse(f"/plan/evidence/{found.kind}/{found.record_id}?project={project.id}&saved=yes", 303)


@router.get("/{evidence_id:identifier}/file")
@rule(Permission.EDIT)
def take(request: Request, session: ReadSession, who: Who, house: House, evidence_id: str) -> Response:
    """Give a file to be saved; one that names people to those who may take people out as a file."""
    project = own_project(request, session, who)
    return handed_out(session, who, house, project.id, evidence_id)


def handed_out(session: Session, who: Principal, house: House, project_id: str, evidence_id: str) -> Response:
    """Return a file to be saved.

    Raises:
        UnknownEvidence: the project has none of this id.
        RoleTooLow: it names people.
    """
    found = store.read(session, project_id, evidence_id)
    if found.names_people and not may(who.role, Permission.EXPORT):
        raise RoleTooLow(Permission.EXPORT)
    headers = {
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'attachment; filename="{found.filename}"',
        "Cache-Control": "no-store",
    }
    content = store.read_content(session, evidence_id, ring=house.ring)
    return Response(content, media_type=found.media_type, headers=headers)


def _page(
    request: Request,
    session: Session,
    project: Project,
    claim: Claim,
    record_id: str,
    *,
    typed: tuple[str, str] = ("", "yes"),
    chosen: Evidence | None = None,
    error: FarsowError | None = None,
    saved: str = "",
) -> Response:
    return page(
        request,
        "plan/evidence.html",
        project=project,
        claim=claim.value,
        record_id=record_id,
        title=evidence.read_title(session, project.id, claim, record_id),
        back=f"{_page_of(session, project.id, claim, record_id)}?project={project.id}",
        files=store.read_all(session, project.id, claim=claim, record_id=record_id),
        names=_staff_names(session),
        accept=",".join(f".{ending}" for ending in proving.TYPES),
        megabytes=house_of(request).evidence_bytes // proving.MEGABYTE,
        note=typed[0],
        names_people=typed[1],
        chosen=chosen,
        errors={getattr(error, "field", None) or "file": error.sentence} if error else {},
        saved=saved,
        go_at=sheets.due_at(session, record_id) if claim is Claim.EVENT else None,
        status=422 if error else 200,
    )


def _page_of(session: Session, project_id: str, claim: Claim, record_id: str) -> str:
    """Return the page on which a record stands."""
    if claim is Claim.EVENT:
        return f"{PAGES[claim]}/{record_id}"
    if claim is not Claim.RECORD:
        return PAGES[claim]
    return f"/plan/records/{Kind(read_record(session, project_id, record_id).kind).value}"


def _staff_names(session: Session) -> dict[str, str]:
    return {f"staff:{one.id}": one.name for one in accounts.list_staff(session)}
