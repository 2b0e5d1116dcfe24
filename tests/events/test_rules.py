"""Events: what a draft must hold, and what an edit means to people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.events.rules import WrongState, compare, may_be_public, plan_edit, plan_event
from service.events.times import BadEvent, EndBeforeStart, schedule
from service.events.values import Change, EventDraft, EventKind, EventState, Mode, Privacy
from service.kernel.errors import AmbiguousZone, NoSuchTime, UnknownZone
from tests.factories import make_event


def draft(**wishes):
    given = {
        "project_id": "p",
        "kind": "seminar",
        "title": "Seminar",
        "starts_at": "2027-03-04T18:00",
        "time_zone": "Europe/London",
    }
    return EventDraft(**{**given, **wishes})


def test_a_seminar_takes_its_length_mode_and_privacy_from_the_template():
    columns = plan_event(draft())

    assert columns["starts_at"] == datetime(2027, 3, 4, 18, 0, tzinfo=UTC)
    assert columns["ends_local"] == "2027-03-04T20:00"
    assert (columns["mode"], columns["privacy"], columns["kind"]) == (Mode.HYBRID, Privacy.INVITED, EventKind.SEMINAR)


@pytest.mark.parametrize(
    ("wishes", "error", "field"),
    [
        pytest.param({"time_zone": "Mars/Olympus"}, UnknownZone, "time_zone", id="unknown zone"),
        pytest.param({"ends_at": "2027-03-04T17:00"}, EndBeforeStart, "ends_at", id="end before start"),
        pytest.param({"ends_at": "2027-03-04T18:00"}, EndBeforeStart, "ends_at", id="no length"),
        pytest.param({"duration_minutes": -5}, EndBeforeStart, "ends_at", id="negative length"),
        pytest.param({"starts_at": "2027-03-28T01:30"}, NoSuchTime, "starts_at", id="skipped hour"),
        pytest.param({"starts_at": "2027-02-30T10:00"}, BadEvent, "starts_at", id="no such day"),
        pytest.param({"starts_at": "2027-03-04T18:00+01:00"}, BadEvent, "starts_at", id="offset given"),
        pytest.param({"capacity": -1}, BadEvent, "capacity", id="capacity below zero"),
        pytest.param({"title": "   "}, BadEvent, "title", id="no title"),
        pytest.param({"kind": "party"}, BadEvent, "kind", id="unknown kind"),
        pytest.param({"mode": "psychic"}, BadEvent, "mode", id="unknown mode"),
        pytest.param({"online_url": "javascript:alert(1)"}, BadEvent, "online_url", id="script for a link"),
        pytest.param({"language": "<b>"}, BadEvent, "language", id="no language"),
        pytest.param({"reply_by": "2027-03-05T10:00"}, BadEvent, "reply_by", id="answers due after the start"),
        pytest.param({"ends_at": "2027-06-04T18:00"}, BadEvent, "ends_at", id="three months long"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_and_the_field_named(wishes, error, field):
    with pytest.raises(error) as refused:
        plan_event(draft(**wishes))

    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_a_length_counts_real_minutes_over_the_change_of_clocks():
    when = schedule("2027-10-31T00:30", "Europe/London", duration_minutes=120)

    assert when["ends_local"] == "2027-10-31T01:30"  # the hour from 1 to 2 comes twice
    assert (when["ends_at"] - when["starts_at"]).total_seconds() == 7200


def test_changing_the_start_alone_keeps_the_length():
    event = make_event()

    after = plan_edit(event, {"starts_at": "2027-01-28T16:00"})

    assert (after.starts_local, after.ends_local) == ("2027-01-28T16:00", "2027-01-28T18:00")


@pytest.mark.parametrize(
    ("wishes", "change"),
    [
        pytest.param({"title": "Seminar 2: Working with government"}, Change.COSMETIC, id="a spelling"),
        pytest.param({"summary": "Other words"}, Change.COSMETIC, id="the summary"),
        pytest.param({"capacity": 30}, Change.COSMETIC, id="the seats"),
        pytest.param({"online_url": "https://other.example.org/"}, Change.COSMETIC, id="the link"),
        pytest.param({"starts_at": "2027-01-28T16:00"}, Change.MATERIAL, id="the time"),
        pytest.param({"time_zone": "Europe/Paris"}, Change.MATERIAL, id="the zone"),
        pytest.param({"place": "Room 5"}, Change.MATERIAL, id="the place"),
        pytest.param({"mode": "online"}, Change.MATERIAL, id="the mode"),
        pytest.param({}, Change.NONE, id="nothing"),
        pytest.param({"title": "Seminar 2: Working with governments"}, Change.NONE, id="the same again"),
    ],
)
def test_what_an_edit_means_to_people(wishes, change):
    event = make_event()

    diff = compare(event, plan_edit(event, wishes))

    assert diff.change is change


def test_an_unknown_field_is_refused_by_name():
    with pytest.raises(BadEvent) as refused:
        plan_edit(make_event(), {"uid": "mine"})

    assert refused.value.field == "uid"


@pytest.mark.parametrize("state", [EventState.CANCELLED, EventState.CLOSED])
def test_what_is_over_cannot_be_changed(state):
    with pytest.raises(WrongState):
        plan_edit(make_event(state=state), {"title": "Other"})


@pytest.mark.parametrize(
    ("privacy", "state", "public"),
    [
        (Privacy.OPEN, EventState.ANNOUNCED, True),
        (Privacy.OPEN, EventState.DRAFT, False),
        (Privacy.OPEN, EventState.POSTPONED, True),
        (Privacy.OPEN, EventState.CANCELLED, True),
        (Privacy.OPEN, EventState.CLOSED, True),
        (Privacy.INVITED, EventState.ANNOUNCED, False),
        (Privacy.CONFIDENTIAL, EventState.ANNOUNCED, False),
    ],
)
def test_an_open_event_is_public_from_its_announcement_on_whatever_comes_of_it(privacy, state, public):
    assert may_be_public(make_event(privacy=privacy, state=state)) is public


def test_a_draft_that_was_cancelled_was_never_public():
    assert may_be_public(make_event(privacy=Privacy.OPEN, state=EventState.CANCELLED, announced_at=None)) is False


def test_an_instant_where_a_local_time_is_wanted_is_refused():
    from service.kernel.clock import instant

    with pytest.raises(AmbiguousZone):
        instant(datetime(2027, 1, 1, tzinfo=UTC), "Europe/London")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),
    st.sampled_from(["Europe/London", "Asia/Kathmandu", "Africa/Casablanca", "America/Sao_Paulo", "Australia/Sydney"]),
    st.integers(1, 2000),
)
def test_a_schedule_comes_back_to_its_own_local_time_or_is_refused(local, zone, minutes):
    text = local.strftime("%Y-%m-%dT%H:%M")
    try:
        when = schedule(text, zone, duration_minutes=minutes)
    except NoSuchTime:
        return

    assert when["starts_local"] == text
    assert (when["ends_at"] - when["starts_at"]).total_seconds() == minutes * 60
