"""Dates by a rule: how many, until when, what does not exist."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from service.events import actions
from service.events import store as events
from service.events.recurrence import BadRule, Dates, Gap, Repeat, plan_dates
from service.events.times import BadEvent
from service.events.values import EventDraft
from service.kernel.errors import NoSuchTime, UnknownZone
from tests.factories import NOW, STAFF, add_project

ZONE = "Europe/London"


def test_weekly_keeps_the_wall_clock_over_a_change_of_clocks():
    found = plan_dates("2027-03-18T14:00", ZONE, Repeat("weekly", count=3))

    assert found == Dates(("2027-03-18T14:00", "2027-03-25T14:00", "2027-04-01T14:00"), (), ())


def test_an_hour_that_does_not_exist_is_skipped_explained_and_not_counted():
    found = plan_dates("2027-03-14T01:30", ZONE, Repeat("weekly", count=3))

    assert found.starts == ("2027-03-14T01:30", "2027-03-21T01:30", "2027-04-04T01:30")
    assert found.skipped == (("2027-03-28", "01:30", Gap.NO_SUCH_TIME),)


def test_a_day_a_month_does_not_have_is_skipped_and_explained():
    found = plan_dates("2027-01-31T10:00", ZONE, Repeat("monthly", until=date(2027, 5, 31)))

    assert found.starts == ("2027-01-31T10:00", "2027-03-31T10:00", "2027-05-31T10:00")
    assert found.skipped == (("2027-02-31", "10:00", Gap.NO_SUCH_DAY), ("2027-04-31", "10:00", Gap.NO_SUCH_DAY))


def test_an_hour_that_comes_twice_is_named():
    assert plan_dates("2027-10-30T01:30", ZONE, Repeat("daily", count=3)).twice == ("2027-10-31T01:30",)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Repeat("yearly", count=3), "frequency"),
        (Repeat("weekly", count=0), "count"),
        (Repeat("weekly", count=105), "count"),
        (Repeat("weekly"), "count"),
        (Repeat("weekly", count=3, until=date(2027, 6, 1)), "count"),
        (Repeat("weekly", every=0, count=3), "every"),
        (Repeat("weekly", every=53, count=3), "every"),
        (Repeat("weekly", until=date(2027, 3, 3)), "until"),
        (Repeat("weekly", until=date(2032, 3, 5)), "until"),
        (Repeat("daily", until=date(2032, 3, 4)), "until"),
    ],
)
def test_a_rule_without_dates_or_with_too_many_is_refused(rule: Repeat, field: str):
    with pytest.raises(BadRule) as refused:
        plan_dates("2027-03-04T10:00", ZONE, rule)

    assert refused.value.field == field


def test_the_limits_themselves_are_allowed():
    assert len(plan_dates("2027-03-04T10:00", ZONE, Repeat("weekly", count=104)).starts) == 104
    assert len(plan_dates("2027-03-04T10:00", ZONE, Repeat("weekly", until=date(2032, 3, 4))).starts) == 262
    assert plan_dates("2028-02-29T10:00", ZONE, Repeat("monthly", count=1)).starts == ("2028-02-29T10:00",)


@pytest.mark.parametrize(
    ("start", "zone", "error"),
    [
        ("2027-03-28T01:30", ZONE, NoSuchTime),
        ("2027-03-04T10:00", "Mars/Olympus", UnknownZone),
        ("2027-02-30T10:00", ZONE, BadEvent),
    ],
)
def test_a_first_date_that_cannot_be_is_refused(start: str, zone: str, error: type[Exception]):
    with pytest.raises(error):
        plan_dates(start, zone, Repeat("weekly", count=3))


@given(
    st.datetimes(datetime(2027, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from([("daily", DAILY), ("weekly", WEEKLY), ("monthly", MONTHLY)]),
    st.integers(1, 52),
    st.integers(1, 104),
)
def test_in_a_zone_without_changes_dateutil_makes_the_same_dates(first, how, every, count):
    start = first.replace(second=0, microsecond=0)
    name, frequency = how

    found = plan_dates(start.isoformat(), "UTC", Repeat(name, every, count=count))

    theirs = [one.isoformat()[:16] for one in rrule(frequency, dtstart=start, interval=every, count=count)]
    assert list(found.starts) == theirs


def test_each_date_is_an_event_of_its_own(session):
    project_id = add_project(session)
    series_id = events.add_series(session, project_id, "Board")
    draft = EventDraft(
        project_id=project_id, kind="meeting", title="Board", starts_at="2027-03-18T14:00", time_zone=ZONE,
        duration_minutes=90, series_id=series_id, capacity=12,
    )  # fmt: skip

    made = actions.create_dates(
        session, draft, Repeat("weekly", count=3), uid_domain="example.org", now=NOW, actor=STAFF
    )

    assert events.read_events(session, series_id=series_id) == made
    assert [(e.starts_local, e.ends_local, e.capacity) for e in made] == [
        ("2027-03-18T14:00", "2027-03-18T15:30", 12),
        ("2027-03-25T14:00", "2027-03-25T15:30", 12),
        ("2027-04-01T14:00", "2027-04-01T15:30", 12),
    ]
    assert len({e.uid for e in made}) == len({e.slug for e in made}) == 3
