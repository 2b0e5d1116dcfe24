"""Lessons: written down, linked to events and chapters, changed, taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign.store import LESSONS
from service.campaign.values import Campaign, Lesson, Setting, Topic
from service.dissemination import lessons
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
BLANK = Lesson("l", "", None, None, None, None, ())
KNOWN: dict[str, Any] = {"places": {"e"}, "chapters": {"media"}}
SAID = {
    "text": " Ask\r\nearly ", "event_id": "e", "chapter_key": "media", "topic": "partners", "setting": "national",
    "campaigns": ["landmines", "landmines", "conflict_diamonds"],
}  # fmt: skip


@pytest.fixture
def world(session: Session) -> World:
    """A project with a focus group and a chapter, stored."""
    world = empty_world()
    add_event(world, kind="focus_group", privacy="confidential")
    row = {"kind": "chapter", "title": "Managing the media", "format": "", "status": "planned", "number": 8}
    world.outputs = [{"id": "o", "key": "media", "languages": [], "tags": [], **row}]
    return store_world(session, world)


def test_a_lesson_is_read_from_what_was_typed():
    lesson = lessons.judge(BLANK, SAID, **KNOWN)

    campaigns = (Campaign.LANDMINES, Campaign.CONFLICT_DIAMONDS)
    assert lesson == Lesson("l", "Ask\nearly", "e", "media", Topic.PARTNERS, Setting.NATIONAL, campaigns)
    assert lessons.judge(lesson, {}, **KNOWN) == lesson


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"text": " "}, "record-incomplete", "text"),
        ({"event_id": "another"}, "unknown-reference", "event_id"),
        ({"chapter_key": "weather"}, "unknown-reference", "chapter_key"),
        ({"topic": "weather"}, "unknown-choice", "topic"),
        ({"setting": "lunar"}, "unknown-choice", "setting"),
        ({"campaigns": ["kites"]}, "unknown-choice", "campaigns"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        lessons.judge(BLANK, SAID | wishes, **KNOWN)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("asked", "is_of"),
    [
        ({}, True),
        ({"chapter": "media", "topic": "partners", "setting": "national", "campaign": "landmines"}, True),
        ({"chapter": "funding"}, False),
        ({"topic": "governance"}, False),
        ({"setting": "international"}, False),
        ({"campaign": "child_soldiers"}, False),
    ],
)
def test_lessons_are_found_by_what_they_are_of(asked: dict[str, str], is_of: bool):
    assert lessons.is_of(lessons.judge(BLANK, SAID, **KNOWN), **asked) is is_of


def test_a_lesson_is_written_changed_and_taken_away(session: Session, world: World):
    p, event = world.project_id, world.events[0]["id"]
    made = lessons.add_lesson(session, p, SAID | {"event_id": event}, **ACTOR)

    after = lessons.edit_lesson(session, p, made.id, {"topic": "", "campaigns": []}, **ACTOR)

    assert after == replace(made, topic=None, campaigns=())
    assert LESSONS.read_all(session, p) == [after]
    lessons.remove_lesson(session, p, made.id, **ACTOR)
    assert LESSONS.read_all(session, p) == []
    trail = sorted(one["action"] for one in log.trail(session, f"lesson:{made.id}"))
    assert trail == ["lesson.added", "lesson.changed", "lesson.removed"]
