"""The staff page of a letter that has left, sent to those who came since."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.events import store as events
from service.events.values import Event
from service.kernel.errors import FarsowError
from service.letters import added_later, to_lists
from service.letters.added_later import Added
from service.mail.values import MailingView
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.fates import own_mailing
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/letters/{mailing_id:identifier}/added-later")
SHOWN = 200


@router.get("")
@rule(Permission.SEND)
def show(request: Request, session: ReadSession, who: Who, now: Now, desk: Desk, mailing_id: str) -> Response:
    """Show who came since a mailing and would get it now."""
    mailing, event = own_mailing(session, who, mailing_id)
    try:
        added = added_later.find(session, mailing, desk=desk, now=now)
    except FarsowError as error:
        return _page(request, session, who, mailing, event, error=error.sentence, status=409)
    return _page(request, session, who, mailing, event, added, is_draft=desk.four_eyes)


def _page(
    request: Request,
    session: Session,
    who: Who,
    mailing: MailingView,
    event: Event | None,
    added: Added | None = None,
    *,
    is_draft: bool = False,
    error: str = "",
    status: int = 200,
) -> Response:
    return page(
        request,
        "letters/added_later.html",
        status=status,
        project=events.read_project(session, event.project_id) if event else current_project(request, session, who),
        mailing=mailing,
        event=event,
        list_id=to_lists.list_of(mailing),
        added=added,
        shown=SHOWN,
        is_draft=is_draft,
        error=error,
    )


@router.post("")
@rule(Permission.SEND)
def send(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    mailing_id: str,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Send it to exactly those who were shown; where others came meanwhile, show them."""
    mailing, event = own_mailing(session, who, mailing_id)
    try:
        made = added_later.send(session, mailing_id, seen=seen, desk=desk, now=now, actor=who.actor)
    except added_later.OthersCame as error:
        session.rollback()
        added = added_later.find(session, mailing, desk=desk, now=now)
        return _page(
            request, session, who, mailing, event, added, is_draft=desk.four_eyes, error=error.sentence, status=409
        )
    return RedirectResponse(f"/letters/{made}", 303)
