"""The API of lessons."""

from __future__ import annotations

from fastapi import Response

from service.accounts.values import Permission
from service.campaign.store import LESSONS
from service.campaign.values import Campaign, Lesson, Setting, Topic
from service.dissemination import lessons
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/lessons", tag="campaign")


class LessonIn(ApiModel):
    """Something learnt; `chapter_key` is the key of a part or chapter."""

    text: str | None = None
    event_id: str | None = None
    chapter_key: str | None = None
    topic: str | None = None
    setting: str | None = None
    campaigns: list[str] | None = None


class LessonOut(ApiModel):
    """A lesson."""

    id: str
    text: str
    event_id: str | None
    chapter_key: str | None
    topic: Topic | None
    setting: Setting | None
    campaigns: list[Campaign]


def _lesson(lesson: Lesson) -> LessonOut:
    fields = {name: getattr(lesson, name) for name in LessonOut.model_fields}
    return LessonOut(**{**fields, "campaigns": list(lesson.campaigns)})


@router.get("")
@rule(Permission.READ)
def list_lessons(
    session: ReadSession,
    who: Principal,
    project_id: str,
    chapter: str = "",
    topic: str = "",
    setting: str = "",
    campaign: str = "",
) -> Page[LessonOut]:
    """Return the lessons for a chapter, of a topic, of a setting, from a campaign."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    wanted = {"chapter": chapter, "topic": topic, "setting": setting, "campaign": campaign}
    found = LESSONS.read_all(session, project_id)
    return Page(items=[_lesson(one) for one in found if lessons.is_of(one, **wanted)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: LessonIn) -> LessonOut:
    """Write a lesson down."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _lesson(lessons.add_lesson(session, project_id, wishes, now=now, actor=who.actor))


@router.patch("/{lesson_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, lesson_id: str, body: LessonIn
) -> LessonOut:
    """Change a lesson."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _lesson(lessons.edit_lesson(session, project_id, lesson_id, wishes, now=now, actor=who.actor))


@router.delete("/{lesson_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, lesson_id: str) -> Response:
    """Take a lesson away."""
    require_project(who, project_id)
    lessons.remove_lesson(session, project_id, lesson_id, now=now, actor=who.actor)
    return Response(status_code=204)
