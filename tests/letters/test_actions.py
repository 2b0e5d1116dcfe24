"""Letters about an event, with the real stores on both databases: who is told what, and what is frozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from service.events import store as events
from service.events.rules import EventClosed
from service.ical.values import PartStat
from service.invitations import actions as invitation_actions
from service.invitations import store as invitations
from service.invitations.rules import EventCancelled, NotAnnounced, status
from service.invitations.store import replies
from service.invitations.values import Answer, LetterState, Seat, Source
from service.kernel.errors import Invalid
from service.letters import actions, chain, changes, planned, store
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState, MailingState, Semantics, SuppressionReason
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people

YES = Answer(PartStat.ACCEPTED, Source.LINK, online=False)
NO = Answer(PartStat.DECLINED, Source.LINK)


def invite(session: Session, event, count: int = 3, **options) -> list[str]:
    """Invite people of a list, let the letters leave, and return the invitation ids."""
    list_id = add_list(session, add_people(session, count, **options), key=f"list-{event.slug}")
    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    assert done.mailing_id
    return sent(session, done.mailing_id)


def sent(session: Session, mailing_id: str) -> list[str]:
    """Record every letter of a mailing as sent, as the worker does."""
    if mail.read_mailing(session, mailing_id).state is MailingState.DRAFT:
        actions.approve(session, mailing_id, desk=DESK, now=NOW, actor=STAFF)
    lines = mail.read_deliveries(session, mailing_id)
    mail_store.set_states(session, [line.id for line in lines], DeliveryState.SENT, finished_at=NOW)
    actions.note_deliveries(session, [(line.recipient_ref, DeliveryState.SENT) for line in lines])
    return [line.recipient_ref for line in lines]


def block(session: Session, address: str, reason: SuppressionReason) -> None:
    mail.suppress(session, address, "all", reason, address_key=DESK.address_key, now=NOW, actor=STAFF)


def slots_of(session: Session, mailing_id: str) -> dict[str, dict]:
    return {
        line.recipient_ref: mail.read_delivery(session, line.id).slots
        for line in mail.read_deliveries(session, mailing_id)
    }


def mailings(session: Session, event, kind: Kind) -> list:
    return [m for m in mail.read_mailings(session, context=f"event:{event.id}") if m.kind == kind]


def test_inviting_a_list_says_who_was_left_out_and_why(session):
    event = add_event(session)
    people = add_people(session, 6)
    list_id = add_list(session, people[:4])
    silent = add_list(session, people[4:], key="silent", basis=None)
    mail.suppress(
        session,
        "guest1@example.org",
        "all",
        SuppressionReason.UNSUBSCRIBED,
        address_key=DESK.address_key,
        now=NOW,
        actor=STAFF,
    )
    actions.invite_people(session, event.id, [people[0]], desk=DESK, now=NOW, actor=STAFF)

    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    none = actions.invite_list(session, event.id, silent, desk=DESK, now=NOW, actor=STAFF)

    assert (done.queued, done.counts()) == (2, {"already-invited": 1, "suppressed": 1})
    assert (none.mailing_id, none.queued, none.counts()) == (None, 0, {"no-consent": 2})


def test_letters_to_someone_at_risk_are_discreet_and_no_others(session):
    event = add_event(session)
    ids = invite(session, event, 2)
    (person,) = add_people(session, 1, prefix="risk", at_risk=True)
    done = actions.invite_people(session, event.id, [person], desk=DESK, now=NOW, actor=STAFF)
    hers = sent(session, done.mailing_id)[0]

    told = {**slots_of(session, done.mailing_id), **slots_of(session, mailings(session, event, Kind.INVITATION)[-1].id)}
    assert {ref: slots.get("discreet", False) for ref, slots in told.items()} == {
        hers: True,
        **dict.fromkeys(ids, False),
    }


def test_a_double_click_invites_nobody_twice(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 5))
    actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)

    again = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)

    assert (again.queued, again.counts()) == (0, {"already-invited": 5})
    assert len(mailings(session, event, Kind.INVITATION)) == 1


def test_a_person_named_is_invited_by_legitimate_interest(session):
    event = add_event(session)
    (person,) = add_people(session, 1)

    actions.invite_people(session, event.id, [person], desk=DESK, now=NOW, actor=STAFF)

    assert invitations.find(session, event.id, person).basis == "legitimate_interest"


def test_a_draft_event_takes_no_invitation(session):
    event = add_event(session, announce=False)
    list_id = add_list(session, add_people(session, 1))

    with pytest.raises(NotAnnounced):
        actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)


def test_each_letter_is_frozen_for_one_person_and_holds_no_token(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 2))
    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)

    frozen = slots_of(session, done.mailing_id)

    maria = next(s for s in frozen.values() if s["person"]["greeting"] == "Maria")
    assert maria == {
        "person": {
            "name": "Maria Achieng",
            "greeting": "Maria",
            "time_zone": "Africa/Nairobi",
            "language": "en",
            "source": "Geneva meeting, November 2026",
        },
        "invitation": {
            "id": maria["invitation"]["id"],
            "token_version": 1,
            "partstat": "NEEDS-ACTION",
            "seat": "none",
            "online": False,
        },
        "calendar": {
            "method": "REQUEST",
            "sequence": 0,
            "dtstamp": "2026-12-01T09:00:00+00:00",
            "partstat": "NEEDS-ACTION",
            "whole_event": False,
        },
        "show_link": False,
    }


def test_an_answer_is_confirmed_to_the_address_that_was_invited(session):
    event = add_event(session, capacity=1)
    first, second, _third = invite(session, event)
    actions.take_answer(session, first, YES, desk=DESK, now=NOW, actor="guest:x")
    actions.take_answer(session, second, YES, desk=DESK, now=NOW, actor="guest:x")

    confirmations = [slots_of(session, m.id) for m in mailings(session, event, Kind.CONFIRMATION)]

    told = {ref: s["calendar"]["partstat"] for frozen in confirmations for ref, s in frozen.items()}
    assert told == {first: "ACCEPTED", second: "TENTATIVE"}


def test_who_gets_a_freed_seat_is_told(session):
    event = add_event(session, capacity=1)
    first, second, _third = invite(session, event)
    for invitation_id in (first, second):
        actions.take_answer(session, invitation_id, YES, desk=DESK, now=NOW, actor="guest:x")

    outcome = actions.take_answer(session, first, NO, desk=DESK, now=NOW + timedelta(minutes=1), actor="guest:x")

    sent = [slots_of(session, mailing.id) for mailing in mailings(session, event, Kind.CONFIRMATION)]
    seats = [(ref, s["invitation"]["seat"]) for slots in sent for ref, s in slots.items()]
    assert [i.id for i in outcome.promoted] == [second]
    assert sorted(seats) == sorted([(first, "held"), (second, "waiting"), (first, "none"), (second, "held")])


def test_the_same_answer_again_sends_nothing_and_many_changes_send_a_few(session):
    event = add_event(session)
    (first,) = invite(session, event, 1)
    for said in (YES, YES, NO, YES, NO, YES):
        actions.take_answer(session, first, said, desk=DESK, now=NOW, actor="guest:x")

    assert len(mailings(session, event, Kind.CONFIRMATION)) == 3
    assert len(replies.read_replies(session, first)) == 6


def test_moving_the_event_tells_everyone_live_under_the_same_uid(session):
    event = add_event(session)
    yes, no, silent = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    actions.take_answer(session, no, NO, desk=DESK, now=NOW, actor="guest:x")
    preview = changes.preview_change(session, event.id, {"starts_at": "2027-01-28T16:00"}, now=NOW)

    done = changes.change_event(session, event.id, {"starts_at": "2027-01-28T16:00"}, desk=DESK, now=NOW, actor=STAFF)

    letters = slots_of(session, done.mailing_id)
    assert {(t.status, t.people, t.gets, t.answer) for t in preview.told} == {
        ("accepted", 1, "letter-and-calendar", "asked-again"),
        ("sent", 1, "letter-and-calendar", "open"),
        ("declined", 1, "nothing", "kept"),
    }
    assert (preview.tell_count, done.told, set(letters)) == (2, 2, {yes, silent})
    assert {ref: (s["calendar"]["sequence"], s["calendar"]["partstat"]) for ref, s in letters.items()} == {
        yes: (1, "NEEDS-ACTION"),
        silent: (1, "NEEDS-ACTION"),
    }
    after = invitations.read(session, yes)
    assert (after.partstat, after.asked_again, after.seat) == (PartStat.ACCEPTED, True, Seat.HELD)
    assert (done.edit.after.uid, done.edit.after.sequence) == (event.uid, 1)
    facts = mail.read_mailing(session, done.mailing_id).facts
    assert [c["what"] for c in facts["changes"]] == ["time"]


def test_a_change_of_place_keeps_the_answers(session):
    event = add_event(session)
    yes, *_others = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")

    done = changes.change_event(session, event.id, {"place": "Room 5"}, desk=DESK, now=NOW, actor=STAFF)

    assert done.told == 3
    assert slots_of(session, done.mailing_id)[yes]["calendar"]["partstat"] == "ACCEPTED"
    assert invitations.read(session, yes).asked_again is False


def test_a_corrected_spelling_tells_nobody(session):
    event = add_event(session)
    invite(session, event)
    before = len(mail.read_mailings(session))

    done = changes.change_event(session, event.id, {"title": "Seminar 2"}, desk=DESK, now=NOW, actor=STAFF)

    assert (done.mailing_id, done.told, done.edit.after.sequence) == (None, 0, 0)
    assert len(mail.read_mailings(session)) == before


def test_a_preview_stores_nothing(session):
    event = add_event(session)
    invite(session, event)

    changes.preview_change(session, event.id, {"starts_at": "2027-01-28T16:00", "title": "Other"}, now=NOW)

    assert events.read_event(session, event.id) == event


def test_keeping_quiet_about_a_change_that_matters_needs_a_reason(session):
    event = add_event(session)
    invite(session, event)
    wishes = {"place": "Room 5"}
    with pytest.raises(changes.ReasonWanted):
        changes.change_event(session, event.id, wishes, notify=False, desk=DESK, now=NOW, actor=STAFF)

    done = changes.change_event(
        session, event.id, wishes, notify=False, reason="The door sign was wrong", desk=DESK, now=NOW, actor=STAFF
    )

    assert (done.mailing_id, done.told) == (None, 0)
    assert events.read_changes(session, event.id)[0]["reason"] == "The door sign was wrong"


def test_a_draft_written_before_a_change_says_what_is_true_when_approved(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 2))
    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    changed = changes.change_event(session, event.id, {"place": "Room 5"}, desk=DESK, now=NOW, actor=STAFF)

    actions.approve(session, done.mailing_id, desk=DESK, now=NOW, actor=STAFF)

    frozen = slots_of(session, done.mailing_id)
    assert changed.told == 0  # nobody has the letter yet
    assert mail.read_mailing(session, done.mailing_id).facts["event"]["place"] == "Room 5"
    assert {s["calendar"]["sequence"] for s in frozen.values()} == {1}


def test_cancelling_tells_everyone_live_and_no_reminder_follows(session):
    event = add_event(session)
    yes, no, silent = invite(session, event)
    actions.take_answer(session, no, NO, desk=DESK, now=NOW, actor="guest:x")
    draft = actions.write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF)

    done = changes.cancel_event(session, event.id, reason="The venue closed", desk=DESK, now=NOW, actor=STAFF)

    letters = slots_of(session, done.mailing_id)
    assert set(letters) == {yes, silent}
    assert {
        (s["calendar"]["method"], s["calendar"]["sequence"], s["calendar"]["whole_event"]) for s in letters.values()
    } == {("CANCEL", 1, True)}
    assert mail.read_mailing(session, draft.mailing_id).state is MailingState.CANCELLED
    later = event.starts_at - timedelta(days=6)
    assert planned.send_due(session, desk=DESK, now=later) == 0
    with pytest.raises(EventCancelled):
        actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")


def test_cancelling_twice_tells_people_once(session):
    event = add_event(session)
    invite(session, event)
    changes.cancel_event(session, event.id, reason="", desk=DESK, now=NOW, actor=STAFF)

    again = changes.cancel_event(session, event.id, reason="", desk=DESK, now=NOW, actor=STAFF)

    assert (again.mailing_id, again.told) == (None, 0)
    assert len(mailings(session, event, Kind.CANCELLATION)) == 1


def test_a_reminder_goes_to_those_who_have_not_answered_and_to_no_one_else(session):
    event = add_event(session)
    yes, no, silent = invite(session, event)
    actions.take_answer(session, yes, YES, desk=DESK, now=NOW, actor="guest:x")
    actions.take_answer(session, no, NO, desk=DESK, now=NOW, actor="guest:x")

    done = actions.write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF)

    assert set(slots_of(session, done.mailing_id)) == {silent}


def test_a_suppressed_address_is_left_out_of_a_letter(session):
    event = add_event(session)
    refs = invite(session, event)
    mail.suppress(
        session,
        "guest0@example.org",
        "all",
        SuppressionReason.OBJECTED,
        address_key=DESK.address_key,
        now=NOW,
        actor=STAFF,
    )

    done = actions.write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF)

    people = store.read_recipients(session, refs)
    blocked = {ref for ref, person in people.items() if person.address == "guest0@example.org"}
    assert (done.queued, done.counts(), len(blocked)) == (2, {"suppressed": 1}, 1)
    assert set(slots_of(session, done.mailing_id)) == set(refs) - blocked


@pytest.mark.parametrize(
    ("kind", "options"),
    [("rumour", {}), ("update", {}), ("message", {"subject": "Hello"}), ("reminder", {"statuses": ["glad"]})],
)
def test_a_letter_that_makes_no_sense_is_refused(session, kind, options):
    event = add_event(session)
    invite(session, event)

    with pytest.raises(Invalid):
        actions.write_letter(session, event.id, kind, **options, desk=DESK, now=NOW, actor=STAFF)


def test_planned_letters_leave_on_their_day_once_and_move_with_the_event(session):
    event = add_event(session)
    invite(session, event)
    before = {p.kind: p.due_at for p in planned_letters.read(session, event.id)}
    changes.change_event(session, event.id, {"starts_at": "2027-01-29T14:00"}, desk=DESK, now=NOW, actor=STAFF)

    moved = {p.kind: p.due_at for p in planned_letters.read(session, event.id)}
    due = moved[Kind.REMINDER] + timedelta(minutes=5)
    sent_once = planned.send_due(session, desk=DESK, now=due)
    sent_again = planned.send_due(session, desk=DESK, now=due)

    assert {k: moved[k] - before[k] for k in moved} == dict.fromkeys(moved, timedelta(days=1))
    assert (sent_once, sent_again) == (1, 0)
    assert len(mailings(session, event, Kind.REMINDER)) == 1


def test_a_planned_letter_that_comes_too_late_is_dropped(session):
    event = add_event(session)
    invite(session, event)
    due = next(p.due_at for p in planned_letters.read(session, event.id) if p.kind is Kind.REMINDER)

    assert planned.send_due(session, desk=DESK, now=due + timedelta(days=2)) == 0
    assert mailings(session, event, Kind.REMINDER) == []


def test_a_planned_letter_keeps_its_hour_over_the_change_of_clocks(session):
    event = add_event(session, starts_at="2027-03-30T14:00")  # London moves on 28 March

    due = {p.kind: p.due_at.isoformat() for p in planned_letters.read(session, event.id)}

    assert due[Kind.REMINDER] == "2027-03-23T14:00:00+00:00"  # 14:00 GMT
    assert due[Kind.JOINING] == "2027-03-29T13:00:00+00:00"  # 14:00 BST


def test_joining_details_show_the_link_to_those_who_are_coming_only(session):
    event = add_event(session, capacity=1)
    first, second, _third = invite(session, event)
    for invitation_id in (first, second):
        actions.take_answer(session, invitation_id, YES, desk=DESK, now=NOW, actor="guest:x")

    done = actions.write_letter(session, event.id, "joining", desk=DESK, now=NOW, actor=STAFF)

    assert {ref: s["show_link"] for ref, s in slots_of(session, done.mailing_id).items()} == {first: True}


def test_thanks_go_to_those_who_came_and_regrets_to_those_who_had_said_yes(session):
    event = add_event(session)
    came, missed, never = invite(session, event)
    for invitation_id in (came, missed):
        actions.take_answer(session, invitation_id, YES, desk=DESK, now=NOW, actor="guest:x")
    during = event.starts_at
    invitation_actions.record_attendance(session, came, "present", now=during, actor=STAFF)
    for absent in (missed, never):
        invitation_actions.record_attendance(session, absent, "absent", now=during, actor=STAFF)
    chain.close_event(session, event.id, now=event.ends_at, actor=STAFF)
    chain.approve(session, event.id, desk=DESK, now=event.ends_at, actor=STAFF)

    after = event.ends_at + timedelta(days=1)
    assert planned.send_due(session, desk=DESK, now=after) == 2

    thanks, regrets = mailings(session, event, Kind.THANK_YOU), mailings(session, event, Kind.MISSED_YOU)
    assert [set(slots_of(session, m.id)) for m in (*thanks, *regrets)] == [{came}, {missed}]


@pytest.mark.parametrize("kind", [Kind.SURVEY, Kind.NEXT_STEPS, Kind.COMMITMENT_CHECK])
def test_what_follows_an_event_goes_to_those_who_came_and_says_what_staff_write(session, kind):
    event = add_event(session)
    came, missed, _never = invite(session, event)
    for invitation_id, was in ((came, "present"), (missed, "absent")):
        invitation_actions.record_attendance(session, invitation_id, was, now=event.starts_at, actor=STAFF)
    words = {"desk": DESK, "now": event.ends_at, "actor": STAFF}

    with pytest.raises(actions.NothingToSay if kind is Kind.NEXT_STEPS else actions.NotClosedYet):
        actions.write_letter(session, event.id, kind, note="  ", **words)
    chain.close_event(session, event.id, now=event.ends_at, actor=STAFF)
    done = actions.write_letter(session, event.id, kind, note="See https://example.org/next", **words)

    mailing = mail.read_mailing(session, done.mailing_id)
    assert set(slots_of(session, done.mailing_id)) == {came}
    assert (mailing.state, mailing.semantics) == (MailingState.DRAFT, Semantics.AT_MOST_ONCE)
    assert mailing.facts["note"] == "See https://example.org/next"


def test_one_person_uninvited_gets_a_cancel_of_their_own(session):
    event = add_event(session)
    first, *_others = invite(session, event)

    actions.withdraw(session, first, desk=DESK, now=NOW, actor=STAFF)

    (mailing,) = mailings(session, event, Kind.CANCELLATION)
    calendar = slots_of(session, mailing.id)[first]["calendar"]
    assert (calendar["method"], calendar["sequence"], calendar["whole_event"]) == ("CANCEL", 1, False)
    assert events.read_event(session, event.id).sequence == 0  # nobody else's calendar is touched


def test_a_substitute_is_invited_in_the_others_place(session):
    event = add_event(session)
    first, *_others = invite(session, event)
    (grace,) = add_people(session, 1, prefix="grace")

    actions.substitute(session, first, grace, desk=DESK, now=NOW, actor=STAFF)

    second = invitations.find(session, event.id, grace)
    before = invitations.read(session, first)
    assert (second.substitute_for, before.substituted_by, status(before)) == (first, second.id, "substituted")


def test_dropping_a_draft_lets_people_be_invited_again(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 3))
    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    actions.discard(session, done.mailing_id, now=NOW, actor=STAFF)

    again = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)

    assert (again.queued, again.counts()) == (3, {})


def test_what_the_relay_says_stands_on_the_invitation(session):
    event = add_event(session)
    refs = invite(session, event)
    results = zip(refs, (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN), strict=True)

    actions.note_deliveries(session, list(results))

    letters = [invitations.read(session, ref).letter for ref in refs]
    assert letters == [LetterState.SENT, LetterState.BOUNCED, LetterState.UNKNOWN]


def test_a_late_confirmation_that_could_not_leave_does_not_undo_the_invitation(session):
    event = add_event(session)
    first, *_others = invite(session, event)

    actions.note_deliveries(session, [(first, DeliveryState.FAILED)])

    assert invitations.read(session, first).letter is LetterState.SENT


def test_the_sample_project_holds_its_planned_letters(session):
    from tests.factories import add_project

    event = add_event(session, project_id=add_project(session, is_sample=True))

    assert {p.held for p in planned_letters.read(session, event.id)} == {True}


def test_after_the_start_nobody_is_invited(session):
    event = add_event(session)
    list_id = add_list(session, add_people(session, 1))

    with pytest.raises(EventClosed):
        actions.invite_list(session, event.id, list_id, desk=DESK, now=event.starts_at, actor=STAFF)
