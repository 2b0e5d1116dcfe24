"""An event is put off without a new date, and comes back: who is told, what stays, what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from service.events import store as events
from service.events.rules import EventClosed, NoDateYet, WrongState
from service.events.values import EventState
from service.invitations import store as invitations
from service.invitations.rules import EventPostponed, NotAnnounced
from service.invitations.values import Seat
from service.letters import actions, changes, planned
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.values import MailingState
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people
from tests.letters.test_actions import NO, YES, invite, mailings, sent, slots_of

WAITING = timedelta(hours=1)


def put_off(session: Session, event, **options):
    return changes.postpone_event(session, event.id, **options, desk=DESK, now=NOW, actor=STAFF)


def calendars(session: Session, mailing_id: str) -> dict[str, tuple]:
    """Return what each letter's calendar part says: method, SEQUENCE, PARTSTAT, tentative or not."""
    parts = {ref: slots["calendar"] for ref, slots in slots_of(session, mailing_id).items()}
    return {ref: (p["method"], p["sequence"], p["partstat"], p.get("tentative", False)) for ref, p in parts.items()}


def test_it_stays_in_calendars_as_tentative_and_answers_are_kept(session):
    event = add_event(session)
    yes, no, silent = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    actions.take_answer(session, no, NO, desk=DESK, now=NOW, actor="guest:x")

    done = put_off(session, event, note="The speaker is ill.")

    assert (done.told, done.edit.after.state, done.edit.after.sequence) == (2, EventState.POSTPONED, 1)
    assert calendars(session, done.mailing_id) == {
        yes: ("REQUEST", 1, "ACCEPTED", True),
        silent: ("REQUEST", 1, "NEEDS-ACTION", True),
    }
    assert mail.read_mailing(session, done.mailing_id).facts["note"] == "The speaker is ill."
    assert invitations.read(session, yes).seat is Seat.HELD


def test_putting_off_twice_tells_people_once(session):
    event = add_event(session)
    invite(session, event)
    put_off(session, event)

    again = put_off(session, event)

    assert (again.mailing_id, again.told, again.edit.after.sequence) == (None, 0, 1)
    assert len(mailings(session, event, Kind.POSTPONEMENT)) == 1


def test_nothing_leaves_while_there_is_no_date(session):
    event = add_event(session)
    yes, *_others = invite(session, event)
    reminder = actions.write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF)
    people = add_people(session, 1, prefix="late")
    put_off(session, event)

    answered = actions.take_answer(session, yes, NO, desk=DESK, now=NOW, actor="guest:x")
    with pytest.raises(EventPostponed):
        actions.approve(session, reminder.mailing_id, desk=DESK, now=NOW, actor=STAFF)
    with pytest.raises(NotAnnounced):
        actions.invite_people(session, event.id, people, desk=DESK, now=NOW, actor=STAFF)
    assert (answered.applied, mailings(session, event, Kind.CONFIRMATION)) == (True, [])
    assert planned.send_due(session, desk=DESK, now=event.starts_at - timedelta(days=6)) == 0
    assert not planned.is_anything_due(session, now=event.starts_at)


def test_an_invitation_that_had_not_left_is_stopped_and_can_be_written_again(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 2))
    approved = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    actions.approve(session, approved.mailing_id, desk=DESK, now=NOW, actor=STAFF)

    done = put_off(session, event)

    assert (done.mailing_id, done.told) == (None, 0)
    assert mail.read_mailing(session, approved.mailing_id).state is MailingState.CANCELLED
    changes.change_event(session, event.id, {"starts_at": "2027-03-04T14:00"}, desk=DESK, now=NOW, actor=STAFF)
    assert actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF).queued == 2


def test_a_draft_waits_for_the_new_date_and_then_says_it(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 2))
    draft = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    put_off(session, event)
    with pytest.raises(EventPostponed):
        actions.approve(session, draft.mailing_id, desk=DESK, now=NOW, actor=STAFF)
    changes.change_event(session, event.id, {"starts_at": "2027-03-04T14:00"}, desk=DESK, now=NOW, actor=STAFF)

    actions.approve(session, draft.mailing_id, desk=DESK, now=NOW, actor=STAFF)

    assert mail.read_mailing(session, draft.mailing_id).facts["event"]["starts_local"] == "2027-03-04T14:00"


