"""Lessons of the research: what was learnt, at which event, for which chapter of the publication."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.store import LESSONS
from service.campaign.values import Campaign, Lesson, Setting, Topic
from service.dissemination.editing import UnknownReference
from service.dissemination.store import planning
from service.events import store as events
from service.events.values import Event
from service.kernel.ids import new_id

FIELDS = ("text", "event_id", "chapter_key", "topic", "setting", "campaigns")
MOST_EVENTS = 10_000


def read_chapters(session: Session, project_id: str) -> dict[str, str]:
    """Return the titles of a project's parts and chapters by key, in order."""
    found = [one for one in planning.read_outputs(session, project_id) if one.kind in ("part", "chapter")]
    return {one.key: one.title for one in sorted(found, key=lambda one: (one.kind != "part", one.number or 0))}


def read_places(session: Session, project_id: str) -> list[Event]:
    """Return the events of a project at which something may have been learnt, in order."""
    return events.read_events(session, project_id, limit=MOST_EVENTS)


def add_lesson(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Lesson:
    """Write a lesson down.

    Raises:
        UnknownProject, RecordIncomplete, UnknownChoice, UnknownReference.
    """
    events.read_project(session, project_id)
    lesson = judge(Lesson(new_id(), "", None, None, None, None, ()), wishes, **_known(session, project_id))
    LESSONS.add(session, project_id, lesson)
    log.record(session, actor=actor, action="lesson.added", subject=f"lesson:{lesson.id}", now=now)
    return lesson


def edit_lesson(
    session: Session, project_id: str, lesson_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Lesson:
    """Change a lesson; what is left out stays.

    Raises:
        UnknownRecord, RecordIncomplete, UnknownChoice, UnknownReference.
    """
    before = LESSONS.read(session, project_id, lesson_id)
    after = judge(before, wishes, **_known(session, project_id))
    if after != before:
        LESSONS.write(session, after)
        log.record(session, actor=actor, action="lesson.changed", subject=f"lesson:{lesson_id}", now=now)
    return after


def remove_lesson(session: Session, project_id: str, lesson_id: str, *, now: datetime, actor: str) -> None:
    """Take a lesson away.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    LESSONS.read(session, project_id, lesson_id)
    LESSONS.remove(session, lesson_id)
    log.record(session, actor=actor, action="lesson.removed", subject=f"lesson:{lesson_id}", now=now)


def _known(session: Session, project_id: str) -> dict[str, Collection[str]]:
    return {
        "places": {event.id for event in read_places(session, project_id)},
        "chapters": read_chapters(session, project_id),
    }


# Pure


def judge(lesson: Lesson, wishes: Mapping[str, Any], *, places: Collection[str], chapters: Collection[str]) -> Lesson:
    """Return a lesson as it is wanted; what is left out stays.

    Raises:
        RecordIncomplete, UnknownChoice, UnknownReference.
    """
    wanted = {name: wishes.get(name, getattr(lesson, name)) for name in FIELDS}
    return replace(
        lesson,
        text=rules.needed(rules.block(wanted["text"], 2000), "text", "Say what was learnt."),
        event_id=_reference(wanted["event_id"], "event_id", places),
        chapter_key=_reference(wanted["chapter_key"], "chapter_key", chapters),
        topic=rules.choice(Topic, wanted["topic"], "topic") if wanted["topic"] else None,
        setting=rules.choice(Setting, wanted["setting"], "setting") if wanted["setting"] else None,
        campaigns=tuple(dict.fromkeys(rules.choice(Campaign, one, "campaigns") for one in wanted["campaigns"] or ())),
    )


def _reference(raw: Any, field: str, known: Collection[str]) -> str | None:
    wanted = str(raw or "").strip() or None
    if wanted and wanted not in known:
        raise UnknownReference("Choose one of the list.", field=field)
    return wanted


def is_of(lesson: Lesson, *, chapter: str = "", topic: str = "", setting: str = "", campaign: str = "") -> bool:
    """Tell whether a lesson is for a chapter, of a topic, of a setting, from a campaign; nothing asked for is all."""
    return (
        chapter in ("", lesson.chapter_key)
        and topic in ("", lesson.topic)
        and setting in ("", lesson.setting)
        and (not campaign or campaign in lesson.campaigns)
    )
