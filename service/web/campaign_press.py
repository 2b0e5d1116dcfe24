"""Staff page of the press: journalists, what each was told and when, and what is under embargo."""

from __future__ import annotations

from fastapi import Request, Response

from service.accounts.values import Permission
from service.letters import press
from service.web.deps import Now, ReadSession
from service.web.deps import Principal as Who
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/press")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, release: str = "", told: str = "") -> Response:
    """Show the press; of one release, who was told and who was not."""
    project = own_project(request, session, who)
    releases = press.read_releases(session, project.id)
    chosen = [one for one in releases if release in ("", one.id)]
    journalists = press.read_press(session, chosen)
    wanted = {"yes": [one for one in journalists if one.told], "no": [one for one in journalists if not one.told]}
    return page(
        request,
        "campaign/press.html",
        project=project,
        releases=releases,
        held={one.id for one in releases if one.is_held(now)},
        journalists=wanted.get(told, journalists),
        counts={"": len(journalists), **{name: len(found) for name, found in wanted.items()}},
        release=release,
        told=told,
    )
