"""The words and the geometry of a report, and its formats."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from gettext import NullTranslations
from xml.etree import ElementTree

import pytest

from service.dissemination.document import Bar, BarRow, Big, Paragraph, Step
from service.dissemination.formats.table_csv import guarded
from service.dissemination.gate import texts_of
from service.dissemination.harvest import Outcome, OutcomeState
from service.dissemination.rendering import render, render_sections
from service.dissemination.report import compose
from service.dissemination.snapshots import SnapshotView, to_json
from service.dissemination.telling import CaseStudy
from service.dissemination.values.plan import LineStatus
from service.dissemination.wording import Voice
from tests.dissemination.recount import recount
from tests.dissemination.views import target, view_of, view_of_facts
from tests.dissemination.worlds import World, add_attendees, add_event, add_person, empty_world, invite

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)


def launch_world() -> World:
    """127 people of 150 invited came to the launch: 90 of civil society, 30 of policy, 7 of academia."""
    world = empty_world()
    launch = add_event(world, kind="launch", title="The launch")
    for place, (count, country) in enumerate(((90, "KE"), (30, "NO"), (7, "IN"))):
        add_attendees(world, launch, count, audience_id=world.audiences[place]["id"], country=country)
    for _ in range(3):
        invite(world, launch, add_person(world), letter="bounced")
    for _ in range(20):
        invite(world, launch, add_person(world))
    newsletter = {"key": "n", "title": "Newsletter 1", "due_on": date(2026, 12, 1), "status": LineStatus.PLANNED}
    world.plan = [newsletter | {"reason": "No editor"}]
    world.shipments = [{"copies": 640}]
    return world


TARGETS = (
    target("E4", 220),
    target("R1", 600),
    target("R3", 95),
    target("R6", 60),
    target("O2", 90),
    target("O3", 7),
    target("O4", 800),
)


def test_the_donor_report_says_what_it_found():
    report = compose(view_of(launch_world(), "donor", TARGETS))

    assert report.title == "125–129 people came to 1 event"
    assert report.lead == (
        "Dissemination report, 1 April 2026 to 12 January 2027. Civil society has its promised share of 60% of those "
        "invited. One line of the plan is late: Newsletter 1."
    )
    assert report.about == "Donor profile, live figures of 12 January 2027 09:00 UTC"
    assert report.five == (
        Big("People who came", "125–129", "target 220 by Dec 2027"),
        Big("Events held", "1 of 7", ""),
        Big("Print copies out", "640", "target 800 by Dec 2027"),
        Big("Civil society share", "73%", "promised 60%; 110 of 150"),
        Big("Organisations", "0", ""),
    )
    assert report.steps == (
        Step("Invited", 150, "150–154", ""),
        Step("Delivered", 145, "145–149", "97%, 145 of 150"),
        Step("Accepted", 125, "125–129", "86%, 125 of 145"),
        Step("Attended", 125, "125–129", "125–129 attendances"),
    )


def test_plan_rows_carry_words_beside_the_bar():
    rows = {row.key: row for row in compose(view_of(launch_world(), "donor", TARGETS)).plan}

    assert {key: (row.value, row.words, row.state) for key, row in rows.items()} == {
        "O2": ("0 of 1 / 90%", "1 late: Newsletter 1", "behind"),
        "O3": ("1 / 7", "Behind: 4 expected by now", "behind"),
        "O4": ("640 / 800", "Ahead of 358 expected", "ahead"),
        "R1": ("150–154 / 600", "Behind: 269 expected by now", "behind"),
        "R3": ("97% / 95%", "Met: 145 of 150", "met"),
        "R6": ("73% / 60%", "Met: 110 of 150", "met"),
        "E4": ("125–129 / 220", "Ahead of 98 expected", "ahead"),
    }
    assert rows["E4"].bar == Bar(full=1.09 * 220, actual=125.0, line=220, expected=98.5, behind=False)


def test_audiences_stand_against_their_planned_share():
    report = compose(view_of(launch_world(), "donor"))

    assert report.audiences == (
        BarRow("civil_society", "1 Civil society", "90–94", "72%, planned 60%: 12 points over", "met",
               Bar(100, 72.0, 60.0)),
        BarRow("policy", "2 Policy", "30–34", "24%, planned 25%: as planned", "met", Bar(100, 24.0, 25.0)),
        BarRow("academia", "3 Academia", "5–9", "4%, planned 15%: 11 points under", "behind",
               Bar(100, 4.0, 15.0, behind=True)),
        BarRow("not-stated", "Not stated", "0", "", "", None),
    )  # fmt: skip


def test_tiles_grow_darker_and_masked_ones_are_outlines():
    world = launch_world()
    add_attendees(world, world.events[0], 2, country="JO")

    tiles = {tile.name: (tile.text, tile.level) for tile in compose(view_of(world, "donor")).tiles if tile.level}

    assert tiles == {
        "Eastern Africa": ("90–94", 5),
        "Northern Europe": ("30–34", 3),
        "Southern Asia": ("5–9", 2),
        "Western Asia": ("<5", 1),
    }


def test_what_is_late_gives_its_reason_to_all_but_the_public():
    world = launch_world()

    assert [row.reason for row in compose(view_of(world, "donor")).late] == ["No editor"]
    assert [row.reason for row in compose(view_of(world, "public")).late] == [""]
    assert compose(view_of(world, "donor")).late[0].words == "due 1 December 2026, 42 days ago"


def test_inside_an_event_that_nobody_closed_is_late():
    world = launch_world()
    add_event(world, title="Seminar 1", state="announced", days_ago=10)

    assert [row.title for row in compose(view_of(world)).late] == ["Newsletter 1", "Seminar 1"]
    assert [row.title for row in compose(view_of(world, "donor")).late] == ["Newsletter 1"]


def test_the_method_note_says_what_was_left_out_and_how_figures_are_released():
    world = launch_world()
    add_attendees(world, add_event(world, kind="focus_group"), 5)
    add_event(world, state="cancelled")

    notes = compose(view_of(world, "donor")).method

    assert notes[0].text.endswith(
        "Release states: TOTAL_ONLY for E9, E10, U6, U7 and U8; BANDED for R1, R2, R3, R4, R5, R6, R7, R8, E1, E2, "
        "E3, E4, E5, E6, E7, Q2 and Q3."
    )
    assert notes[2] == Paragraph(
        "Left out.", "1 research meeting held in confidence; 1 cancelled event; letters whose delivery is not known: 0."
    )


@pytest.mark.parametrize(
    ("people", "profile", "title"),
    [
        (0, "donor", "Nobody has been invited yet"),
        (1, "internal", "One person came to 1 event"),
        (3, "donor", "Fewer than 5 people came to 1 event"),
        (7, "internal", "7 people came to 1 event"),
    ],
)
def test_the_title_is_the_finding(people, profile, title):
    world = empty_world()
    add_attendees(world, add_event(world), people)

    assert compose(view_of(world, profile)).title == title


def test_a_project_that_has_only_invited_says_so():
    world = empty_world()
    invite(world, add_event(world, state="announced", days_ago=-9), add_person(world))

    assert compose(view_of(world)).title == "Invitations are out, nobody has come yet"


def test_too_few_people_are_shown_in_no_tile_and_no_audience():
    world = empty_world()
    add_attendees(world, add_event(world), 7)
    add_attendees(world, world.events[0] | {}, 1, country="NO")

    report = compose(view_of(world, "donor"))

    assert (report.tiles, report.audiences) == ((), ())
    assert report.tiles_note == "Too few people came to show where from without pointing at someone."


def test_the_page_is_one_file_without_script_or_anything_fetched():
    page = render(view_of(launch_world(), "donor", TARGETS), "html").decode()

    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "style=" not in page
    fetched = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')> ]+)""", page)
    assert {one.partition("-")[0] for one in fetched if not one.startswith("data:font/")} == {"#table"}


