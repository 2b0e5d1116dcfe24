"""Staff page of the campaign: what is written down of it, and the way to each list."""

from __future__ import annotations

from fastapi import Request, Response
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import messages
from service.campaign.store import GRANTS, INTRODUCTIONS, LESSONS, MEETINGS, MESSAGES, STANCES
from service.web.deps import Principal as Who
from service.web.deps import ReadSession
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who) -> Response:
    """Show the records of the campaign, how many there are of each."""
    project = own_project(request, session, who)
    return page(request, "campaign/show.html", project=project, counts=_counts(session, project.id))


def _counts(session: Session, project_id: str) -> dict[str, int]:
    return {
        "stances": sum(one.is_current for one in STANCES.read_all(session, project_id)),
        "messages": len(messages.threads(MESSAGES.read_all(session, project_id))),
        "meetings": len(MEETINGS.read_all(session, project_id)),
        "introductions": len(INTRODUCTIONS.read_all(session, project_id)),
        "lessons": len(LESSONS.read_all(session, project_id)),
        "grants": len(GRANTS.read_all(session, project_id)),
    }
