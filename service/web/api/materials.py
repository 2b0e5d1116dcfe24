"""The API of materials: what is handed out, and how often it was asked for."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Form, Response

from service.accounts.values import Permission
from service.dissemination import materials
from service.dissemination.handouts import Material, UnknownMaterial
from service.events import store as events
from service.web.deps import House, Now, Principal, ReadSession, WriteSession, require_project
from service.web.materials import Sent
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/materials", tag="materials")


class LinkIn(ApiModel):
    """A link to hand out."""

    title: str
    address: str
    language: str = ""
    output_key: str | None = None


class LinkUntil(ApiModel):
    """Until when a signed link holds: its last day (UTC), a year from now at most."""

    last_day: date


class SignedLink(LinkUntil):
    """A signed link; whoever has it gets the file, until its last day or until all links are ended."""

    url: str


class HitsOut(ApiModel):
    """How often a material was asked for by one channel, over all days. Sessions are not people."""

    channel: str
    requests: int
    sessions: int
    robots: int


class MaterialOut(ApiModel):
    """A material; its file lies at /m/{id}."""

    id: str
    project_id: str
    output_key: str | None
    title: str
    language: str
    kind: str
    address: str
    filename: str
    media_type: str
    size: int
    sha256: str
    version: int
    restricted: bool
    added_at: datetime
    retired_at: datetime | None
    hits: list[HitsOut]


@router.get("")
@rule(Permission.READ)
def list_materials(project_id: str, session: ReadSession, who: Principal) -> Page[MaterialOut]:
    """List a project's materials with their counts."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    hits = materials.read_hits(session, project_id)
    items = [
        _out(one, [HitsOut(channel=h.channel, requests=h.requests, sessions=h.sessions, robots=h.robots)
                   for h in hits if h.asset_id == one.id])
        for one in materials.read_all(session, project_id)
    ]  # fmt: skip
    return Page[MaterialOut](items=items, next=None)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add_link(project_id: str, body: LinkIn, session: WriteSession, who: Principal, now: Now) -> MaterialOut:
    """Hand out what lies at an address elsewhere."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return _out(materials.add_link(session, project_id, **body.model_dump(), now=now, actor=who.actor), [])


@router.post("/files", status_code=201)
@rule(Permission.EDIT)
def add_file(
    project_id: str,
    sent: Annotated[Sent, Depends()],
    session: WriteSession,
    who: Principal,
    now: Now,
    title: Annotated[str, Form()],
    language: Annotated[str, Form()] = "",
    output_key: Annotated[str, Form()] = "",
    restricted: Annotated[bool, Form()] = False,
) -> MaterialOut:
    """Keep a file and hand it out, or by signed links only."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    about: dict[str, Any] = {"title": title, "language": language, "output_key": output_key, "restricted": restricted}
    made = materials.add_file(session, project_id, sent.name, sent.content, **about, now=now, actor=who.actor)
    return _out(made, [])


@router.put("/{asset_id}/file")
@rule(Permission.EDIT)
def replace_file(
    project_id: str, asset_id: str, sent: Annotated[Sent, Depends()], session: WriteSession, who: Principal, now: Now
) -> MaterialOut:
    """Put a new version of a file at the address of the old one."""
    _own(session, who, project_id, asset_id)
    return _out(materials.replace_file(session, asset_id, sent.name, sent.content, now=now, actor=who.actor), [])


@router.post("/{asset_id}/links", status_code=201)
@rule(Permission.EDIT)
def sign_link(
    project_id: str, asset_id: str, body: LinkUntil, session: WriteSession, who: Principal, now: Now, house: House
) -> SignedLink:
    """Make a link to a restricted material that holds through a day."""
    _own(session, who, project_id, asset_id)
    facts: dict[str, Any] = {"keyring": house.keyring, "now": now, "actor": who.actor}
    key = materials.sign_link(session, asset_id, body.last_day, **facts)
    return SignedLink(url=f"{house.public_url}/m/{asset_id}?k={key}", last_day=body.last_day)


@router.post("/{asset_id}/end-links", status_code=204)
@rule(Permission.EDIT)
def end_links(project_id: str, asset_id: str, session: WriteSession, who: Principal, now: Now) -> Response:
    """End every signed link to a material."""
    _own(session, who, project_id, asset_id)
    materials.end_links(session, asset_id, now=now, actor=who.actor)
    return Response(status_code=204)


def _own(session: WriteSession, who: Principal, project_id: str, asset_id: str) -> None:
    require_project(who, project_id)
    if materials.read(session, asset_id).project_id != project_id:
        raise UnknownMaterial


def _out(material: Material, hits: list[HitsOut]) -> MaterialOut:
    shown = {name: value for name, value in asdict(material).items() if name != "link_version"}
    return MaterialOut(**shown, hits=hits)
