"""Staff page of lessons: what was learnt, narrowed down by chapter and tags, ready to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import sheets
from service.campaign.store import LESSONS
from service.campaign.values import Campaign, Setting, Topic
from service.dissemination import lessons
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.csv_files import csv_file
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/lessons")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("text", "event_id", "chapter_key", "topic", "setting")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    chapter: str = "",
    topic: str = "",
    setting: str = "",
    campaign: str = "",
    saved: str = "",
) -> Response:
    """Show the lessons for a chapter, of a topic, of a setting, from a campaign."""
    picked = {"chapter": chapter, "topic": topic, "setting": setting, "campaign": campaign}
    return _page(request, session, own_project(request, session, who), {}, picked=picked, saved=saved)


@router.get("/lessons.csv")
@rule(Permission.READ)
def save(request: Request, session: ReadSession, who: Who) -> Response:
    """Give every lesson as a table."""
    return csv_file(sheets.lessons(session, own_project(request, session, who).id))


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Write a lesson down; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        made = lessons.add_lesson(session, project.id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, {"form": "new", **form}, error=error)
    return _back(project, made.id)


@router.post("/{lesson_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, lesson_id: str) -> Response:
    """Change a lesson or take it away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    if form.get("remove"):
        lessons.remove_lesson(session, project.id, lesson_id, now=now, actor=who.actor)
        return RedirectResponse(f"/plan/campaign/lessons?project={project.id}", 303)
    try:
        lessons.edit_lesson(session, project.id, lesson_id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, {**form, "form": lesson_id}, error=error)
    return _back(project, lesson_id)


def _wishes(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form says; each campaign is a box of its own, `campaign-landmines`."""
    wishes: dict[str, Any] = {name: form[name] for name in FIELDS if name in form}
    return wishes | {"campaigns": [one.value for one in Campaign if form.get(f"campaign-{one.value}")]}


def _back(project: Project, lesson_id: str) -> Response:
    return RedirectResponse(f"/plan/campaign/lessons?project={project.id}&saved={lesson_id}#lesson-{lesson_id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    *,
    picked: Mapping[str, str] | None = None,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    found = LESSONS.read_all(session, project.id)
    wanted = dict(picked or dict.fromkeys(("chapter", "topic", "setting", "campaign"), ""))
    return page(
        request,
        "campaign/lessons.html",
        project=project,
        lessons=[one for one in found if lessons.is_of(one, **wanted)],
        total=len(found),
        picked=wanted,
        chapters=lessons.read_chapters(session, project.id),
        learnt_at={event.id: event.title for event in lessons.read_places(session, project.id)},
        topics=[one.value for one in Topic],
        settings=[one.value for one in Setting],
        campaigns=[one.value for one in Campaign],
        blank=dict.fromkeys(FIELDS, ""),
        typed={"form": "", **dict.fromkeys(FIELDS, "")} | dict(typed),
        errors={error.field or "text": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
