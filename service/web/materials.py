"""Materials: the page of staff, and the addresses at which everyone gets them."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import materials
from service.dissemination.editing import NotADay, parse_day
from service.dissemination.handouts import (
    CHANNELS,
    LARGEST,
    TYPES,
    BadMaterial,
    Hits,
    Material,
    MaterialTooLarge,
    OldVersion,
)
from service.dissemination.store import planning as outputs
from service.events.store import read_project
from service.events.values import Project
from service.web.deps import House, Now, ReadSession, WriteSession, require_project
from service.web.deps import Principal as Who
from service.web.house import house_of
from service.web.projects import current_project, own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of

router = page_router("")
Text = Annotated[str, Form()]
USUAL_LINK = timedelta(days=30)
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


def _shown(
    request: Request,
    session: Session,
    project: Project,
    *,
    status: int = 200,
    error: str = "",
    made: tuple[str, str] | None = None,
) -> Response:
    """Show the page; `made` is a material's id and the key of a link to it that was made just now."""
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
        versions=_by_asset(materials.read_old_versions(session, project.id)),
        chapters=_by_output(found, by_asset),
        error=error,
        made=made,
        soon=(house_of(request).clock() + USUAL_LINK).date(),
    )


def _by_asset(versions: list[OldVersion]) -> dict[str, list[OldVersion]]:
    return {key: [one for one in versions if one.asset_id == key] for key in {one.asset_id for one in versions}}


def _by_output(found: list[Material], hits: Mapping[str, list[Hits]]) -> dict[str, Hits]:
    """Return the counts of each output's materials together, by the output's key."""
    keys = sorted({one.output_key for one in found if one.output_key})
    return {key: _total("", [hit for one in found if one.output_key == key for hit in hits[one.id]]) for key in keys}


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
    restricted: Text = "",
) -> Response:
    """Hand out a file, or what lies at an address."""
    project = own_project(request, session, who)
    about = {"title": title, "language": language, "output_key": output_key}
    try:
        if sent.name:
            wishes: dict[str, Any] = {**about, "restricted": bool(restricted), "now": now, "actor": who.actor}
            materials.add_file(session, project.id, sent.name, sent.content, **wishes)
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


@router.post("/materials/{asset_id}/file")
@rule(Permission.EDIT)
def replace_file(
    request: Request, sent: Annotated[Sent, Depends()], session: WriteSession, who: Who, now: Now, asset_id: str
) -> Response:
    """Put a new version at the address of the old one."""
    project = read_project(session, _own(session, who, asset_id).project_id)
    try:
        materials.replace_file(session, asset_id, sent.name, sent.content, now=now, actor=who.actor)
    except (BadMaterial, MaterialTooLarge) as error:
        session.rollback()
        return _shown(request, session, project, status=422, error=error.sentence)
    return RedirectResponse(f"/materials?project={project.id}", 303)


@router.post("/materials/{asset_id}/link")
@rule(Permission.EDIT)
def sign_link(
    request: Request, session: WriteSession, who: Who, now: Now, house: House, asset_id: str, last_day: Text = ""
) -> Response:
    """Make a link to a restricted material that runs out; it is shown this once."""
    project = read_project(session, _own(session, who, asset_id).project_id)
    facts: dict[str, Any] = {"keyring": house.keyring, "now": now, "actor": who.actor}
    try:
        key = materials.sign_link(session, asset_id, parse_day(last_day, "last_day"), **facts)
    except (BadMaterial, NotADay) as error:
        session.rollback()
        return _shown(request, session, project, status=422, error=error.sentence)
    return _shown(request, session, project, made=(asset_id, key))


@router.post("/materials/{asset_id}/end-links")
@rule(Permission.EDIT)
def end_links(session: WriteSession, who: Who, now: Now, asset_id: str) -> Response:
    """End every link to a restricted material."""
    project_id = _own(session, who, asset_id).project_id
    materials.end_links(session, asset_id, now=now, actor=who.actor)
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
def hand_out(
    request: Request, session: WriteSession, now: Now, house: House, asset_id: str, c: str = "", k: str = ""
) -> Response:
    """Give a file, or send to a link. The count is all that is written, and it is of nobody."""
    found = materials.read_for(session, asset_id, k, keyring=house.keyring, now=now)
    if not request.scope.get("is_head"):
        agent = request.headers.get("user-agent", "")
        materials.count(session, asset_id, c, caller=caller_of(request), agent=agent, now=now)
    if found.kind == "link":
        return RedirectResponse(found.address, 303)
    return Response(materials.read_content(session, asset_id), media_type=found.media_type, headers=_headers(found))


def _headers(material: Material) -> dict[str, str]:
    kept = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"} if material.restricted else {}
    digest = base64.b64encode(bytes.fromhex(material.sha256)).decode()
    return {
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'attachment; filename="{material.filename}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        **kept,
    }
