"""Invitations: who is invited, what an answer does, who sits where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.events.rules import EventClosed
from service.events.values import EventState, Mode
from service.ical.values import PartStat
from service.invitations.rules import (
    EventCancelled,
    InvitationWithdrawn,
    NotAnnounced,
    calendar_partstat,
    decide,
    free_seats,
    is_live,
    next_sequence,
    plan_invitations,
    status,
)
from service.invitations.values import (
    Answer,
    Attendance,
    Candidate,
    InvitationPlan,
    LetterState,
    Seat,
    Seating,
    SkipReason,
    Source,
    Status,
)
from tests.factories import NOW, make_event, make_invitation

ROOMY = Seating(None, 0, 0)
FULL = Seating(2, 2, 4)
YES = PartStat.ACCEPTED


def candidate(person: str, **wishes) -> Candidate:
    return Candidate(**{"person_id": person, "address": f"{person}@example.org", "basis": "consent", **wishes})


def yes(**wishes) -> Answer:
    return Answer(**{"partstat": YES, "source": Source.LINK, "online": False, **wishes})


def test_everyone_on_a_list_is_invited_or_skipped_with_the_reason():
    ada, bo = candidate("ada"), candidate("bo", is_suppressed=True)
    cy, di = candidate("cy", basis=None), candidate("di", invitation_id="i")
    ed = candidate("ed", invitation_id="j", is_withdrawn=True)

    plan = plan_invitations(make_event(), [ada, bo, cy, di, ed, ada], now=NOW)

    assert plan == InvitationPlan(
        invite=(ada,),
        skip=(
            ("bo", SkipReason.SUPPRESSED),
            ("cy", SkipReason.NO_CONSENT),
            ("di", SkipReason.ALREADY_INVITED),
            ("ed", SkipReason.WITHDRAWN),
            ("ada", SkipReason.REPEATED),
        ),
    )
    assert plan.counts() == dict.fromkeys((r.value for _p, r in plan.skip), 1)


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.CANCELLED, EventState.POSTPONED, EventState.CLOSED])
def test_only_an_announced_event_takes_invitations(state):
    with pytest.raises(NotAnnounced):
        plan_invitations(make_event(state=state), [candidate("ada")], now=NOW)


def test_an_event_that_has_started_takes_no_invitation():
    event = make_event()

    with pytest.raises(EventClosed):
        plan_invitations(event, [candidate("ada")], now=event.starts_at)


@pytest.mark.parametrize(
    ("axes", "word"),
    [
        pytest.param({"letter": LetterState.NONE}, Status.DRAFT, id="nothing yet"),
        pytest.param({"letter": LetterState.QUEUED}, Status.QUEUED, id="queued"),
        pytest.param({}, Status.SENT, id="sent"),
        pytest.param({"letter": LetterState.UNKNOWN}, Status.SENT, id="perhaps sent"),
        pytest.param({"letter": LetterState.BOUNCED}, Status.BOUNCED, id="came back"),
        pytest.param({"partstat": YES, "letter": LetterState.BOUNCED}, Status.ACCEPTED, id="yes by phone"),
        pytest.param({"partstat": PartStat.TENTATIVE}, Status.TENTATIVE, id="maybe"),
        pytest.param({"partstat": PartStat.DECLINED}, Status.DECLINED, id="no"),
        pytest.param({"partstat": YES, "seat": Seat.WAITING}, Status.WAITING, id="waits"),
        pytest.param({"partstat": YES, "attendance": Attendance.ABSENT}, Status.ABSENT, id="yes, not there"),
        pytest.param({"seat": Seat.WAITING, "attendance": Attendance.PRESENT}, Status.PRESENT, id="there after all"),
        pytest.param({"substituted_by": "x", "attendance": Attendance.PRESENT}, Status.SUBSTITUTED, id="sent another"),
        pytest.param({"withdrawn_at": NOW, "partstat": YES}, Status.WITHDRAWN, id="taken back"),
    ],
)
def test_the_one_word_for_an_invitation(axes, word):
    assert status(make_invitation(**axes)) is word


@pytest.mark.parametrize(
    ("axes", "live"),
    [
        ({}, True),
        ({"letter": LetterState.QUEUED}, True),
        ({"letter": LetterState.UNKNOWN}, True),
        ({"partstat": YES}, True),
        ({"letter": LetterState.NONE}, False),
        ({"letter": LetterState.BOUNCED}, False),
        ({"partstat": PartStat.DECLINED}, False),
        ({"withdrawn_at": NOW}, False),
        ({"substituted_by": "x"}, False),
    ],
)
def test_who_is_concerned_by_a_change(axes, live):
    assert is_live(make_invitation(**axes)) is live


def test_a_yes_takes_a_seat_in_the_room():
    decision = decide(make_event(capacity=2), make_invitation(), yes(), Seating(2, 1, 0), now=NOW)

    assert (decision.applied, decision.changed, decision.after.seat) == (True, True, Seat.HELD)
    assert decision.after.partstat is YES


def test_a_yes_at_a_full_room_is_kept_and_waits_its_turn():
    after = decide(make_event(capacity=2), make_invitation(), yes(), FULL, now=NOW).after

    assert (after.partstat, after.seat, after.seat_order) == (YES, Seat.WAITING, 5)
    assert calendar_partstat(after) is PartStat.TENTATIVE


def test_online_takes_no_seat_even_when_the_room_is_full():
    after = decide(make_event(capacity=2), make_invitation(), yes(online=True), FULL, now=NOW).after

    assert (after.seat, after.online) == (Seat.NONE, True)


def test_who_waits_keeps_the_place_when_saying_yes_again():
    before = make_invitation(partstat=YES, seat=Seat.WAITING, seat_order=3, replied_at=NOW)

    decision = decide(make_event(capacity=2), before, yes(), FULL, now=NOW)

    assert (decision.after.seat_order, decision.changed) == (3, False)


def test_a_no_frees_the_seat():
    before = make_invitation(partstat=YES, seat=Seat.HELD, replied_at=NOW)

    after = decide(make_event(capacity=2), before, yes(partstat=PartStat.DECLINED), FULL, now=NOW).after

    assert after.seat is Seat.NONE


@pytest.mark.parametrize(
    ("mode", "wish", "online"),
    [(Mode.ONLINE, False, True), (Mode.IN_PERSON, True, False), (Mode.HYBRID, True, True), (Mode.HYBRID, False, False)],
)
def test_one_takes_part_as_the_event_allows(mode, wish, online):
    after = decide(make_event(mode=mode), make_invitation(), yes(online=wish), ROOMY, now=NOW).after

    assert after.online is online


def test_a_mailed_yes_keeps_what_was_said_about_the_screen():
    before = make_invitation(online=True, partstat=PartStat.TENTATIVE)

    after = decide(make_event(), before, Answer(YES, Source.MAIL), ROOMY, now=NOW).after

    assert after.online is True


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param({"sequence": 1}, "old-date", id="to the date before"),
        pytest.param({"sequence": 2, "dtstamp": NOW - timedelta(hours=1)}, "stale", id="older than the last"),
        pytest.param({"sequence": 2, "dtstamp": NOW - timedelta(minutes=5)}, "repeated", id="the same again"),
    ],
)
def test_a_mailed_answer_that_is_overtaken_is_not_counted(answer, reason):
    before = make_invitation(partstat=YES, sequence_sent=2, reply_dtstamp=NOW - timedelta(minutes=5), replied_at=NOW)

    decision = decide(make_event(), before, Answer(YES, Source.MAIL, **answer), ROOMY, now=NOW)

    assert (decision.applied, decision.reason, decision.after) == (False, reason, before)


def test_a_stamp_of_the_year_9999_does_not_freeze_an_answer():
    future = NOW.replace(year=9999)
    first = decide(make_event(), make_invitation(), Answer(YES, Source.MAIL, dtstamp=future), ROOMY, now=NOW).after

    later = NOW + timedelta(minutes=1)
    second = decide(make_event(), first, yes(partstat=PartStat.DECLINED), ROOMY, now=later)

    assert (first.reply_dtstamp, second.applied, second.after.partstat) == (NOW, True, PartStat.DECLINED)


def test_a_mail_that_was_under_way_does_not_undo_a_later_click():
    clicked = decide(make_event(), make_invitation(), yes(), ROOMY, now=NOW).after
    mailed = Answer(PartStat.DECLINED, Source.MAIL, dtstamp=NOW - timedelta(minutes=3), sequence=0)

    decision = decide(make_event(), clicked, mailed, ROOMY, now=NOW + timedelta(minutes=1))

    assert (decision.applied, decision.reason) == (False, "stale")


@pytest.mark.parametrize(
    ("event", "invitation", "error"),
    [
        pytest.param({"state": EventState.CANCELLED}, {}, EventCancelled, id="cancelled"),
        pytest.param({"state": EventState.CLOSED}, {}, EventClosed, id="closed"),
        pytest.param({"starts_at": NOW}, {}, EventClosed, id="started"),
        pytest.param({}, {"withdrawn_at": NOW}, InvitationWithdrawn, id="withdrawn"),
        pytest.param({}, {"substituted_by": "x"}, InvitationWithdrawn, id="passed on"),
    ],
)
def test_an_answer_that_comes_too_late_is_refused(event, invitation, error):
    with pytest.raises(error):
        decide(make_event(**event), make_invitation(**invitation), yes(), ROOMY, now=NOW)


def test_who_is_asked_again_says_needs_action_in_the_calendar_until_they_answer():
    asked = make_invitation(partstat=YES, asked_again=True, replied_at=NOW)

    decision = decide(make_event(), asked, yes(), ROOMY, now=NOW)

    assert calendar_partstat(asked) is PartStat.NEEDS_ACTION
    assert (decision.changed, decision.after.asked_again, calendar_partstat(decision.after)) == (True, False, YES)


@pytest.mark.parametrize(
    ("event", "sent", "must_rise", "expected"),
    [(0, None, False, 0), (3, None, True, 3), (2, 1, False, 2), (2, 2, False, 2), (2, 2, True, 3), (0, 5, True, 6)],
)
def test_sequence_never_falls_and_rises_when_it_must(event, sent, must_rise, expected):
    invitation = make_invitation(sequence_sent=sent)

    assert next_sequence(make_event(sequence=event), invitation, must_rise=must_rise) == expected


@pytest.mark.parametrize(
    ("capacity", "taken", "waiting", "free"), [(None, 9, 4, 4), (5, 5, 4, 0), (5, 3, 4, 2), (5, 7, 1, 0)]
)
def test_how_many_of_those_waiting_can_sit(capacity, taken, waiting, free):
    assert free_seats(capacity, taken, waiting) == free


def test_a_comment_is_kept_when_the_next_answer_has_none():
    first = decide(make_event(), make_invitation(), yes(comment="I need a ramp"), ROOMY, now=NOW).after

    second = decide(make_event(), first, yes(partstat=PartStat.TENTATIVE), ROOMY, now=NOW).after

    assert second.comment == "I need a ramp"