def test_every_chart_has_a_title_and_a_description():
    page = render(view_of(launch_world(), "donor", TARGETS), "html").decode()
    charts = [ElementTree.fromstring(svg) for svg in SVG.findall(page) if 'role="img"' in svg]  # noqa: S314

    assert len(charts) == len(TARGETS) + 3 + 1 + 1 + 1
    for chart in charts:
        assert chart.findtext("title")
        assert chart.findtext("desc")


def test_every_chart_has_its_table():
    page = render(view_of(launch_world(), "donor", TARGETS), "html").decode()

    wanted = set(re.findall(r'href="#(table-\w+)"', page))
    assert wanted == {"table-plan", "table-steps", "table-regions", "table-audiences", "table-events", "table-use"}
    assert all(f'id="{name}"' in page for name in wanted)


def test_identifiers_in_the_page_are_unique():
    page = render(view_of(launch_world(), "donor", TARGETS), "html").decode()
    ids = re.findall(r'\bid="([^"]+)"', page)

    assert len(ids) == len(set(ids))


def test_what_people_typed_is_never_markup():
    world = launch_world()
    world.events[0]["title"] = "<b>Launch</b> & more"
    world.plan[0]["title"] = "<script>x</script>"

    page = render(view_of(world, "internal"), "html").decode()

    assert "<b>Launch</b>" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;Launch&lt;/b&gt; &amp; more" in page


