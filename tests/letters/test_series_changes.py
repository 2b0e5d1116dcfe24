"""One edit for this date, this and the following, or all dates of a series."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from service.events import store as events
from service.events.together import NoSuchScope
from service.kernel.errors import Invalid
from service.letters import changes, standing
from service.letters.changes import ReasonWanted
from service.letters.series_changes import DateRefused, change_series, preview_series
from service.mail import actions as mail
from tests.factories import DESK, NOW, STAFF, add_event, add_people, add_project
from tests.letters.test_actions import sent
from tests.letters.test_standing import BY, dates

DAYS = ("2027-02-25T14:00", "2027-03-25T14:00", "2027-04-29T14:00")


@pytest.fixture
def series(session: Session) -> str:
    return events.add_series(session, add_project(session), "Dialogues")


def starts(session: Session, series: str) -> list[str]:
    return [event.starts_local for event in events.read_events(session, series_id=series)]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("this", ["2027-02-25T14:00", "2027-03-26T15:30", "2027-04-29T14:00"]),
        ("following", ["2027-02-25T14:00", "2027-03-26T15:30", "2027-04-30T15:30"]),
        ("all", ["2027-02-26T15:30", "2027-03-26T15:30", "2027-04-30T15:30"]),
    ],
)
def test_a_move_shifts_the_wall_clock_of_each_date_by_as_much(session, series, scope, expected):
    second = dates(session, series, *DAYS)[1]

    done = change_series(session, second.id, {"starts_at": "2027-03-26T15:30"}, scope, **BY)

    assert starts(session, series) == expected
    assert (done.changed, done.left_alone) == ({"this": 1, "following": 2, "all": 3}[scope], ())


def test_only_what_changes_becomes_the_same_and_each_date_keeps_the_rest(session, series):
    first, second, third = dates(session, series, *DAYS)
    changes.change_event(session, third.id, {"capacity": 7, "duration_minutes": 60}, **BY)
    wishes = {"title": second.title, "place": "Town hall", "starts_at": second.starts_local, "duration_minutes": 120}

    change_series(session, second.id, wishes, "all", **BY)

    found = events.read_events(session, series_id=series)
    assert [(e.title, e.place, e.capacity, e.ends_local) for e in found] == [
        (first.title, "Town hall", first.capacity, first.ends_local),
        (second.title, "Town hall", second.capacity, second.ends_local),
        (third.title, "Town hall", 7, "2027-04-29T15:00"),
    ]
    assert {event.uid for event in found} == {first.uid, second.uid, third.uid}


def test_the_preview_says_per_date_what_changes_and_who_is_told_and_stores_nothing(session, series):
    first, _second, third = dates(session, series, *DAYS)
    guests = add_people(session, 3)
    done = standing.invite_to_series(session, series, person_ids=guests, **BY)
    for one in done.dates:
        if one.event_id in (first.id, third.id):
            sent(session, one.mailing_ids[0])
    before = events.read_events(session, series_id=series)

    plan = preview_series(session, first.id, {"starts_at": "2027-02-25T16:00"}, "all", now=NOW)

    assert [one.edit.after.starts_local[-5:] for one in plan.changing] == ["16:00"] * 3
    assert ([one.tell_count for one in plan.dates], plan.letters) == ([3, 0, 3], 6)
    assert events.read_events(session, series_id=series) == before

    result = change_series(session, first.id, {"starts_at": "2027-02-25T16:00"}, "all", **BY)

    assert [one.told for one in result.dates] == [3, 0, 3]
    assert sorted(m.kind for m in mail.read_mailings(session)) == ["invitation"] * 3 + ["update"] * 2


def test_closed_cancelled_put_off_and_begun_dates_are_left_alone_and_named(session, series):
    begun, off, postponed, last = dates(session, series, "2026-12-02T09:00", *DAYS)
    changes.cancel_event(session, off.id, reason="", **BY)
    changes.postpone_event(session, postponed.id, **BY)
    late = {**BY, "now": begun.ends_at}
    before = starts(session, series)

    done = change_series(session, last.id, {"starts_at": "2027-04-30T14:00", "place": "Town hall"}, "all", **late)

    assert [event.id for event in done.left_alone] == [begun.id, off.id, postponed.id]
    assert starts(session, series) == [*before[:3], "2027-04-30T14:00"]


def test_a_date_that_cannot_move_is_named_and_nothing_moves(session, series):
    spring = ("2027-02-28T14:30", "2027-03-28T14:30")  # the clocks go forward at 1:00 that night
    first, second = dates(session, series, *spring)

    with pytest.raises(DateRefused) as refused, session.begin_nested():
        change_series(session, first.id, {"starts_at": "2027-02-28T01:30"}, "all", **BY)

    assert second.title in refused.value.sentence
    assert refused.value.field == "starts_at"
    assert starts(session, series) == list(spring)


def test_a_shift_keeps_the_wall_clock_over_a_change_of_clocks(session, series):
    first, second = dates(session, series, "2027-03-25T14:00", "2027-04-01T14:00")

    change_series(session, first.id, {"starts_at": "2027-03-25T10:00"}, "all", **BY)

    found = events.read_events(session, series_id=series)
    assert [e.starts_at.strftime("%H:%M") for e in found] == ["10:00", "09:00"]
    assert [e.sequence for e in found] == [first.sequence + 1, second.sequence + 1]


def test_the_deadline_for_answers_keeps_its_distance(session, series):
    first, _second = dates(session, series, *DAYS[:2])

    change_series(session, first.id, {"reply_by": "2027-02-18T12:00"}, "all", **BY)

    found = events.read_events(session, series_id=series)
    assert [e.reply_by.strftime("%m-%dT%H:%M") for e in found if e.reply_by] == ["02-18T12:00", "03-18T12:00"]


def test_keeping_it_quiet_needs_a_reason(session, series):
    first, _second = dates(session, series, *DAYS[:2])

    with pytest.raises(ReasonWanted):
        change_series(session, first.id, {"place": "Town hall"}, "all", notify=False, **BY)


@pytest.mark.parametrize("scope", ["", "some"])
def test_another_scope_is_refused(session, series, scope):
    (first,) = dates(session, series, DAYS[0])

    with pytest.raises(NoSuchScope):
        preview_series(session, first.id, {}, scope, now=NOW)


def test_an_event_without_a_series_changes_alone(session):
    event = add_event(session)

    with pytest.raises(Invalid):
        change_series(session, event.id, {"place": "x"}, "all", desk=DESK, now=NOW, actor=STAFF)
    assert change_series(session, event.id, {"place": "x"}, "this", desk=DESK, now=NOW, actor=STAFF).changed == 1
