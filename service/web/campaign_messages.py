"""Staff page of the message library: written, signed off by someone else, put into letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.campaign import messages, sheets
from service.campaign.store import MESSAGES
from service.campaign.values import Message, Topic
from service.events.values import Project
from service.kernel.errors import Conflict, Forbidden, Invalid
from service.people import store as people
from service.web import identifiers
from service.web.csv_files import csv_file
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.person import staff_names
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/messages")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("title", "text", "audience_key", "topic", "countries")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    audience: str = "",
    topic: str = "",
    country: str = "",
    saved: str = "",
) -> Response:
    """Show the messages; those for an audience, of a topic, for a country."""
    picked = {"audience": audience, "topic": topic, "country": country}
    return _page(request, session, who, own_project(request, session, who), {}, picked=picked, saved=saved)


@router.get("/messages.csv")
@rule(Permission.READ)
def save(request: Request, session: ReadSession, who: Who) -> Response:
    """Give every version of every message as a table."""
    return csv_file(sheets.messages(session, own_project(request, session, who).id))


@router.post("")
@rule(Permission.EDIT)
def write(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Write a message; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        made = messages.add_message(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, project, {"form": "new", **form}, error=error)
    return _back(project, made.id)


@router.post("/{message_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, message_id: str) -> Response:
    """Change a message or take an unsigned one away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    try:
        if form.get("remove"):
            messages.remove_message(session, project.id, message_id, now=now, actor=who.actor)
            return RedirectResponse(f"/plan/campaign/messages?project={project.id}", 303)
        wishes = {name: form[name] for name in FIELDS if name in form}
        made = messages.edit_message(session, project.id, message_id, wishes, now=now, actor=who.actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _page(request, session, who, project, {**form, "form": message_id}, error=error)
    return _back(project, made.id)


@router.post("/{message_id:identifier}/sign-off")
@rule(Permission.ADMINISTER)
def sign_off(request: Request, session: WriteSession, who: Who, now: Now, message_id: str) -> Response:
    """Sign a message off; who wrote it is told why they cannot."""
    project = own_project(request, session, who)
    try:
        messages.sign_off(session, project.id, message_id, now=now, actor=who.actor)
    except (Conflict, Forbidden) as error:
        session.rollback()
        return _page(request, session, who, project, {"form": message_id}, error=error)
    return _back(project, message_id)


def _back(project: Project, message_id: str) -> Response:
    return RedirectResponse(
        f"/plan/campaign/messages?project={project.id}&saved={message_id}#message-{message_id}", 303
    )


def _page(
    request: Request,
    session: Session,
    who: Principal,
    project: Project,
    typed: Mapping[str, str],
    *,
    picked: Mapping[str, str] | None = None,
    error: Invalid | Conflict | Forbidden | None = None,
    saved: str = "",
) -> Response:
    found = MESSAGES.read_all(session, project.id)
    threads = messages.threads(found)
    wanted = dict(picked or {"audience": "", "topic": "", "country": ""})
    return page(
        request,
        "campaign/messages.html",
        project=project,
        threads=[one for one in threads if messages.is_for(one[0], **wanted)],
        usable={one[0].thread: messages.usable(one) for one in threads},
        picked=wanted,
        countries=sorted({code for one in threads for code in one[0].countries}),
        audiences={one.key: one.name for one in people.read_audiences(session)},
        topics=[topic.value for topic in Topic],
        names=staff_names(session, (m.signed_by for m in found if m.signed_by)),
        values={one[0].id: _typed(one[0]) for one in threads},
        may_sign={one[0].id: who.actor not in one[0].writers for one in threads},
        blank=dict.fromkeys(FIELDS, ""),
        typed={"form": "", **dict.fromkeys(FIELDS, "")} | dict(typed),
        errors={getattr(error, "field", None) or "title": error.sentence} if error else {},
        saved=saved,
        status={Invalid: 422, Conflict: 409, Forbidden: 403}[_kind(error)] if error else 200,
    )


def _typed(message: Message) -> dict[str, str]:
    """Return a message as its form has it."""
    values = {name: str(asdict(message)[name] or "") for name in FIELDS}
    return values | {"countries": ", ".join(message.countries)}


def _kind(error: Exception) -> type[Exception]:
    return next(kind for kind in (Invalid, Conflict, Forbidden) if isinstance(error, kind))
