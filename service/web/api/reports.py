"""The API of a project's figures, and the snapshots behind reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fastapi import Response
from pydantic import Field

from service.accounts.values import Permission
from service.dissemination import actions
from service.dissemination.indicators import INDICATORS, Indicator
from service.dissemination.snapshots import Period, SnapshotLine, SnapshotView, to_json
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.reports import own_snapshot, report_file
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="reports")

LARGEST_K = 1_000


class PeriodIn(ApiModel):
    """Days: `from` is the first, `to` the last one."""

    from_: date = Field(alias="from")
    to: date = Field(lt=date.max)


class SnapshotIn(ApiModel):
    """A snapshot to freeze: internal, donor or public, of the whole project unless a period is given."""

    profile: str = "internal"
    period: PeriodIn | None = None
    k: int | None = Field(default=None, le=LARGEST_K)

    def days(self) -> Period | None:
        """Return the period, its end the day after the last one."""
        return Period(self.period.from_, self.period.to + timedelta(days=1)) if self.period else None


class SnapshotLineOut(ApiModel):
    """A report in a list: draft, reviewed, issued or superseded, and when it came to stand there."""

    id: str
    profile: str
    k: int
    cutoff: datetime
    sha256: str
    state: str
    created_by: str
    written_by: str
    reviewed_by: str | None
    reviewed_at: datetime | None
    issued_by: str | None
    issued_at: datetime | None
    superseded_by: str | None
    superseded_at: datetime | None


def line_out(line: SnapshotLine) -> SnapshotLineOut:
    """Return where a report stands, for programs."""
    return SnapshotLineOut(**{name: getattr(line, name) for name in SnapshotLineOut.model_fields})


def _report(view: SnapshotView) -> dict[str, Any]:
    return to_json(view) | {"sha256": view.sha256}


@router.get("/projects/{project_id}/indicators")
@rule(Permission.READ)
def list_indicators(session: ReadSession, who: Principal, project_id: str) -> Page[dict[str, str]]:
    """Return the indicators and their published definitions."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_indicator(i) for i in INDICATORS])


def _indicator(indicator: Indicator) -> dict[str, str]:
    names = ("id", "name", "unit", "definition", "verification")
    return {name: str(getattr(indicator, name)) for name in names}


@router.get("/projects/{project_id}/figures")
@rule(Permission.READ)
def live_figures(
    session: ReadSession, who: Principal, now: Now, project_id: str, profile: str = "internal"
) -> dict[str, Any]:
    """Return what a snapshot taken now would hold; nothing is stored."""
    require_project(who, project_id)
    return _report(actions.live_figures(session, project_id, profile, now, in_full=True))


@router.post("/projects/{project_id}/snapshots", status_code=201)
@rule(Permission.EXPORT)
def freeze(session: WriteSession, who: Principal, now: Now, project_id: str, body: SnapshotIn) -> dict[str, Any]:
    """Freeze the figures a profile may read, as the draft of a report."""
    require_project(who, project_id)
    view = actions.freeze_snapshot(
        session, project_id, profile=body.profile, period=body.days(), k=body.k, now=now, actor=who.actor
    )
    return _report(view)


@router.get("/projects/{project_id}/snapshots")
@rule(Permission.READ)
def list_snapshots(session: ReadSession, who: Principal, project_id: str) -> Page[SnapshotLineOut]:
    """Return the snapshots of a project, newest first."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = actions.read_snapshots(session, project_id)
    return Page(items=[line_out(line) for line in found])


@router.get("/snapshots/{snapshot_id}.{format}", response_class=Response)
@rule(Permission.EXPORT)
def download(session: ReadSession, who: Principal, snapshot_id: str, format: str, language: str = "en") -> Response:
    """Return a frozen report as html, pdf, docx, xlsx, csv or json, in en, fr or es: the same bytes every time."""
    return report_file(own_snapshot(session, who, snapshot_id), format, language=language)


@router.get("/snapshots/{snapshot_id}")
@rule(Permission.READ)
def read_snapshot(session: ReadSession, who: Principal, snapshot_id: str) -> dict[str, Any]:
    """Return a frozen snapshot."""
    return _report(own_snapshot(session, who, snapshot_id))
