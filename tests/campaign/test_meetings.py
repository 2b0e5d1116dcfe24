"""The lobby log: noted, found by words, followed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import meetings
from service.campaign.store import MEETINGS
from service.campaign.values import LobbyMeeting
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = NOW.date()
BLANK = LobbyMeeting("m", None, None, TODAY, "", "", "", None, "", None)
TALK = {
    "country": "Kenya", "held_on": "2026-11-02", "place": "Geneva", "said": "They will\r\nlook at the text",
    "next_step": "Send the text", "next_on": "2027-02-01", "owner": "campaigner",
}  # fmt: skip
READ = LobbyMeeting(
    "m", "KE", None, date(2026, 11, 2), "Geneva", "They will\nlook at the text", "Send the text", date(2027, 2, 1),
    "campaigner", None,
)  # fmt: skip


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def test_a_meeting_is_read_from_what_was_typed():
    assert meetings.judge(BLANK, TALK, TODAY) == READ
    assert meetings.judge(READ, {}, TODAY) == READ


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"country": ""}, "record-incomplete", "country"),
        ({"organisation_id": "o"}, "record-incomplete", "country"),
        ({"country": "Atlantis"}, "unknown-country", "country"),
        ({"held_on": "2027-01-13"}, "not-a-day", "held_on"),
        ({"place": ""}, "record-incomplete", "place"),
        ({"said": " "}, "record-incomplete", "said"),
        ({"next_step": ""}, "record-incomplete", "next_step"),
        ({"next_on": "soon"}, "not-a-day", "next_on"),
        ({"done_on": "2027-01-13"}, "not-a-day", "done_on"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        meetings.judge(BLANK, TALK | wishes, TODAY)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["new", "old", "done"]),
        ({"open_only": True}, ["new"]),
        ({"text": "GENÈVE"}, []),
        ({"text": "text geneva"}, ["new", "done"]),
        ({"text": "union"}, ["old"]),
    ],
)
def test_the_log_is_found_by_words_the_latest_first(asked: dict[str, Any], found: list[str]):
    old = replace(BLANK, id="old", organisation_id="o", held_on=date(2026, 5, 1), place="Addis", said="Hello")
    done = replace(READ, id="done", held_on=date(2026, 4, 1), done_on=TODAY)

    every = [done, old, replace(READ, id="new")]
    assert [one.id for one in meetings.found(every, {"o": "African Union"}, **asked)] == found


def test_a_meeting_is_noted_followed_up_and_taken_away(session: Session, world: World):
    p = world.project_id
    made = meetings.add_meeting(session, p, TALK, **ACTOR)

    wishes = {"country": "", "organisation": "African Union", "done_on": "2027-01-12"}
    after = meetings.edit_meeting(session, p, made.id, wishes, **ACTOR)

    assert made == replace(READ, id=made.id)
    assert after == replace(made, country=None, organisation_id=after.organisation_id, done_on=TODAY)
    assert (bool(after.organisation_id), MEETINGS.read_all(session, p)) == (True, [after])
    meetings.remove_meeting(session, p, made.id, **ACTOR)
    assert MEETINGS.read_all(session, p) == []
    trail = sorted(one["action"] for one in log.trail(session, f"meeting:{made.id}"))
    assert trail == ["meeting.changed", "meeting.noted", "meeting.removed"]
