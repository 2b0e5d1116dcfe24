"""The API of projects and series."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from pydantic import Field

from service.accounts.values import Permission
from service.events import actions, store
from service.events.values import Project
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="projects")


class ProjectIn(ApiModel):
    """A project to make."""

    name: str
    summary: str = ""
    organisation: str = ""
    time_zone: str
    locale: str = "en"
    starts_on: date
    ends_on: date


class ProjectChange(ApiModel):
    """What a project and its organisation are called, its first and last day, its time zone."""

    name: str | None = None
    organisation: str | None = None
    summary: str | None = None
    time_zone: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class ProjectOut(ApiModel):
    """A project as it stands."""

    id: str
    slug: str
    name: str
    summary: str
    organisation: str
    time_zone: str
    locale: str
    starts_on: date
    ends_on: date
    is_sample: bool


class SeriesIn(ApiModel):
    """A series to make."""

    project_id: str
    title: str = Field(min_length=1, max_length=300)


class SeriesOut(SeriesIn):
    """A series as it stands."""

    id: str
    slug: str


def project_out(project: Project) -> ProjectOut:
    """Return a project as the API shows it."""
    return ProjectOut(**asdict(project))


@router.get("/projects")
@rule(Permission.READ)
def list_projects(session: ReadSession, who: Principal) -> Page[ProjectOut]:
    """Return the projects this key may see."""
    shown = [p for p in store.read_projects(session) if who.project_id in (None, p.id)]
    return Page(items=[project_out(p) for p in shown])


@router.post("/projects", status_code=201)
@rule(Permission.ADMINISTER)
def create_project(session: WriteSession, who: Principal, now: Now, body: ProjectIn) -> ProjectOut:
    """Make a project."""
    return project_out(actions.create_project(session, **body.model_dump(), now=now, actor=who.actor))


@router.get("/projects/{project_id}")
@rule(Permission.READ)
def read_project(session: ReadSession, who: Principal, project_id: str) -> ProjectOut:
    """Return one project."""
    require_project(who, project_id)
    return project_out(store.read_project(session, project_id))


@router.patch("/projects/{project_id}")
@rule(Permission.ADMINISTER)
def change_project(session: WriteSession, who: Principal, now: Now, project_id: str, body: ProjectChange) -> ProjectOut:
    """Change a project from now on; what is left out stays, and so do events, letters and frozen reports."""
    require_project(who, project_id)
    changes = body.model_dump(exclude_none=True)
    return project_out(actions.change_project(session, project_id, changes, now=now, actor=who.actor))


@router.get("/series")
@rule(Permission.READ)
def list_series(session: ReadSession, who: Principal) -> Page[SeriesOut]:
    """Return the series this key may see."""
    return Page(items=[SeriesOut(**row) for row in store.read_series(session, who.project_id)])


@router.post("/series", status_code=201)
@rule(Permission.EDIT)
def create_series(session: WriteSession, who: Principal, body: SeriesIn) -> SeriesOut:
    """Make a series."""
    require_project(who, body.project_id)
    store.read_project(session, body.project_id)
    series_id = store.add_series(session, body.project_id, body.title)
    return next(SeriesOut(**s) for s in store.read_series(session, body.project_id) if s["id"] == series_id)
