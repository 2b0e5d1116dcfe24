"""Which project a staff page is about: the one asked for, else the only or the newest one."""

from __future__ import annotations

from fastapi import Request
from sqlmodel import Session

from service.accounts.values import Principal
from service.events import store
from service.events.values import Project
from service.kernel.errors import NotFound

COOKIE = "farsow-project"


class NoProject(NotFound):
    """Nobody has made a project yet."""

    code = "no-project"


def current_project(request: Request, session: Session, who: Principal) -> Project | None:
    """Return the project to show: `?project=`, else the last one chosen, else the newest. None on the first day."""
    projects = [p for p in store.read_projects(session) if who.project_id in (None, p.id)]
    wanted = request.query_params.get("project") or request.cookies.get(COOKIE)
    chosen = next((p for p in projects if wanted in (p.id, p.slug)), None)
    return chosen or (projects[-1] if projects else None)


def own_project(request: Request, session: Session, who: Principal) -> Project:
    """Return the project that a page or a form is about.

    Raises:
        NoProject: there is none yet.
    """
    project = current_project(request, session, who)
    if project is None:
        raise NoProject("There is no project yet. Name one on the first page.")
    return project
