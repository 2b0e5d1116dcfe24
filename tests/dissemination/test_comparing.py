"""What differs between two reports."""

from __future__ import annotations

from dataclasses import replace

from service.dissemination.comparing import compare_reports
from service.dissemination.snapshots import Grade, Narrative
from service.dissemination.versions import Difference, Kind
from tests.dissemination.test_gate import LAUNCH, LETTER, line
from tests.dissemination.test_leaks import TARGETS, small_world
from tests.dissemination.views import target, view_of
from tests.dissemination.worlds import add_attendees


def test_nothing_differs_from_itself():
    view = view_of(small_world(), "donor", TARGETS)

    assert compare_reports(view, view) == []


def test_figures_targets_the_plan_and_the_words_are_compared_as_they_are_printed():
    world = small_world()
    before = replace(view_of(world, "donor", (target("E4", 220),)), plan=(LETTER, line("Radio", "postponed")))
    add_attendees(world, world.events[0], 12)
    moved = view_of(world, "donor", (target("E4", 250),))
    after = replace(moved, plan=(LAUNCH, line("Radio", "cancelled", reason="No host")), grade=Grade.FINAL)
    after = replace(after, narrative=Narrative(summary="More came."))

    found = compare_reports(before, after)

    came = next(one for one in found if (one.part, one.key) == ("figures", "E4"))
    assert (came.title, came.fields[0]) == ("E4 Distinct attendees", ("figure", "35–39", "45–49"))
    assert [one for one in found if one.part != "figures"] == [
        Difference(Kind.CHANGED, "targets", "E4", "E4 Distinct attendees", _of_target(found)),
        Difference(Kind.ADDED, "plan", "launch", "Launch"),
        Difference(Kind.REMOVED, "plan", "letter", "Letter"),
        Difference(
            Kind.CHANGED, "plan", "radio", "Radio", (("reason", "", "No host"), ("status", "postponed", "cancelled"))
        ),
        Difference(Kind.CHANGED, "words", "grade", "grade", (("text", "interim", "final"),)),
        Difference(Kind.CHANGED, "words", "summary", "summary", (("text", "", "More came."),)),
    ]


def _of_target(found: list[Difference]) -> tuple[tuple[str, str, str], ...]:
    fields = next(one.fields for one in found if one.part == "targets")
    assert fields[0] == ("target", "220", "250")
    return fields
