"""Staff pages of people who may be one: the list with its reasons, and saying that two are two.

Only for those who may edit: whom someone at risk resembles says who they are.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.directory import duplicates
from service.directory.rules import SENTENCES
from service.people import store
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/duplicates")
PAGE = 25


@router.get("")
@rule(Permission.EDIT)
def show_list(request: Request, session: ReadSession, who: Who, after: str = "") -> Response:
    """Show pairs who may be one and why, the strongest reasons first."""
    found = duplicates.suggest(session, limit=PAGE, after=after or None)
    pairs = [(s.place.first, s.place.second) for s in found.items]
    return page(
        request,
        "duplicates/list.html",
        project=current_project(request, session, who),
        nav="people",
        suggestions=found.items,
        people=store.read_these(session, {one for pair in pairs for one in pair}),
        sentences=SENTENCES,
        next=found.next,
    )


@router.post("/different")
@rule(Permission.EDIT)
def tell_apart(
    session: WriteSession, who: Who, now: Now, one: Annotated[str, Form()] = "", other: Annotated[str, Form()] = ""
) -> Response:
    """Remember that two people are two."""
    duplicates.tell_apart(session, one, other, now=now, actor=who.actor)
    return RedirectResponse("/duplicates", 303)
