"""The charts of events and of use, on pages and on paper."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import docx
import pytest

from service.dissemination import drawing, report
from service.dissemination.document import Mark, Month, Panel, Step, Use
from service.dissemination.formats import chart_png
from service.dissemination.outline import Section, outline
from service.dissemination.rendering import render
from service.dissemination.report import compose
from service.dissemination.snapshots import SnapshotView, UseLine
from service.dissemination.wording import Voice
from tests.dissemination.recount import recount
from tests.dissemination.test_report import TARGETS, launch_world
from tests.dissemination.views import view_of, view_of_facts, words_of
from tests.dissemination.worlds import World, add_attendees, add_event, add_person, empty_world, invite

ASKED = (UseLine("2026-12", 40, 30), UseLine("2027-01", 10, 9))


def year_world() -> World:
    """The launch, a small meeting in confidence, and a seminar to come."""
    world = launch_world()
    add_attendees(world, add_event(world, days_ago=10, privacy="confidential"), 3)
    coming = add_event(world, days_ago=-15, state="announced", title="<Seminar> & more")
    for _ in range(31):
        invite(world, coming, add_person(world))
    return world


def year(profile: str = "donor") -> SnapshotView:
    world = year_world()
    return view_of_facts(replace(recount(world), use=ASKED), world, profile, TARGETS)


def sections(view: SnapshotView) -> tuple[Section, ...]:
    return outline(report.compose(view, Voice()), Voice())


def test_events_stand_beside_each_other_with_what_is_printed_of_them():
    assert compose(year()).panels == (
        Panel("The launch", "13 December 2026", (
            Step("Invited", 150, "150–154", ""), Step("Accepted", 125, "125–129", ""),
            Step("Attended", 125, "125–129", ""),
        )),
        Panel("Seminar held in confidence", "January 2027", (
            Step("Invited", None, "<5", ""), Step("Accepted", None, "<5", ""), Step("Attended", None, "<5", ""),
        )),
        Panel("<Seminar> & more", "27 January 2027", (
            Step("Invited", 30, "30–34", ""), Step("Accepted", 0, "0", ""), Step("Attended", None, "–", ""),
        )),
    )  # fmt: skip
    assert [step.is_ahead for step in compose(year()).panels[2].steps] == [False, False, True]


def test_events_of_which_no_number_may_be_shown_have_no_chart():
    world = empty_world()
    add_attendees(world, add_event(world), 3)

    assert compose(view_of(world, "donor")).panels == ()
    assert len(compose(view_of(world)).panels) == 1


def test_months_have_what_was_asked_for_and_their_events_as_marks():
    drawn = compose(year()).use

    assert drawn == Use(
        months=(
            *(Month(f"{name} 2026", 0, 0, ()) for name in ["Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov"]),
            Month("Dec 2026", 40, 30, (1,)),
            Month("Jan 2027", 10, 9, (2, 3)),
        ),
        marks=(
            Mark(1, "The launch", "13 December 2026", is_held=True),
            Mark(2, "Seminar held in confidence", "January 2027", is_held=True),
            Mark(3, "<Seminar> & more", "27 January 2027", is_held=False),
        ),
        today=9,
        is_counted=True,
    )
    (table,) = (table for table in compose(year()).tables if table.key == "use")
    assert table.rows == (
        ("Dec 2026", "The launch", "40", "30"),
        ("Jan 2027", "Seminar held in confidence; <Seminar> & more", "10", "9"),
    )


def test_every_chart_on_paper_has_a_title_a_description_and_words_that_are_no_markup():
    charts = [one.chart for one in sections(year()) if one.chart]

    assert [chart.title for chart in charts] == [
        "Plan against actual",
        "From invitation to attendance",
        "Distinct attendees by region",
        "Who they were",
        "Invited, accepted and attended, event by event",
        "Requests and sessions, month by month, and the events",
    ]
    for chart in charts:
        root = ElementTree.fromstring(chart.svg)  # noqa: S314 - our own
        assert root.findtext("{*}title") == chart.title
        assert root.findtext("{*}desc") == chart.about
        assert chart.about
    assert "<Seminar> & more, 27 January 2027: Invited 30–34, Accepted 0, Attended –" in charts[4].about


def test_what_is_not_shown_is_hatched_and_as_large_whatever_it_hides():
    hidden = [Step("Invited", None, "<5", ""), Step("Accepted", None, "not shown", "")]
    lone = drawing.funnel("People", [Step("Invited", 500, "500–504", ""), *hidden])
    small = drawing.funnel("People", [Step("Invited", 5, "5–9", ""), *hidden])

    assert re.findall("<rect [^>]*/>", lone.svg) == re.findall("<rect [^>]*/>", small.svg)
    assert lone.svg.count("<line ") > 20
    ahead = drawing.funnel("People", [Step("Attended", None, "–", "", is_ahead=True)])
    assert "<line " not in ahead.svg
    assert "stroke-dasharray" in ahead.svg


def test_a_document_has_each_chart_as_a_picture_with_words_for_those_who_do_not_see_it():
    made = docx.Document(io.BytesIO(render(year(), "docx")))

    charts = [one.chart for one in sections(year()) if one.chart]
    shapes = [shape._inline.docPr for shape in made.inline_shapes]
    assert [(one.get("title"), one.get("descr")) for one in shapes] == [
        (chart.title, f"{chart.title}. {chart.about}") for chart in charts
    ]


def test_a_picture_is_the_same_however_often_it_is_made():
    charts = [one.chart for one in sections(year()) if one.chart]

    once = chart_png.render(charts)
    chart_png._pictures.cache_clear()

    assert chart_png.render(charts) == once
    assert [picture[:8] for picture in once] == [b"\x89PNG\r\n\x1a\n"] * len(charts)


@pytest.mark.parametrize("format", ["html", "pdf"])
def test_a_title_that_must_stay_inside_is_in_no_chart(format: str):
    world = year_world()
    world.events[1]["title"] = "Meeting with the delegation"

    assert "delegation" not in words_of(view_of(world, "donor"), format)
    assert "delegation" in words_of(view_of(world), format)
