"""What a form may make of a line, an output and a target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from service.dissemination import editing, rules
from service.dissemination.values.plan import LineStatus, Milestone, Output, PlanLine, Target
from service.kernel.errors import Invalid

TODAY = date(2027, 1, 12)
KNOWN = {"audience_key": {"policy"}, "output_key": {"book"}, "event_key": {"launch"}}
LINE = PlanLine(
    "l1", "talk", "Radio talk", None, "", None, None, "", date(2027, 3, 1), LineStatus.PLANNED, None, "", ""
)
BOOK = Output("o1", "book", "publication", None, "Book", "", "planned", None, (), (), None, None)
CHAPTER = replace(BOOK, id="o2", key="chapter", kind="chapter", title="Chapter", derived_from="book")
GIVEN = {"baseline": "20", "target": "220", "due_on": "2027-09-30"}


def test_a_line_takes_what_is_wanted_and_keeps_the_rest():
    wishes = {"title": "  Talk on\nthe radio ", "audience_key": "policy", "output_key": "", "due_on": "2027-04-01"}

    after = editing.edit_line(LINE, wishes, KNOWN)

    assert after == replace(LINE, title="Talk on the radio", audience_key="policy", due_on=date(2027, 4, 1))


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"title": " "}, "title-missing", "title"),
        ({"due_on": "1 April"}, "not-a-day", "due_on"),
        ({"due_on": None}, "not-a-day", "due_on"),
        ({"audience_key": "nobody"}, "unknown-reference", "audience_key"),
        ({"event_key": "seminar-99"}, "unknown-reference", "event_key"),
    ],
)
def test_a_line_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        editing.edit_line(LINE, wishes, KNOWN)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_output_is_published_on_a_day_that_has_come():
    wishes = {"status": "published", "published_on": "2027-01-12", "languages": ["EN", "fr", "en"], "copies": "1000"}

    after = editing.edit_output(CHAPTER, wishes, [BOOK, CHAPTER], today=TODAY)

    assert after == replace(CHAPTER, status="published", published_on=TODAY, languages=("en", "fr"), copies=1000)
    assert editing.edit_output(after, {"status": "planned"}, [BOOK], today=TODAY).published_on is None


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"status": "published"}, "bad-publication-day", "published_on"),
        ({"status": "published", "published_on": "2027-01-13"}, "bad-publication-day", "published_on"),
        ({"derived_from": "chapter"}, "derived-in-circle", "derived_from"),
        ({"derived_from": "book"}, "derived-in-circle", "derived_from"),
        ({"derived_from": "film"}, "unknown-reference", "derived_from"),
        ({"kind": "film"}, "unknown-reference", "kind"),
        ({"copies": "-1"}, "not-a-number", "copies"),
        ({"number": "1.5"}, "not-a-number", "number"),
        ({"title": ""}, "title-missing", "title"),
    ],
)
def test_an_output_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        editing.edit_output(BOOK, wishes, [BOOK, CHAPTER], today=TODAY)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_target_has_a_baseline_and_steps_in_order():
    steps = [{"on": "2027-06-30", "value": "120"}, {"on": "", "value": ""}, {"on": "2027-03-31", "value": "70,5"}]

    target = editing.make_target("E4", {**GIVEN, "milestones": steps, "note": " example "}, is_percent=False)

    milestones = (Milestone(date(2027, 3, 31), 70.5), Milestone(date(2027, 6, 30), 120.0))
    assert target == Target("E4", 20.0, 220.0, date(2027, 9, 30), "example", milestones)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"baseline": ""}, "baseline-missing", "baseline"),
        ({"baseline": None}, "baseline-missing", "baseline"),
        ({"baseline": "some"}, "not-a-number", "baseline"),
        ({"target": ""}, "not-a-number", "target"),
        ({"target": "nan"}, "not-a-number", "target"),
        ({"target": "101"}, "not-a-number", "target"),
        ({"due_on": ""}, "not-a-day", "due_on"),
        ({"milestones": [{"on": "2027-03-31", "value": ""}]}, "bad-milestones", "milestones"),
        ({"milestones": [{"on": "2027-09-30", "value": "50"}]}, "bad-milestones", "milestones"),
        ({"milestones": [{"on": "2027-03-31", "value": n} for n in "56"]}, "bad-milestones", "milestones"),
        (
            {"milestones": [{"on": f"2027-03-{n:02}", "value": "5"} for n in range(1, 14)]},
            "bad-milestones",
            "milestones",
        ),
    ],
)
def test_a_target_that_promises_nothing_clear_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        editing.make_target("R3", {**GIVEN, "target": "95", **wishes}, is_percent=True)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_key_is_made_of_the_title_and_is_free():
    assert editing.free_key("Briefing for Genève", set()) == "briefing-for-geneve"
    assert editing.free_key("Briefing", {"briefing", "briefing-2"}) == "briefing-3"
    assert editing.free_key("إحاطة", {"item"}) == "item-2"


@pytest.mark.parametrize(
    ("today", "of_a_count", "of_a_rate"),
    [
        (date(2027, 1, 1), 0.0, 40.0),
        (date(2027, 1, 16), 20.0, 40.0),  # half way to the first step
        (date(2027, 1, 31), 40.0, 90.0),
        (date(2027, 2, 15), 65.0, 90.0),  # half way from the first step to the end
        (date(2027, 3, 2), 90.0, 90.0),
        (date(2028, 1, 1), 90.0, 90.0),
    ],
)
def test_what_is_expected_follows_the_milestones(today: date, of_a_count: float, of_a_rate: float):
    target = Target("E4", 0.0, 90.0, date(2027, 3, 2), "", (Milestone(date(2027, 1, 31), 40.0),))

    found = [rules.expected_by(target, is_rate=x, starts_on=date(2027, 1, 1), today=today) for x in (False, True)]

    assert found == [of_a_count, of_a_rate]


def test_what_is_due_within_seven_days_is_not_what_is_late():
    days = {"late": 11, "today": 12, "sunday": 17, "next": 19}
    lines = [replace(LINE, key=key, due_on=date(2027, 1, day)) for key, day in days.items()]
    done = replace(LINE, key="done", due_on=TODAY, status=LineStatus.DELIVERED)

    assert [line.key for line in rules.lines_due([*lines, done], TODAY)] == ["today", "sunday"]
