"""Notes of an event: written down, read as lists, drafted into a letter."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import notes
from service.dissemination.notes import Notes
from service.events.store import UnknownEvent
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world


@pytest.fixture
def world(session: Session) -> World:
    """A project with one seminar, stored."""
    world = empty_world()
    add_event(world)
    return store_world(session, world)


def test_the_letter_has_each_list_under_its_heading_and_no_empty_one():
    found = Notes(decisions="A second seminar\n- In May", links="https://example.org/1")

    assert notes.draft_letter(found, str.upper) == (
        "WHAT WAS DECIDED:\n- A second seminar\n- In May\n\nWHERE TO READ MORE:\n- https://example.org/1"
    )
    assert notes.draft_letter(Notes(), str) == ""


def test_notes_are_written_and_what_is_left_out_stays(session: Session, world: World):
    event = world.events[0]["id"]
    assert notes.read_notes(session, event) == Notes()

    notes.write_notes(session, event, {"decisions": " One \r\n\r\n Two"}, now=NOW, actor="staff:01test")
    after = notes.write_notes(session, event, {"asks": "Copies"}, now=NOW, actor="staff:01test")
    notes.write_notes(session, event, {}, now=NOW, actor="staff:01test")

    assert after == notes.read_notes(session, event) == Notes(decisions="One\n\nTwo", asks="Copies")
    assert after.lines("decisions") == ["One", "Two"]
    assert [entry["action"] for entry in log.trail(session, f"event:{event}")] == ["event.notes-written"] * 2
    with pytest.raises(UnknownEvent):
        notes.write_notes(session, "01unknown", {}, now=NOW, actor="staff:01test")
