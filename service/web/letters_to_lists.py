"""The staff page of letters to everybody on a list or in a segment."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import messages
from service.campaign.store import MESSAGES
from service.directory import segments
from service.events import store as events
from service.events.values import EventState, Project
from service.kernel.errors import Conflict, FarsowError, Invalid, NotFound
from service.letters.to_lists import write_to_list
from service.people import store
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import Typed
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/letters/to-list")
FIELDS = ("list_id", "kind", "subject", "body", "until", "event_id")


@router.get("")
@rule(Permission.SEND)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    list_id: str = "",
    kind: str = "newsletter",
    event_id: str = "",
    message: str = "",
) -> Response:
    """Show the form, with the words of a message that is signed off."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    typed = {"list_id": list_id, "kind": kind, "event_id": event_id}
    if message:
        said = messages.read_words(session, project.id, message)
        typed |= {"subject": said.title, "body": said.text}
    return _page(request, session, project, typed)


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    error: FarsowError | None = None,
) -> Response:
    field = getattr(error, "field", None) or "list_id"
    return page(
        request,
        "letters/to_list.html",
        status=422 if error else 200,
        project=project,
        events=[e for e in events.read_events(session, project.id) if e.state is EventState.ANNOUNCED],
        lists=segments.counted(session, store.read_lists(session)),
        messages=list(filter(None, map(messages.usable, messages.threads(MESSAGES.read_all(session, project.id))))),
        values={**dict.fromkeys(FIELDS, ""), **typed},
        errors={field: error.sentence} if error else {},
    )


@router.post("")
@rule(Permission.SEND)
def write(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk) -> Response:
    """Write the letter as a draft, to be read before it leaves; a form that cannot be used comes back as typed."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    typed = {name: form.get(name, "") for name in FIELDS}
    try:
        if not typed["list_id"]:
            raise Invalid("Choose a list.", field="list_id")
        done = write_to_list(session, project, **typed, desk=desk, now=now, actor=who.actor)
    except (Invalid, Conflict, NotFound) as error:
        session.rollback()
        return _page(request, session, project, typed, error)
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)
