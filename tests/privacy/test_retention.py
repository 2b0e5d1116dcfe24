"""The table of periods and the rules that read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from service.events.values import RESEARCH_KINDS, EventKind
from service.kernel.errors import Invalid
from service.privacy import retention
from service.privacy.retention import PERIODS, Held, NotShorter

ENDED = datetime(2027, 1, 28, 16, tzinfo=UTC)
ANSWERS = PERIODS[Held.ANSWERS]


def test_every_class_has_a_period_a_start_and_a_reason() -> None:
    assert set(PERIODS) == set(Held)
    assert [period.held for period in PERIODS.values() if not period.note] == []
    assert {held: period.days for held, period in PERIODS.items()} == {
        Held.NEEDS: 14, Held.ANSWERS: 365, Held.PROMISE: 0, Held.SLOTS: 90, Held.ADDRESSES: 365, Held.MAILBOX: 90,
        Held.RECEIVED: 30, Held.IMPORTS: 30, Held.AUDIT: 730, Held.HISTORY: 730, Held.INTRODUCTIONS: 730,
        Held.QUOTES: 90, Held.EVIDENCE: 1825, Held.NAMING: 365,
        Held.PEOPLE: 730,
    }  # fmt: skip


@pytest.mark.parametrize("kind", EventKind)
def test_answers_of_research_go_after_ninety_days(kind: EventKind) -> None:
    assert retention.days_of(ANSWERS, kind, {}) == (90 if kind in RESEARCH_KINDS else 365)


@pytest.mark.parametrize(
    ("shorter", "seminar", "interview"),
    [
        pytest.param({}, 365, 90, id="the usual"),
        pytest.param({(Held.ANSWERS, ""): 200}, 200, 90, id="all, above research"),
        pytest.param({(Held.ANSWERS, ""): 30}, 30, 30, id="all, below research"),
        pytest.param({(Held.ANSWERS, "seminar"): 60, (Held.ANSWERS, ""): 100}, 60, 90, id="the shortest of two"),
        pytest.param({(Held.ANSWERS, "seminar"): 100, (Held.ANSWERS, ""): 60}, 60, 60, id="and the other way round"),
        pytest.param({(Held.NEEDS, ""): 3}, 365, 90, id="another class"),
    ],
)
def test_the_shortest_wins(shorter: dict[tuple[Held, str], int], seminar: int, interview: int) -> None:
    assert [retention.days_of(ANSWERS, kind, shorter) for kind in ("seminar", "interview")] == [seminar, interview]


@pytest.mark.parametrize(
    ("held", "kind", "days", "code"),
    [
        pytest.param(Held.ANSWERS, "seminar", 366, "not-shorter", id="longer"),
        pytest.param(Held.ANSWERS, "interview", 91, "not-shorter", id="longer than research may be"),
        pytest.param(Held.ANSWERS, "", 0, "invalid", id="nothing"),
        pytest.param(Held.ANSWERS, "party", 10, "invalid", id="no such kind"),
        pytest.param(Held.SLOTS, "seminar", 10, "invalid", id="not by event"),
        pytest.param(Held.PROMISE, "", 1, "invalid", id="a promise has its own day"),
    ],
)
def test_what_is_no_shorter_period_is_refused(held: Held, kind: str, days: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        retention.check_shorter(PERIODS[held], kind, days)

    assert refused.value.code == code


def test_a_shorter_period_is_taken() -> None:
    retention.check_shorter(ANSWERS, "seminar", 365)
    retention.check_shorter(ANSWERS, "interview", 1)
    retention.check_shorter(PERIODS[Held.SLOTS], "", 89)
    with pytest.raises(NotShorter, match="At most 90 days"):
        retention.check_shorter(PERIODS[Held.SLOTS], "", 91)


def test_the_last_day_is_kept_whole() -> None:
    due = retention.due_at(PERIODS[Held.NEEDS], "seminar", ENDED, {})

    assert due == datetime(2027, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("hours", range(0, 48, 5))
def test_the_two_ways_to_ask_agree(hours: int) -> None:
    period, start = PERIODS[Held.SLOTS], ENDED + timedelta(hours=hours)
    due = retention.due_at(period, "", start, {})

    assert not start < retention.cutoff(period, "", due - timedelta(seconds=1), {})
    assert start < retention.cutoff(period, "", due, {})


def test_a_promise_ends_with_its_day_where_the_event_is() -> None:
    assert retention.promised_at(date(2027, 3, 1), "Africa/Nairobi") == datetime(2027, 3, 1, 21, tzinfo=UTC)


def test_a_postponed_event_still_waits_for_its_date() -> None:
    changed = ENDED + timedelta(days=30)

    assert retention.event_start(ENDED, changed, "closed") == ENDED
    assert retention.event_start(ENDED, changed, "postponed") == changed
