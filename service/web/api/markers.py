"""The API of progress markers."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import markers
from service.dissemination.store.markers import read_markers
from service.dissemination.values.plan import Marker
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/markers", tag="plan")


class NewMarker(ApiModel):
    """What one would see an audience do; `level` is expect, like or love."""

    audience_key: str
    level: str
    text: str


class MarkerIn(ApiModel):
    """What changes; `status` is not_yet, some or seen, and the last two need evidence."""

    text: str | None = None
    status: str | None = None
    evidence: str | None = None


class MarkerOut(ApiModel):
    """A progress marker of an audience."""

    id: str
    audience_key: str
    level: str
    text: str
    status: str
    evidence: str
    noted_on: date | None


def _marker(marker: Marker) -> MarkerOut:
    return MarkerOut(**{name: getattr(marker, name) for name in MarkerOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_markers(session: ReadSession, who: Principal, project_id: str) -> Page[MarkerOut]:
    """Return the markers of every audience."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_marker(one) for one in read_markers(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: NewMarker) -> MarkerOut:
    """Put in a marker."""
    require_project(who, project_id)
    return _marker(markers.add_marker(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.patch("/{marker_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, marker_id: str, body: MarkerIn
) -> MarkerOut:
    """Change a marker, or say how much of it is seen."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _marker(markers.edit_marker(session, project_id, marker_id, wishes, now=now, actor=who.actor))


@router.delete("/{marker_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, marker_id: str) -> Response:
    """Take a marker away."""
    require_project(who, project_id)
    markers.remove_marker(session, project_id, marker_id, now=now, actor=who.actor)
    return Response(status_code=204)
