"""Materials: the page of staff, and the addresses at which everyone gets them."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from dataclasses import replace
from typing import Annotated

import segno
from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import materials
from service.dissemination.handouts import CHANNELS, LARGEST, TYPES, BadMaterial, Hits, Material, MaterialTooLarge
from service.dissemination.store import planning as outputs
from service.events.values import Project
from service.web.deps import House, Now, ReadSession, WriteSession, require_project
from service.web.deps import Principal as Who
from service.web.projects import current_project, own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of

router = page_router("")
Text = Annotated[str, Form()]
SANDBOX = "sandbox; default-src 'none'"


class Sent:
    """What was sent, read before any transaction begins."""

    def __init__(self, file: Annotated[UploadFile | None, File()] = None) -> None:
        self.name = (file.filename if file else "") or ""
        self.content = file.file.read(LARGEST + 1) if file and self.name else b""


@router.get("/materials")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who) -> Response:
    """Show what the project hands out, and how often it was asked for."""
    project = current_project(request, session, who)
    return RedirectResponse("/", 303) if project is None else _shown(request, session, project)


def _shown(request: Request, session: Session, project: Project, *, status: int = 200, error: str = "") -> Response:
    by_asset: dict[str, list[Hits]] = defaultdict(list)
    for hits in materials.read_hits(session, project.id):
        by_asset[hits.asset_id].append(hits)
    found = materials.read_all(session, project.id)
    return page(
        request,
        "materials/list.html",
        status=status,
        project=project,
        rows=[(one, by_asset[one.id], _total(one.id, by_asset[one.id])) for one in found],
        outputs=[(one.key, one.title) for one in outputs.read_outputs(session, project.id)],
        channels=CHANNELS,
        accept=",".join(f".{ending}" for ending in TYPES),
        megabytes=LARGEST // 1_000_000,
        error=error,
    )


def _total(asset_id: str, hits: list[Hits]) -> Hits:
    total = Hits(asset_id, "", 0, 0, 0)
    for one in hits:
        total = replace(
            total,
            requests=total.requests + one.requests,
            sessions=total.sessions + one.sessions,
            robots=total.robots + one.robots,
        )
    return total


@router.post("/materials")
@rule(Permission.EDIT)
def add(
    request: Request,
    sent: Annotated[Sent, Depends()],
    session: WriteSession,
    who: Who,
    now: Now,
    title: Text = "",
    address: Text = "",
    language: Text = "",
    output_key: Text = "",
) -> Response:
    """Hand out a file, or what lies at an address."""
    project = own_project(request, session, who)
    about = {"title": title, "language": language, "output_key": output_key}
    try:
        if sent.name:
            materials.add_file(session, project.id, sent.name, sent.content, **about, now=now, actor=who.actor)
        else:
            materials.add_link(session, project.id, address, **about, now=now, actor=who.actor)
    except (BadMaterial, MaterialTooLarge) as error:
        session.rollback()
        return _shown(request, session, project, status=422, error=error.sentence)
    return RedirectResponse(f"/materials?project={project.id}", 303)


@router.post("/materials/{asset_id}/retire")
@rule(Permission.EDIT)
def retire(session: WriteSession, who: Who, now: Now, asset_id: str) -> Response:
    """Hand a material out no longer."""
    project_id = _own(session, who, asset_id).project_id
    materials.retire(session, asset_id, now=now, actor=who.actor)
    return RedirectResponse(f"/materials?project={project_id}", 303)


def _own(session: Session, who: Who, asset_id: str) -> Material:
    found = materials.read(session, asset_id)
    require_project(who, found.project_id)
    return found


@router.get("/materials/{asset_id}/code.svg")
@rule(Permission.READ)
def code(session: ReadSession, who: Who, house: House, asset_id: str) -> Response:
    """Give the square code of a material's address, for print."""
    _own(session, who, asset_id)
    drawn = io.BytesIO()
    segno.make(f"{house.public_url}/m/{asset_id}?c=print", error="m").save(drawn, kind="svg", scale=4)
    headers = {"Content-Security-Policy": SANDBOX, "Content-Disposition": f'attachment; filename="code-{asset_id}.svg"'}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)


@router.get("/m/{asset_id}")
@rule(Open.PUBLIC)
def hand_out(request: Request, session: WriteSession, now: Now, asset_id: str, c: str = "") -> Response:
    """Give a file, or send to a link. The count is all that is written, and it is of nobody."""
    found = materials.read_open(session, asset_id)
    if not request.scope.get("is_head"):
        agent = request.headers.get("user-agent", "")
        materials.count(session, asset_id, c, caller=caller_of(request), agent=agent, now=now)
    if found.kind == "link":
        return RedirectResponse(found.address, 303)
    return Response(materials.read_content(session, asset_id), media_type=found.media_type, headers=_headers(found))


def _headers(material: Material) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(material.sha256)).decode()
    return {
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'attachment; filename="{material.filename}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
