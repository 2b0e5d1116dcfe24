"""Another link to join, once joining details are out: those who hold the old one are told, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.values import Answer, Source
from service.letters import actions, changes
from service.letters.changes import ReasonWanted
from service.letters.rules import gives_up_at
from service.letters.values import Kind
from service.mail import actions as mail
from tests.factories import DESK, NOW, STAFF, add_event, make_event
from tests.letters.test_actions import NO, YES, invite, mailings, sent, slots_of
from tests.mail.cast import composer

OLD, NEW = "https://meet.example.org/seminar-2", "https://meet.example.org/another"
MAYBE = Answer(PartStat.TENTATIVE, Source.LINK)


def joined(session: Session, count: int = 1, of: int = 3, **wishes: Any) -> tuple[Any, list[str]]:
    """Store an event whose first guests said yes and have the joining details; return it and the invitations."""
    people = {"language": "en", **wishes.pop("people", {})}
    event = add_event(session, **wishes)
    guests = invite(session, event, of, **people)
    for invitation_id in guests[:count]:
        answer(session, invitation_id, YES)
    done = actions.write_letter(session, event.id, "joining", desk=DESK, now=NOW, actor=STAFF)
    sent(session, done.mailing_id)
    return event, guests


def answer(session: Session, invitation_id: str, said: Answer) -> None:
    actions.take_answer(session, invitation_id, said, desk=DESK, now=NOW, actor="guest:x")


def change(session: Session, event, **options: Any):
    wishes = options.pop("wishes", {"online_url": NEW})
    return changes.change_event(session, event.id, wishes, **options, desk=DESK, now=NOW, actor=STAFF)


def letters(session: Session, mailing_id: str) -> dict[str, Any]:
    """Return each letter of a mailing as its reader gets it, by invitation."""
    mailing, made = mail.read_mailing(session, mailing_id), composer()
    lines = mail.read_deliveries(session, mailing_id)
    return {one.recipient_ref: made.compose(mailing, mail.read_delivery(session, one.id)) for one in lines}


def confirmation(session: Session, event, invitation_id: str, said: Answer) -> str:
    """Answer once more; return the calendar file of the confirmation, unfolded."""
    before = {one.id for one in mailings(session, event, Kind.CONFIRMATION)}
    answer(session, invitation_id, said)
    (mailing_id,) = {one.id for one in mailings(session, event, Kind.CONFIRMATION)} - before
    return letters(session, mailing_id)[invitation_id].ics.decode().replace("\r\n ", "")


def test_who_answers_again_keeps_the_link_until_they_say_no(session):
    event, (holder, other, _third) = joined(session)

    assert OLD in confirmation(session, event, holder, MAYBE)
    assert OLD not in confirmation(session, event, other, YES)
    assert OLD not in confirmation(session, event, holder, NO)


def test_those_who_hold_the_old_link_are_told_the_new_one_and_nobody_else(session):
    event, (holder, *_others) = joined(session)

    plan = changes.preview_change(session, event.id, {"online_url": NEW}, now=NOW)
    done = change(session, event)

    assert (plan.tell_count, [(one.status, one.gets) for one in plan.told]) == (
        1,
        [("accepted", "letter-and-calendar"), ("sent", "nothing")],
    )
    assert (done.told, done.edit.diff.change, done.edit.after.sequence) == (1, "cosmetic", event.sequence)
    ((ref, letter),) = letters(session, done.mailing_id).items()
    assert ref == holder
    assert f"  until now: {OLD}\n  now: {NEW}\n" in letter.text
    assert f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{NEW}" in letter.ics.decode().replace("\r\n ", "")


def test_a_link_keeps_the_sequence_and_the_answer(session):
    event, (holder, *_others) = joined(session)
    before = invitations.read(session, holder)

    change(session, event)

    after = invitations.read(session, holder)
    assert (after.partstat, after.asked_again, after.sequence_sent) == (
        PartStat.ACCEPTED,
        False,
        before.sequence_sent,
    )


def test_before_joining_details_are_out_a_link_tells_nobody(session):
    event = add_event(session)
    (guest,) = invite(session, event, 1)
    answer(session, guest, YES)

    done = change(session, event)

    assert (done.told, mailings(session, event, Kind.UPDATE)) == (0, [])


def test_joining_details_that_were_called_off_told_nobody_a_link(session):
    event = add_event(session)
    (guest,) = invite(session, event, 1)
    answer(session, guest, YES)
    waiting = actions.write_letter(session, event.id, "joining", desk=DESK, now=NOW, actor=STAFF)

    held = changes.preview_change(session, event.id, {"online_url": NEW}, now=NOW).tell_count
    actions.discard(session, waiting.mailing_id, now=NOW, actor=STAFF)

    assert (held, change(session, event).told) == (1, 0)


def test_who_has_said_no_since_is_not_told(session):
    event, (holder, *_others) = joined(session)
    answer(session, holder, NO)

    assert change(session, event).told == 0


@pytest.mark.parametrize(
    ("wishes", "people"),
    [({"privacy": "confidential"}, {}), ({}, {"at_risk": True})],
    ids=["event in confidence", "guest at risk"],
)
def test_in_discretion_only_a_yes_that_stands_is_told(session, wishes, people):
    event, guests = joined(session, count=2, people=people, **wishes)
    answer(session, guests[1], MAYBE)

    done = change(session, event)

    told = letters(session, done.mailing_id)
    assert list(told) == [guests[0]]
    assert NEW in told[guests[0]].text
    # Everyone else is told of a move, and of no link.
    moved = letters(session, change(session, event, wishes={"starts_at": "2027-01-29T14:00"}).mailing_id)
    shown = {ref: [link in f"{one.text}{one.html}{one.ics}" for link in (OLD, NEW)] for ref, one in moved.items()}
    assert shown == {guests[0]: [False, True], guests[1]: [False, False], guests[2]: [False, False]}


def test_who_is_unsure_now_and_had_the_link_in_the_open_is_told(session):
    event, (holder, *_others) = joined(session)
    answer(session, holder, MAYBE)

    assert list(letters(session, change(session, event).mailing_id)) == [holder]


def test_a_move_keeps_the_link_in_the_calendars_that_have_it(session):
    event, guests = joined(session)

    done = change(session, event, wishes={"starts_at": "2027-01-29T14:00"})

    shown = {ref: slots["show_link"] for ref, slots in slots_of(session, done.mailing_id).items()}
    assert shown == {guests[0]: True, guests[1]: False, guests[2]: False}


def test_a_second_link_is_told_too_and_one_taken_away(session):
    event, (holder, *_others) = joined(session)
    change(session, event)

    gone = change(session, event, wishes={"online_url": ""})
    back = change(session, event)

    ((_ref, letter),) = letters(session, gone.mailing_id).items()
    assert f"  until now: {NEW}\n  now: no link at present\n" in letter.text
    assert (back.told, list(letters(session, back.mailing_id))) == (1, [holder])


def test_keeping_another_link_quiet_needs_a_reason_once_somebody_holds_the_old(session):
    event, _guests = joined(session)

    with pytest.raises(ReasonWanted):
        change(session, event, notify=False)
    done = change(session, event, notify=False, reason="They know it already.")

    assert (done.told, mailings(session, event, Kind.UPDATE)) == (0, [])


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_the_link_is_told_in_the_readers_language(session, language):
    event, _guests = joined(session, people={"language": language})

    ((_ref, letter),) = letters(session, change(session, event).mailing_id).items()

    assert [OLD in letter.text, NEW in letter.text, NEW in letter.html] == [True] * 3


def test_what_is_told_of_a_change_may_leave_while_the_event_lasts():
    event = make_event()

    assert [gives_up_at(event, kind) for kind in (Kind.UPDATE, Kind.REMINDER, Kind.CANCELLATION, Kind.THANK_YOU)] == [
        event.ends_at,
        event.starts_at,
        None,
        None,
    ]
