"""The API of materials: what is handed out, and how often it was asked for."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from service.accounts.values import Permission
from service.dissemination import materials
from service.dissemination.handouts import Material
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
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


def _out(material: Material, hits: list[HitsOut]) -> MaterialOut:
    return MaterialOut(**asdict(material), hits=hits)
