"""Which project a staff page is about: the one asked for, else the only or the newest one."""

from __future__ import annotations

from fastapi import Request
from sqlmodel import Session

from service.accounts.values import Principal
from service.events import store
from service.events.values import Project

COOKIE = "farsow-project"


def current_project(request: Request, session: Session, who: Principal) -> Project | None:
    """Return the project to show: `?project=`, else the last one chosen, else the newest. None on the first day."""
    projects = [p for p in store.read_projects(session) if who.project_id in (None, p.id)]
    wanted = request.query_params.get("project") or request.cookies.get(COOKIE)
    chosen = next((p for p in projects if wanted in (p.id, p.slug)), None)
    return chosen or (projects[-1] if projects else None)
