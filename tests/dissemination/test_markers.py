"""Progress markers: put in, seen with evidence, taken away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import markers
from service.dissemination.store import markers as store
from service.dissemination.values.plan import Level, Seen
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
BRIEFING = {"audience_key": "policy", "level": "like", "text": "  They ask for\na briefing "}


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def test_a_marker_is_put_in_and_seen_with_evidence(session: Session, world: World):
    marker = markers.add_marker(session, world.project_id, BRIEFING, **ACTOR)
    love = {"audience_key": "policy", "level": "love", "text": "They consult us"}
    loved = markers.add_marker(session, world.project_id, love, **ACTOR)
    expected = markers.add_marker(session, world.project_id, {**love, "level": "expect"}, **ACTOR)

    wishes = {"status": "some", "evidence": "Two offices wrote in May"}
    after = markers.edit_marker(session, world.project_id, marker.id, wishes, **ACTOR)

    assert (marker.text, marker.level, marker.status) == ("They ask for a briefing", Level.LIKE, Seen.NOT_YET)
    evidence = {"status": Seen.SOME, "evidence": "Two offices wrote in May", "noted_on": date(2027, 1, 12)}
    assert after == replace(marker, **evidence)
    audiences = {one.key: one for one in markers.read_audiences(session, world.project_id)}
    assert audiences["policy"].markers == (expected, after, loved)
    assert audiences["academia"].markers == ()
    trail = log.trail(session, f"marker:{marker.id}")
    assert {one["action"]: one["details"] for one in trail} == {
        "marker.added": {},
        "marker.changed": {"before": "not_yet", "after": "some"},
    }


def test_a_new_wording_keeps_the_day_it_was_seen(session: Session, world: World):
    marker = markers.add_marker(session, world.project_id, BRIEFING, **ACTOR)
    seen = {"status": "seen", "evidence": "Letter of 3 May"}
    markers.edit_marker(session, world.project_id, marker.id, seen, **ACTOR)

    later = {"now": NOW + timedelta(days=9), "actor": "staff:01test"}
    after = markers.edit_marker(session, world.project_id, marker.id, {"text": "They ask"}, **later)

    assert (after.text, after.status, after.noted_on) == ("They ask", Seen.SEEN, date(2027, 1, 12))
    assert [one.seen for one in markers.read_audiences(session, world.project_id)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"status": "seen"}, "evidence-missing", "evidence"),
        ({"status": "some", "evidence": " "}, "evidence-missing", "evidence"),
        ({"status": "perhaps"}, "unknown-status", "status"),
        ({"text": ""}, "marker-missing", "text"),
    ],
)
def test_a_marker_that_cannot_be_is_refused(
    session: Session, world: World, wishes: dict[str, Any], code: str, field: str
):
    marker = markers.add_marker(session, world.project_id, BRIEFING, **ACTOR)

    with pytest.raises(Invalid) as refused:
        markers.edit_marker(session, world.project_id, marker.id, wishes, **ACTOR)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert store.read_marker(session, world.project_id, marker.id) == marker


@pytest.mark.parametrize(
    ("wishes", "field"),
    [({"audience_key": "nobody"}, "audience_key"), ({"level": "hate"}, "level"), ({"text": " "}, "text")],
)
def test_a_new_marker_needs_an_audience_a_level_and_words(
    session: Session, world: World, wishes: dict[str, str], field: str
):
    with pytest.raises(Invalid) as refused:
        markers.add_marker(session, world.project_id, BRIEFING | wishes, **ACTOR)

    assert refused.value.field == field
    assert store.read_markers(session, world.project_id) == []


def test_a_marker_is_taken_away_in_its_own_project_only(session: Session, world: World):
    other = empty_world()
    other.audiences = []
    store_world(session, other)
    marker = markers.add_marker(session, world.project_id, BRIEFING, **ACTOR)

    with pytest.raises(store.UnknownMarker):
        markers.remove_marker(session, other.project_id, marker.id, **ACTOR)
    markers.remove_marker(session, world.project_id, marker.id, **ACTOR)
    assert store.read_markers(session, world.project_id) == []