def test_a_new_date_brings_it_back_and_asks_again_who_had_said_yes(session):
    event = add_event(session)
    yes, _no, silent = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    actions.take_answer(session, _no, NO, desk=DESK, now=NOW, actor="guest:x")
    sent(session, put_off(session, event).mailing_id)

    done = changes.change_event(session, event.id, {"starts_at": "2027-03-04T14:00"}, desk=DESK, now=NOW, actor=STAFF)

    after = done.edit.after
    assert (after.state, after.sequence, after.uid, done.told) == (EventState.ANNOUNCED, 2, event.uid, 2)
    assert calendars(session, done.mailing_id) == {
        yes: ("REQUEST", 2, "NEEDS-ACTION", False),
        silent: ("REQUEST", 2, "NEEDS-ACTION", False),
    }
    changed = mail.read_mailing(session, done.mailing_id).facts["changes"]
    assert [(c["what"], c["before"]["state"], c["after"]["starts_local"]) for c in changed] == [
        ("time", "postponed", "2027-03-04T14:00")
    ]
    assert [p.due_at for p in planned_letters.read(session, event.id) if p.kind is Kind.JOINING] == [
        after.starts_at - timedelta(days=1)
    ]


def test_another_room_while_there_is_no_date_tells_nobody_yet(session):
    event = add_event(session)
    invite(session, event)
    put_off(session, event)

    preview = changes.preview_change(session, event.id, {"place": "Room 5"}, now=NOW)
    done = changes.change_event(session, event.id, {"place": "Room 5"}, desk=DESK, now=NOW, actor=STAFF)

    assert {(line.gets, line.answer) for line in preview.told} == {("nothing", "kept")}
    assert (preview.tell_count, done.told, done.edit.after.state) == (0, 0, EventState.POSTPONED)


def test_it_can_take_place_at_its_first_time_after_all(session):
    event = add_event(session)
    yes, *_others = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    put_off(session, event)

    after = changes.announce_event(session, event.id, desk=DESK, now=NOW + WAITING, actor=STAFF)

    (update,) = mailings(session, event, Kind.UPDATE)
    assert (after.state, after.sequence, after.starts_at) == (EventState.ANNOUNCED, 2, event.starts_at)
    assert calendars(session, update.id)[yes] == ("REQUEST", 2, "ACCEPTED", False)
    assert [c["what"] for c in mail.read_mailing(session, update.id).facts["changes"]] == ["standing"]


def test_it_can_be_called_off_for_good(session):
    event = add_event(session)
    yes, *_others = invite(session, event)
    put_off(session, event)

    done = changes.cancel_event(session, event.id, reason="", desk=DESK, now=NOW, actor=STAFF)

    assert calendars(session, done.mailing_id)[yes] == ("CANCEL", 2, "NEEDS-ACTION", False)


def test_what_is_no_date_is_refused(session):
    begun, draft = add_event(session), add_event(session, announce=False)
    event = add_event(session)
    put_off(session, event)

    with pytest.raises(EventClosed):
        changes.postpone_event(session, begun.id, desk=DESK, now=begun.starts_at, actor=STAFF)
    with pytest.raises(WrongState):
        put_off(session, draft)
    with pytest.raises(NoDateYet):
        changes.announce_event(session, event.id, desk=DESK, now=event.starts_at, actor=STAFF)
    assert events.read_event(session, event.id).state is EventState.POSTPONED


def test_a_letter_that_left_before_the_move_leaves_again_on_its_new_day(session):
    event = add_event(session)
    yes, *_others = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    day_before = event.starts_at - timedelta(days=1)
    assert planned.send_due(session, desk=DESK, now=day_before) == 1
    late = day_before + WAITING
    preview = changes.preview_change(session, event.id, {"starts_at": "2027-03-04T14:00"}, now=late)

    changes.change_event(session, event.id, {"starts_at": "2027-03-04T14:00"}, desk=DESK, now=late, actor=STAFF)

    moved = {m.kind: m.after for m in preview.moved}
    joining = next(p for p in planned_letters.read(session, event.id) if p.kind is Kind.JOINING)
    assert (joining.mailing_id, joining.due_at) == (None, moved["joining"])
    assert planned.send_due(session, desk=DESK, now=joining.due_at) == 1
    assert len(mailings(session, event, Kind.JOINING)) == 2


def test_cancelling_tells_nobody_whose_invitation_never_left(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 2))
    approved = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    actions.approve(session, approved.mailing_id, desk=DESK, now=NOW, actor=STAFF)

    done = changes.cancel_event(session, event.id, reason="", desk=DESK, now=NOW, actor=STAFF)

    assert (done.mailing_id, done.told) == (None, 0)
    assert invitations.read_of_event(session, event.id) == []
