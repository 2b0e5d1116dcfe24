"""The attacker reads the whole document, in every format."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

from service.dissemination.annex import OF_THINGS
from service.dissemination.facts import Facts
from service.dissemination.rendering import FORMATS, render
from service.dissemination.values.figures import Dimension, ReleaseState
from tests.dissemination.recount import recount
from tests.dissemination.views import target, view_of, view_of_facts, words_of
from tests.dissemination.worlds import World, add_attendees, add_event, empty_world, random_world

TARGETS = (target("E4", 220), target("R1", 600), target("R6", 60), target("E5", 65), target("R4", 3))


def documents(facts: Facts, world: World, profile: str) -> dict[str, bytes]:
    view = view_of_facts(facts, world, profile, TARGETS)
    return {format: render(view, format) for format in FORMATS}


def bands(facts: Facts, world: World, profile: str) -> Any:
    return view_of_facts(facts, world, profile).counts


def nudged(world: World, chance: random.Random) -> World:
    """The same world with one answer, letter or attendance otherwise."""
    rows = [dict(row) for row in world.invitations]
    row = chance.choice(rows)
    row[chance.choice(["letter", "partstat", "attendance"])] = ""
    row["letter"] = row["letter"] or chance.choice(["sent", "bounced", "unknown"])
    row["partstat"] = row["partstat"] or chance.choice(["ACCEPTED", "DECLINED", "NEEDS-ACTION"])
    row["attendance"] = row["attendance"] or chance.choice(["present", "absent"])
    return replace(world, invitations=rows)


def twins(profile: str, wanted: int) -> list[tuple[World, World]]:
    """Worlds in pairs: other people did other things, and every printed band is the same."""
    found: list[tuple[World, World]] = []
    for seed in range(200):
        chance = random.Random(seed)
        world = random_world(seed, people=chance.choice([9, 40, 150]), events=4)
        other = world
        for _ in range(3):
            other = nudged(other, chance)
        one, two = recount(world), recount(other)
        if bands(one, world, "internal") != bands(two, world, "internal") and bands(one, world, profile) == bands(
            two, world, profile
        ):
            found.append((world, other))
        if len(found) == wanted:
            return found
    raise AssertionError("too few pairs of worlds with the same bands")


@pytest.mark.parametrize("profile", ["donor", "public"])
def test_documents_tell_nothing_beyond_the_printed_bands(profile):
    """Two worlds with the same bands give the same bytes, in every format, chart geometry included."""
    for world, other in twins(profile, 12):
        assert documents(recount(world), world, profile) == documents(recount(other), other, profile)


def test_the_attacker_tells_the_same_worlds_apart_inside():
    for world, other in twins("donor", 6):
        inside, beside = documents(recount(world), world, "internal"), documents(recount(other), other, "internal")
        assert all(inside[format] != beside[format] for format in FORMATS)


def small_world() -> World:
    """A launch with 31 people from Kenya and three from Norway, two at risk from Jordan."""
    world = empty_world()
    launch = add_event(world, kind="launch", title="The launch")
    add_attendees(world, launch, 31)
    add_attendees(world, launch, 3, country="NO", audience_id=world.audiences[2]["id"])
    add_attendees(world, launch, 2, country="JO", at_risk=True)
    return world


def read_json(view: Any) -> dict[str, Any]:
    return dict(json.loads(render(view, "json")))


def numbers_in(part: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return every number of a JSON document with its place."""
    if isinstance(part, dict):
        return [found for key, value in part.items() for found in numbers_in(value, f"{path}.{key}")]
    if isinstance(part, list):
        return [found for value in part for found in numbers_in(value, path)]
    return [(path, part)] if isinstance(part, int | float) and not isinstance(part, bool) else []


@pytest.mark.parametrize(("profile", "k"), [("donor", 5), ("public", 10)])
def test_no_number_of_people_below_k_stands_in_the_json(profile, k):
    body = read_json(view_of(small_world(), profile))
    people = [figure for figure in body["figures"] if not figure["indicator"].startswith(OF_THINGS)]

    assert {figure["release_state"] for figure in people} == {"BANDED", "TOTAL_ONLY"}  # of surveys there is nothing
    assert [figure["value"] for figure in people] == [None] * len(people)
    assert [found for found in numbers_in(people) if not found[0].endswith((".floor", ".ceiling"))] == []
    counts = [n for _path, n in numbers_in(body["counts"])]
    assert set(counts) <= {0, 1, k - 1} | {n for n in range(k, 1000) if n % k in (0, k - 1)}


def test_the_same_json_inside_holds_the_three_from_norway():
    """The check above can fail: inside, the small cells are there."""
    figure = view_of(small_world()).figure("E4")
    cells = {cell.label: cell.value for cell in figure.cells if cell.value and cell.dimension is not Dimension.EVENT}

    assert cells == {
        "1 Civil society": 33,
        "3 Academia": 3,
        "Eastern Africa": 31,
        "Northern Europe": 3,
        "Not stated": 2,
    }


def test_jordan_is_nowhere_in_any_profile():
    world = small_world()
    for profile in ("internal", "donor", "public"):
        cells = {cell.key: cell.text for cell in view_of(world, profile).figure("E4").cells}
        assert cells["145"] == "0"


def printed_numbers(text: str) -> list[str]:
    """Return what a reader sees in the table cells and figures of the page."""
    return re.findall(r"<(?:td[^>]*|dd|b|span class=\"v\")>([^<]*)", text)


def test_the_donor_page_prints_bands_only():
    page = render(view_of(small_world(), "donor"), "html").decode()
    figures = [seen for seen in printed_numbers(page) if re.fullmatch(r"\d+", seen)]

    assert "&lt;5" in page
    assert set(figures) <= {"0", "1"}  # nought, and the one event that was held


@pytest.mark.parametrize(
    ("profile", "privacy", "label", "when"),
    [
        ("internal", "confidential", "Meeting with the delegation", "2026-12-13"),
        ("donor", "confidential", "Briefing held in confidence", "2026-12"),
        ("donor", "invited", "Meeting with the delegation", "2026-12-13"),
        ("public", "invited", "Briefing by invitation", "2026-12"),
        ("public", "open", "Meeting with the delegation", "2026-12-13"),
    ],
)
def test_a_title_is_printed_only_where_its_privacy_allows(profile, privacy, label, when):
    world = empty_world()
    event = add_event(world, kind="briefing", privacy=privacy, title="Meeting with the delegation")
    add_attendees(world, event, 30)

    view = view_of(world, profile)

    assert [(event.label, event.when) for event in view.events] == [(label, when)]
    whole = "".join(words_of(view, format) for format in FORMATS)
    assert ("delegation" in whole) is (label == "Meeting with the delegation")


def test_every_release_state_can_be_seen():
    world = small_world()
    states = {ReleaseState.EXACT_ALL, ReleaseState.BANDED, ReleaseState.TOTAL_ONLY}
    assert {f.release_state for f in view_of(world, "donor").figures} == states
    few = empty_world()
    add_attendees(few, add_event(few), 7)
    add_attendees(few, add_event(few), 1)
    assert {
        f.release_state
        for f in view_of(few, "donor").figures
        if f.indicator[0] in "RE" and f.indicator not in ("E8", "E9", "E10")
    } == {ReleaseState.TOTAL_ONLY}
