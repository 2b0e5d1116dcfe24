"""Events of whole days: what may be asked for, what is kept, which edit means what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.events import actions
from service.events import store as events
from service.events.recurrence import Dates, Gap, Repeat, drafts_of, plan_dates
from service.events.rules import compare, has_another_clock, plan_edit, plan_event
from service.events.times import BadEvent, EndBeforeStart, HoursInWholeDay, schedule_days
from service.events.together import wishes_for
from service.events.values import Change, Event, EventDraft, EventEdit
from service.kernel.clock import NotADay, start_of_day
from service.kernel.errors import NoSuchTime, UnknownZone
from tests.factories import NOW, STAFF, add_event, add_project, make_event

# Days that begin at one o'clock, for the clocks go forward at midnight.
NO_MIDNIGHT = [
    ("Asia/Beirut", "2027-03-28", datetime(2027, 3, 27, 22, 0, tzinfo=UTC)),
    ("Africa/Cairo", "2027-04-30", datetime(2027, 4, 29, 22, 0, tzinfo=UTC)),
    ("America/Santiago", "2027-09-05", datetime(2027, 9, 5, 4, 0, tzinfo=UTC)),
    ("America/Asuncion", "2023-10-01", datetime(2023, 10, 1, 4, 0, tzinfo=UTC)),
]

# Midnight twice, gaps beside it, half an hour, Ramadan, the far ends of the world.
ODD = (
    "America/Havana",
    "America/Nuuk",
    "Atlantic/Azores",
    "Asia/Gaza",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)


def draft(**wishes):
    given = {"project_id": "p", "kind": "conference", "title": "Three days", "whole_day": True}
    when = {"starts_at": "2027-03-03", "ends_at": "2027-03-05", "time_zone": "Europe/London"}
    return EventDraft(**{**given, **when, **wishes})


def whole(first: str, last: str, **wishes) -> Event:
    return make_event(**schedule_days(first, wishes.pop("zone", "Europe/London"), last=last), **wishes)


def edited(event: Event, **wishes) -> EventEdit:
    after = plan_edit(event, wishes)
    return EventEdit(event, after, compare(event, after))


def test_days_are_kept_as_the_midnights_around_them():
    assert schedule_days("2027-03-03", "Africa/Nairobi", last="2027-03-05") == {
        "whole_day": True,
        "starts_local": "2027-03-03T00:00",
        "ends_local": "2027-03-06T00:00",
        "time_zone": "Africa/Nairobi",
        "starts_at": datetime(2027, 3, 2, 21, 0, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 5, 21, 0, tzinfo=UTC),
    }


def test_one_day_needs_no_last_and_lasts_as_long_as_it_does_there():
    shortest = schedule_days("2027-03-28", "Europe/London")

    assert shortest["ends_at"] - shortest["starts_at"] == timedelta(hours=23)
    assert shortest["ends_local"] == "2027-03-29T00:00"


@pytest.mark.parametrize(("zone_name", "day", "begins"), NO_MIDNIGHT)
def test_a_day_without_a_midnight_begins_when_the_clocks_go_on(zone_name, day, begins):
    first = date.fromisoformat(day)
    around = schedule_days(str(first - timedelta(days=1)), zone_name, last=day)

    assert schedule_days(day, zone_name)["starts_at"] == begins
    assert around["ends_at"] - begins == timedelta(hours=23)
    assert schedule_days(str(first - timedelta(days=1)), zone_name)["ends_at"] == begins


def test_every_day_of_a_year_begins_at_its_first_moment():
    minute = timedelta(minutes=1)
    wrong = []
    for name in (*(zone_name for zone_name, _day, _at in NO_MIDNIGHT), *ODD):
        tz = ZoneInfo(name)
        for day in (date(2027, 1, 1) + timedelta(days=n) for n in range(365)):
            at = start_of_day(day, name)
            if at.astimezone(tz).date() != day or (at - minute).astimezone(tz).date() >= day:
                wrong.append((name, day))

    assert wrong == []


def test_a_day_that_a_zone_leaves_out_is_refused():
    with pytest.raises(NoSuchTime):
        schedule_days("2011-12-30", "Pacific/Apia")


@pytest.mark.parametrize(
    ("wishes", "error", "field"),
    [
        pytest.param({"ends_at": "2027-03-02"}, EndBeforeStart, "ends_at", id="last day before the first"),
        pytest.param({"starts_at": "2027-03-03T10:00"}, HoursInWholeDay, "starts_at", id="an hour at the start"),
        pytest.param({"ends_at": "2027-03-05T10:00"}, HoursInWholeDay, "ends_at", id="an hour at the end"),
        pytest.param({"duration_minutes": 90}, HoursInWholeDay, "duration_minutes", id="minutes"),
        pytest.param({"ends_at": "2028-03-02"}, BadEvent, "ends_at", id="366 days"),
        pytest.param({"starts_at": "2027-02-30"}, NotADay, "starts_at", id="no such day"),
        pytest.param({"starts_at": ""}, NotADay, "starts_at", id="no day"),
        pytest.param({"starts_at": "1066-10-14"}, BadEvent, "starts_at", id="long ago"),
        pytest.param({"starts_at": "2200-12-31", "ends_at": "9999-12-31"}, BadEvent, "ends_at", id="no day after"),
        pytest.param({"time_zone": "Mars/Olympus"}, UnknownZone, "time_zone", id="unknown zone"),
        pytest.param({"reply_by": "2027-03-03T08:00"}, BadEvent, "reply_by", id="answers due on the day"),
    ],
)
def test_days_that_cannot_be_are_refused_and_the_field_named(wishes, error, field):
    with pytest.raises(error) as refused:
        plan_event(draft(**wishes))

    assert (type(refused.value), refused.value.field) == (error, field)


def test_365_days_are_the_most():
    assert plan_event(draft(ends_at="2028-03-01"))["ends_local"] == "2028-03-02T00:00"


@pytest.mark.parametrize(
    ("wishes", "change", "days"),
    [
        pytest.param({"starts_at": "2027-03-10"}, Change.MATERIAL, ("2027-03-10", "2027-03-12"), id="moved"),
        pytest.param({"ends_at": "2027-03-06"}, Change.MATERIAL, ("2027-03-03", "2027-03-06"), id="longer"),
        pytest.param({"starts_at": "2027-03-03"}, Change.NONE, ("2027-03-03", "2027-03-05"), id="the same"),
        pytest.param({"time_zone": "Asia/Tokyo"}, Change.COSMETIC, ("2027-03-03", "2027-03-05"), id="another zone"),
        pytest.param({"place": "Room 5"}, Change.MATERIAL, ("2027-03-03", "2027-03-05"), id="another place"),
    ],
)
def test_what_an_edit_of_whole_days_means(wishes, change, days):
    edit = edited(whole("2027-03-03", "2027-03-05"), **wishes)

    assert edit.diff.change is change
    assert (str(edit.after.first_day), str(edit.after.last_day)) == days


def test_another_zone_and_place_together_ask_nobody_again_for_the_days_stay():
    edit = edited(whole("2027-03-03", "2027-03-05"), time_zone="Asia/Tokyo", place="Room 5")

    assert (edit.diff.change, edit.diff.moves_time) == (Change.MATERIAL, False)


def test_hours_become_whole_days_and_whole_days_hours():
    there = edited(make_event(), whole_day=True)
    back = edited(there.after, whole_day=False, starts_at="2027-01-28T14:00", duration_minutes=120)

    assert (there.diff.change, there.diff.moves_time) == (Change.MATERIAL, True)
    assert (there.after.starts_local, there.after.ends_local) == ("2027-01-28T00:00", "2027-01-29T00:00")
    assert back.diff.change is Change.MATERIAL
    assert back.after == make_event(id=back.after.id)


def test_a_midnight_to_midnight_that_becomes_a_whole_day_is_told():
    night = edited(make_event(), starts_at="2027-01-28T00:00", duration_minutes=24 * 60).after

    edit = edited(night, whole_day=True)

    assert edit.diff.fields == {"whole_day": (False, True)}
    assert edit.diff.change is Change.MATERIAL


def test_whole_days_become_hours_only_when_the_hour_is_said():
    with pytest.raises(BadEvent) as refused:
        plan_edit(whole("2027-03-03", "2027-03-05"), {"whole_day": False})

    assert refused.value.field == "starts_at"


def test_an_hour_given_to_whole_days_is_refused_unless_it_shall_have_hours():
    with pytest.raises(HoursInWholeDay):
        plan_edit(whole("2027-03-03", "2027-03-05"), {"starts_at": "2027-03-03T10:00"})


def test_new_rules_of_a_zone_are_seen_and_matter_to_no_calendar():
    event = whole("2027-03-03", "2027-03-05")
    old = replace(event, starts_at=event.starts_at + timedelta(hours=1))

    assert (has_another_clock(event), has_another_clock(old)) == (False, True)
    assert edited(old).diff.change is Change.COSMETIC
    assert edited(old).after == event


@pytest.mark.parametrize(("zone_name", "day", "begins"), NO_MIDNIGHT)
def test_a_day_without_a_midnight_has_no_other_clock(zone_name, day, begins):
    event = whole(day, day, zone=zone_name)

    assert (event.starts_at, has_another_clock(event)) == (begins, False)


def test_a_rule_makes_whole_days_those_without_a_midnight_too():
    found = plan_dates("2027-03-21", "Asia/Beirut", Repeat("weekly", count=3), whole_day=True)

    assert found == Dates(("2027-03-21", "2027-03-28", "2027-04-04"), (), ())


def test_a_rule_of_whole_days_skips_a_day_a_month_does_not_have():
    found = plan_dates("2027-01-31", "Europe/London", Repeat("monthly", count=2), whole_day=True)

    assert found == Dates(("2027-01-31", "2027-03-31"), (("2027-02-31", "", Gap.NO_SUCH_DAY),), ())


def test_each_date_of_a_rule_lasts_as_many_days():
    dates = plan_dates("2027-03-03", "Europe/London", Repeat("monthly", count=2), whole_day=True)

    assert [(one.starts_at, one.ends_at) for one in drafts_of(draft(), dates)] == [
        ("2027-03-03", "2027-03-05"),
        ("2027-04-03", "2027-04-05"),
    ]


def test_an_edit_of_several_dates_moves_each_by_days_and_makes_them_as_long():
    edit = edited(whole("2027-03-03", "2027-03-05"), starts_at="2027-03-04", ends_at="2027-03-04")

    assert wishes_for(edit, whole("2027-04-03", "2027-04-05")) == {"starts_at": "2027-04-04", "ends_at": "2027-04-04"}
    # One of hours stays one of hours: a day later, as long as it was.
    assert wishes_for(edit, make_event()) == {"starts_at": "2027-01-29T14:00"}


def test_an_edit_that_makes_whole_days_makes_them_of_every_date_whatever_its_hour():
    edit = edited(make_event(), whole_day=True, starts_at="2027-01-29", ends_at="2027-01-30")
    early = make_event(starts_local="2027-02-04T09:00", ends_local="2027-02-04T10:00")

    assert wishes_for(edit, early) == {"whole_day": True, "starts_at": "2027-02-05", "ends_at": "2027-02-06"}


def test_an_edit_that_gives_hours_gives_the_same_hours_to_every_date():
    edit = edited(whole("2027-03-03", "2027-03-05"), whole_day=False, starts_at="2027-03-03T10:00", duration_minutes=60)

    expected = {"whole_day": False, "starts_at": "2027-04-03T10:00", "duration_minutes": 60}
    assert wishes_for(edit, whole("2027-04-03", "2027-04-05")) == expected


def test_whole_days_are_stored_moved_and_given_hours(session):
    event = add_event(session, whole_day=True, starts_at="2027-03-03", ends_at="2027-03-05")
    said = {"told": True, "now": NOW, "actor": STAFF}

    actions.edit_event(session, event.id, {"starts_at": "2027-03-10"}, **said)
    actions.edit_event(session, event.id, {"whole_day": False, "starts_at": "2027-03-10T09:00"}, **said)

    stored = events.read_event(session, event.id)
    assert (stored.whole_day, stored.starts_local, stored.ends_local) == (False, "2027-03-10T09:00", "2027-03-10T11:00")
    assert (stored.sequence, stored.uid) == (2, event.uid)
    assert [change["fields"].get("whole_day") for change in events.read_changes(session, event.id)] == [
        [True, False],
        None,
    ]


def test_each_date_of_whole_days_is_an_event_of_its_own(session):
    project_id = add_project(session)
    series_id = events.add_series(session, project_id, "Days of action")
    wanted = draft(project_id=project_id, series_id=series_id)

    made = actions.create_dates(
        session, wanted, Repeat("monthly", count=2), uid_domain="example.org", now=NOW, actor=STAFF
    )

    assert events.read_events(session, series_id=series_id) == made
    assert [(e.whole_day, str(e.first_day), str(e.last_day)) for e in made] == [
        (True, "2027-03-03", "2027-03-05"),
        (True, "2027-04-03", "2027-04-05"),
    ]
