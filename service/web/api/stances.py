"""The API of stances of states and institutions."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import stances
from service.campaign.store import STANCES
from service.campaign.values import Position, Stance
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/stances", tag="campaign")


class StanceIn(ApiModel):
    """How a state (`country`) or an institution (`organisation_id`, or `organisation` by name) stands since a day."""

    country: str | None = None
    organisation_id: str | None = None
    organisation: str | None = None
    position: str
    noted_on: str
    source: str
    note: str = ""


class StanceOut(ApiModel):
    """A stance; of those of one state or institution the latest is current."""

    id: str
    country: str | None
    organisation_id: str | None
    position: Position
    noted_on: date
    source: str
    note: str
    is_current: bool


def _stance(stance: Stance) -> StanceOut:
    return StanceOut(**{name: getattr(stance, name) for name in StanceOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_stances(
    session: ReadSession, who: Principal, project_id: str, position: Position | None = None, current: bool = True
) -> Page[StanceOut]:
    """Return how states and institutions stand; with `current=false` how each stood before, too."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = [one for one in STANCES.read_all(session, project_id) if one.is_current or not current]
    return Page(items=[_stance(one) for one in found if position in (None, one.position)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def note(session: WriteSession, who: Principal, now: Now, project_id: str, body: StanceIn) -> StanceOut:
    """Note a stance; what was noted before stays as history."""
    require_project(who, project_id)
    made = stances.note_stance(session, project_id, body.model_dump(), now=now, actor=who.actor)
    return _stance(STANCES.read(session, project_id, made.id))


@router.delete("/{stance_id}", status_code=204)
@rule(Permission.EDIT)
def take_back(session: WriteSession, who: Principal, now: Now, project_id: str, stance_id: str) -> Response:
    """Take away a stance that was noted by mistake."""
    require_project(who, project_id)
    stances.take_back(session, project_id, stance_id, now=now, actor=who.actor)
    return Response(status_code=204)