def test_the_staff_page_gets_the_same_sections():
    view = view_of(launch_world(), "donor", TARGETS)
    sections = render_sections(view)

    assert str(sections).strip() in render(view, "html").decode()
    assert "<h1" not in sections


def test_words_come_from_the_catalogue():
    class Upper(NullTranslations):
        def gettext(self, message: str) -> str:
            return {"Invited": "Invités", "From invitation to attendance": "De l’invitation à la venue"}.get(
                message, message
            )

    page = render(view_of(launch_world(), "donor"), "html", words=Upper(), language="fr").decode()

    assert "<dt>Invités</dt>" in page
    assert "<h2>De l’invitation à la venue</h2>" in page
    assert "12 janvier 2027" in page
    assert Voice(language="ar").direction == "rtl"


def rows_of(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_csv_has_a_row_for_each_figure_and_cell():
    view = view_of(launch_world(), "donor", TARGETS)

    rows = rows_of(render(view, "csv"))

    assert len(rows) == sum(1 + len(figure.cells) for figure in view.figures)
    (came,) = (row for row in rows if row["indicator"] == "E4" and row["dimension"] == "")
    assert (came["figure"], came["target"], came["due_on"], came["release_state"]) == (
        "125–129", "220", "2027-12-31", "BANDED",
    )  # fmt: skip


@pytest.mark.parametrize("cell", ["=1+1", "+44 20", "-x", "@SUM(A1)", "\tx", "|cmd", "%x", "-2+3"])
def test_a_cell_that_looks_like_a_formula_is_disarmed(cell):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-10", "-10.5", "+13", "125–129", "<5", "Seminar", "", "−4"])
def test_other_cells_stay_as_they_are(cell):
    assert guarded(cell) == cell


def test_an_event_title_cannot_run_in_a_spreadsheet():
    world = launch_world()
    world.events[0]["title"] = '=HYPERLINK("http://elsewhere.test")'

    labels = {row["label"] for row in rows_of(render(view_of(world), "csv")) if row["dimension"] == "event"}

    assert labels == {'\'=HYPERLINK("http://elsewhere.test")', "Given by hand"}


def test_a_frozen_report_names_its_seal():
    view = replace(view_of(launch_world(), "donor"), snapshot_id="01snapshot", sha256="8f2c" + "0" * 56 + "41ae")

    report = compose(view)

    assert report.about == "Donor profile, figures frozen 12 January 2027 09:00 UTC"
    assert report.method[4].text.endswith("Seal 8f2c…41ae.")
    assert report.footer == "Snapshot 01snapshot · cut-off 12 January 2027 09:00 UTC · profile donor"


CHANGES = (
    Outcome("1", OutcomeState.AGREED, "It asks campaigns first", "A ministry", date(2026, 12, 1), significance="Heard"),
    Outcome("2", OutcomeState.SUBSTANTIATED, "It printed the checklist", "A network", contribution="Chapter 2"),
    Outcome("3", OutcomeState.DRAFTED, "Not looked at yet"),
)
STUDIES = (
    CaseStudy("1", "How one coalition won", "landmines", text="They asked.\nThey were heard."),
    CaseStudy("2", "What Maria did", text="Maria spoke.", names="Maria", consent="form"),
)


def with_results(profile: str) -> SnapshotView:
    world = launch_world()
    return view_of_facts(replace(recount(world), outcomes=CHANGES, studies=STUDIES), world, profile)


@pytest.mark.parametrize(
    ("profile", "printed"),
    [
        ("internal", ["It asks campaigns first", "It printed the checklist"]),
        ("donor", ["It asks campaigns first", "It printed the checklist"]),
        ("public", ["It printed the checklist"]),
    ],
)
def test_changes_are_printed_once_they_are_agreed_and_for_the_public_once_others_confirmed_them(
    profile: str, printed: list[str]
):
    document = compose(with_results(profile))

    assert [row[0] for row in document.outcomes.rows] == printed
    assert document.outcomes.rows[-1] == (
        "It printed the checklist", "A network", "–", "", "Chapter 2", "Confirmed by others"
    )  # fmt: skip


def test_a_case_study_that_names_someone_stays_out_of_reports():
    view = with_results("donor")

    assert [(one.title, one.paragraphs) for one in compose(view).written] == [
        ("How one coalition won", ("They asked.", "They were heard."))
    ]
    assert "Maria" not in str(to_json(view))
    assert "They were heard." in texts_of(view)["results"]
