"""Answers, seats and attendance, with the real store on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.events import actions as event_actions
from service.events.rules import EventClosed
from service.ical.values import PartStat
from service.invitations import actions, store
from service.invitations.rules import NotAttendable
from service.invitations.store import funnels, replies
from service.invitations.store import seats as invitation_seats
from service.invitations.values import Answer, Attendance, Candidate, Seat, Source
from service.kernel.errors import Conflict
from service.people.store import UnknownPerson
from tests.factories import NOW, STAFF, add_event, add_people

IN_ROOM = Answer(PartStat.ACCEPTED, Source.LINK, online=False)
ONLINE = Answer(PartStat.ACCEPTED, Source.LINK, online=True)
NO = Answer(PartStat.DECLINED, Source.LINK)


def invite(session, event, count: int) -> list[str]:
    candidates = [Candidate(p, "", "consent") for p in add_people(session, count)]
    return store.add(session, event.id, candidates, list_id=None, revision=1, sequence=0, now=NOW, actor=STAFF)


def answer(session, invitation_id: str, said: Answer):
    return actions.reply(session, invitation_id, said, now=NOW, actor=f"guest:{invitation_id}")


def test_the_room_fills_in_order_and_a_no_seats_the_first_who_waits(session):
    event = add_event(session, capacity=2)
    ids = invite(session, event, 4)
    for invitation_id in ids:
        answer(session, invitation_id, IN_ROOM)

    outcome = answer(session, ids[0], NO)

    assert [i.id for i in outcome.promoted] == [ids[2]]
    seats = [store.read(session, i).seat for i in ids]
    assert seats == [Seat.NONE, Seat.HELD, Seat.HELD, Seat.WAITING]
    assert invitation_seats.place_in_queue(session, store.read(session, ids[3])) == 1


def test_staff_may_keep_a_freed_seat_to_give_it_themselves(session):
    event = add_event(session, capacity=1, offer_freed_seats=True)
    first, second, third = invite(session, event, 3)
    for invitation_id in (first, second, third):
        answer(session, invitation_id, IN_ROOM)

    assert answer(session, first, NO).promoted == ()
    given = actions.give_seat(session, third, now=NOW, actor=STAFF)

    assert (given.seat, store.read(session, second).seat) == (Seat.HELD, Seat.WAITING)
    with pytest.raises(actions.NotWaiting):
        actions.give_seat(session, second, now=NOW, actor=STAFF)


def test_changing_from_room_to_online_frees_the_seat(session):
    event = add_event(session, capacity=1)
    first, second = invite(session, event, 2)
    answer(session, first, IN_ROOM)
    answer(session, second, IN_ROOM)

    outcome = answer(session, first, ONLINE)

    assert (outcome.after.seat, outcome.after.online) == (Seat.NONE, True)
    assert store.read(session, second).seat is Seat.HELD


def test_every_answer_stands_in_the_history_with_its_source(session):
    event = add_event(session)
    (invitation_id,) = invite(session, event, 1)
    answer(session, invitation_id, IN_ROOM)
    mailed = Answer(PartStat.DECLINED, Source.MAIL, dtstamp=NOW - timedelta(days=1), sequence=0)
    outcome = answer(session, invitation_id, mailed)

    history = replies.read_replies(session, invitation_id)

    assert (outcome.applied, outcome.reason) == (False, "stale")
    assert [(r["partstat"], r["source"], r["applied"]) for r in history] == [
        ("ACCEPTED", "link", True),
        ("DECLINED", "mail", False),
    ]
    assert store.read(session, invitation_id).partstat is PartStat.ACCEPTED


def test_sixty_at_once_never_oversell_twenty_seats(engine: Engine):
    people, seats = 60, 20
    with writing(engine) as session:
        event = add_event(session, capacity=seats)
        ids = invite(session, event, people)

    def come_and_go(number: int) -> None:
        with writing(engine) as session:
            answer(session, ids[number], IN_ROOM)
        if number % 3 == 0:
            with writing(engine) as session:
                answer(session, ids[number], NO)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(come_and_go, range(people)))

    with reading(engine) as session:
        everyone = [store.read(session, i) for i in ids]
    held = [i for i in everyone if i.seat is Seat.HELD]
    waiting = [i for i in everyone if i.seat is Seat.WAITING]
    assert len(held) == seats
    assert len(held) + len(waiting) == people - people // 3
    assert all(i.partstat is PartStat.ACCEPTED for i in held + waiting)
    orders = [i.seat_order for i in waiting]
    assert len(set(orders)) == len(orders)


def test_attendance_is_recorded_from_the_start_until_the_close(session):
    event = add_event(session)
    (invitation_id,) = invite(session, event, 1)
    during = event.starts_at + timedelta(minutes=5)
    with pytest.raises(NotAttendable):
        actions.record_attendance(session, invitation_id, "present", now=NOW, actor=STAFF)

    there = actions.record_attendance(session, invitation_id, "present", now=during, actor=STAFF)
    closed = event_actions.close_event(session, event.id, head_count=31, now=event.ends_at, actor=STAFF)

    assert (there.attendance, closed.head_count) == (Attendance.PRESENT, 31)
    with pytest.raises(NotAttendable):
        actions.record_attendance(session, invitation_id, "absent", now=event.ends_at, actor=STAFF)


def test_a_walk_in_is_present_and_not_counted_as_invited(session):
    event = add_event(session)
    invite(session, event, 2)
    (stranger,) = add_people(session, 1, prefix="walkin")

    walk_in = actions.add_walk_in(session, event.id, stranger, now=event.starts_at, actor=STAFF)

    counts = funnels.funnel(session, event.id)
    assert (walk_in.walk_in, walk_in.attendance) == (True, Attendance.PRESENT)
    assert (counts["invited"], counts["present"], counts["walk_ins"]) == (2, 1, 1)


def test_a_walk_in_who_was_forgotten_meanwhile_is_refused(session):
    event = add_event(session)

    with pytest.raises(UnknownPerson):
        actions.add_walk_in(session, event.id, "01gone", now=event.starts_at, actor=STAFF)

    assert funnels.funnel(session, event.id)["walk_ins"] == 0


def test_an_invitee_who_comes_unannounced_is_not_entered_twice(session):
    event = add_event(session)
    (invitation_id,) = invite(session, event, 1)
    person = store.read(session, invitation_id).person_id

    came = actions.add_walk_in(session, event.id, person, now=event.starts_at, actor=STAFF)

    assert (came.id, came.walk_in, came.attendance) == (invitation_id, False, Attendance.PRESENT)


def test_a_withdrawn_invitation_frees_its_seat_and_takes_no_answer(session):
    event = add_event(session, capacity=1)
    first, second = invite(session, event, 2)
    answer(session, first, IN_ROOM)
    answer(session, second, IN_ROOM)

    actions.withdraw(session, first, now=NOW, actor=STAFF)

    assert store.read(session, second).seat is Seat.HELD
    with pytest.raises(Conflict):
        answer(session, first, IN_ROOM)


def test_an_answer_after_the_start_is_refused_and_leaves_no_trace(session):
    event = add_event(session)
    (invitation_id,) = invite(session, event, 1)

    with pytest.raises(EventClosed):
        actions.reply(session, invitation_id, IN_ROOM, now=event.starts_at, actor="guest:x")

    assert replies.read_replies(session, invitation_id) == []
