"""Staff pages of what each figure means, and of the guests or things behind it: for use inside, read live."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.dissemination import actions, store
from service.dissemination.behind import GUESTS, PAGES, by_owner
from service.dissemination.indicators import INDICATORS, REGISTRY
from service.dissemination.rules import UnknownIndicator
from service.dissemination.store import behind
from service.kernel.clock import local_time
from service.web.deps import Now, ReadSession
from service.web.deps import Principal as Who
from service.web.projects import current_project, own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/reports/figures")
PAGE = 50


def links(project_id: str) -> dict[str, str]:
    """Return the address of the page of each indicator."""
    return {one.id: f"/reports/figures/{one.id}?project={project_id}" for one in INDICATORS}


@router.get("")
@rule(Permission.READ)
def show_all(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Show what each figure means, and what it is now."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    view = actions.live_figures(session, project.id, "internal", now)
    rows = [(one, view.figure(one.id)) for one in INDICATORS]
    return page(request, "reports/figures.html", project=project, rows=rows, links=links(project.id))


@router.get("/{indicator}")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, now: Now, indicator: str, of: str = "", start: int = 0
) -> Response:
    """Show what one figure means, and whom or what it counts; `of` “all” shows what it is out of."""
    project = own_project(request, session, who)
    if indicator not in REGISTRY:
        raise UnknownIndicator("Choose an indicator of the list.", field="indicator")
    tallies = GUESTS.get(indicator, ())
    tally = tallies[-1 if of == "all" else 0] if tallies else None
    start = max(start, 0)
    events = store.read_events(session, project.id, None, now=now) if tally else []
    today = local_time(now, project.time_zone).date()
    ids = [one.id for one in events if one.is_counted], [one.id for one in events if one.is_held]
    return page(
        request,
        "reports/figure.html",
        project=project,
        one=REGISTRY[indicator],
        figure=actions.live_figures(session, project.id, "internal", now).figure(indicator),
        tally=tally,
        guests=behind.read_guests(session, tally, *ids, offset=start, limit=PAGE) if tally else [],
        total=behind.count_guests(session, tally, *ids) if tally else 0,
        has_whole=len(tallies) > 1,
        of="all" if of == "all" else "",
        start=start,
        size=PAGE,
        things=PAGES.get(indicator, ""),
        owners=by_owner(store.read_due_tasks(session, project.id, today=today)) if indicator == "Q1" else [],
    )
