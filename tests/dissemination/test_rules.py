"""What the plan expects by now, and how figures stand against it."""

from __future__ import annotations

from datetime import date

import pytest

from service.dissemination.rules import choose_k, choose_period, expected_by, judge
from service.dissemination.snapshots import Period
from service.dissemination.values import Profile, Target, Verdict

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
