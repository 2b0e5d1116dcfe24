"""What the plan expects by now, and how figures stand against it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import pytest

from service.dissemination.rules import (
    PeriodAhead,
    PeriodsOverlap,
    check_overlap,
    choose_k,
    choose_period,
    expected_by,
    judge,
)
from service.dissemination.snapshots import Period
from service.dissemination.values.figures import Profile
from service.dissemination.values.plan import Target, Verdict

START, DUE = date(2026, 4, 1), date(2026, 4, 11)
COUNT = Target("E4", 20.0, 220.0, DUE, "")
RATE = Target("R3", 0.0, 95.0, DUE, "")


@pytest.mark.parametrize(
    ("today", "is_rate", "expected"),
    [
        (date(2026, 3, 1), False, 20.0),
        (date(2026, 4, 6), False, 120.0),
        (date(2026, 4, 11), False, 220.0),
        (date(2027, 1, 1), False, 220.0),
        (date(2026, 4, 2), True, 220.0),
    ],
    ids=["before", "half-way", "due", "after", "a-rate-at-once"],
)
def test_a_count_is_expected_in_a_straight_line(today, is_rate, expected):
    assert expected_by(COUNT, is_rate=is_rate, starts_on=START, today=today) == expected


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (220, 224, Verdict.MET),
        (125, 129, Verdict.AHEAD),
        (120, 124, Verdict.ON_TIME),
        (118, 122, Verdict.ON_TIME),
        (110, 114, Verdict.BEHIND),
        (None, None, Verdict.NONE),
    ],
)
def test_a_band_is_judged_by_both_its_ends(low, high, verdict):
    assert judge(COUNT, 120.0, low, high, is_rate=False, fewer_is_better=False) is verdict


@pytest.mark.parametrize(
    ("share", "fewer", "verdict"),
    [
        (96.0, False, Verdict.MET),
        (94.0, False, Verdict.ON_TIME),
        (92.0, False, Verdict.BEHIND),
        (3.0, True, Verdict.MET),
        (96.0, True, Verdict.BEHIND),
    ],
)
def test_a_rate_is_judged_against_the_whole_target(share, fewer, verdict):
    assert judge(RATE, 95.0, share, share, is_rate=True, fewer_is_better=fewer) is verdict


def test_every_profile_has_its_own_k():
    assert [choose_k(profile, None) for profile in Profile] == [1, 5, 10]


def test_the_usual_period_runs_from_the_start_of_the_project_to_today():
    assert choose_period(None, START, date(2026, 5, 1)) == Period(START, date(2026, 5, 2))
    assert choose_period(None, START, date(2026, 1, 1)) == Period(START, date(2026, 4, 2))


def test_a_period_may_end_today_and_not_later():
    today = date(2026, 5, 1)
    assert choose_period(Period(START, date(2026, 5, 2)), START, today).ends_on == date(2026, 5, 2)

    with pytest.raises(PeriodAhead) as refused:
        choose_period(Period(START, date(2026, 5, 3)), START, today)

    assert (refused.value.code, refused.value.field) == ("period-ahead", "period")


SPRING = Period(date(2026, 4, 1), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("period", "profile", "is_refused"),
    [
        (Period(date(2026, 4, 1), date(2026, 10, 1)), "donor", False),
        (Period(date(2026, 7, 1), date(2026, 10, 1)), "donor", False),
        (Period(date(2026, 1, 1), date(2026, 4, 1)), "public", False),
        (Period(date(2026, 6, 30), date(2026, 10, 1)), "donor", True),
        (Period(date(2026, 1, 1), date(2026, 10, 1)), "public", True),
        (Period(date(2026, 5, 1), date(2026, 6, 1)), "donor", True),
        (Period(date(2026, 5, 1), date(2026, 6, 1)), "internal", False),
    ],
    ids=["grows", "next", "before", "one day shared", "holds it", "within it", "inside"],
)
def test_reports_for_others_share_the_first_day_or_none(period: Period, profile: str, is_refused: bool):
    expected = pytest.raises(PeriodsOverlap, match="begins on 2026-04-01") if is_refused else nullcontext()

    with expected:
        check_overlap(period, [SPRING], Profile(profile))
