"""SEQUENCE rises for what invitees must know, and for nothing else."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime

import pytest

from service.ical import sequence
from service.ical.sequence import is_material, next_sequence
from service.ical.values import Address
from tests.ical.cast import make_meeting

BEFORE = make_meeting(sequence=4, location="Café Room")


def test_the_examples_in_the_docstring_hold():
    assert doctest.testmod(sequence) == doctest.TestResults(failed=0, attempted=6)


@pytest.mark.parametrize(
    "edit",
    [
        {"starts_local": datetime(2027, 1, 28, 13, 30)},
        {"ends_local": datetime(2027, 1, 28, 17, 0)},
        {"time_zone": "Europe/Dublin"},
        {"status": "TENTATIVE"},
        {"location": "Room XXI"},
        {"location": ""},
    ],
    ids=["start", "end", "zone", "status", "place", "no-place"],
)
def test_a_material_edit_raises_the_sequence_by_one(edit):
    after = make_meeting(**({"sequence": 4, "location": "Café Room"} | edit))

    assert (is_material(BEFORE, after), next_sequence(BEFORE, after)) == (True, 5)


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"summary": "Seminar 2: working with Governments"},
        {"description": "More"},
        {"location": "cafe  room "},
        {"organizer": Address("rsvp+other@example.org", "Another name")},
        {"url": "https://example.org/new"},
        {"conference": "https://meet.example.org/new"},
        {"dtstamp": datetime(2026, 12, 24, tzinfo=UTC)},
        {"sequence": 9},
    ],
    ids=lambda edit: "-".join(edit) or "nothing",
)
def test_a_cosmetic_edit_keeps_the_sequence(edit):
    after = make_meeting(**({"sequence": 4, "location": "Café Room"} | edit))

    assert (is_material(BEFORE, after), next_sequence(BEFORE, after)) == (False, 4)
