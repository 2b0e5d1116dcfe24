"""The API of figures given by hand."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import manual
from service.dissemination.store.manual import read_figures
from service.dissemination.values.given import Given
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/manual-figures", tag="plan")


class GivenIn(ApiModel):
    """A figure: `amount`, for a share `out_of` how many, `basis` counted, estimated or third_party."""

    indicator: str
    on_day: date
    amount: int
    out_of: int | None = None
    basis: str
    evidence: str


class GivenOut(GivenIn):
    """A figure as it is kept."""

    id: str


def _given(given: Given) -> GivenOut:
    return GivenOut(**{name: getattr(given, name) for name in GivenOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_figures(session: ReadSession, who: Principal, project_id: str) -> Page[GivenOut]:
    """Return the figures given by hand, the latest day first."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_given(one) for one in read_figures(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def give(session: WriteSession, who: Principal, now: Now, project_id: str, body: GivenIn) -> GivenOut:
    """Put in a figure."""
    require_project(who, project_id)
    return _given(manual.give(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.delete("/{figure_id}", status_code=204)
@rule(Permission.EDIT)
def take_back(session: WriteSession, who: Principal, now: Now, project_id: str, figure_id: str) -> Response:
    """Take a figure away that was wrong."""
    require_project(who, project_id)
    manual.take_back(session, project_id, figure_id, now=now, actor=who.actor)
    return Response(status_code=204)
