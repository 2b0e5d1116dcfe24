"""A guest's main address changes: what stands in a calendar is cancelled at the old one and sent to the new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.events.values import Event
from service.invitations import store as invitations
from service.invitations.values import LetterState
from service.letters import actions, changes, readdressing
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.store import read_suppressions
from service.mail.values import DeliveryState, SuppressionReason
from service.people.values import Person
from tests.factories import DESK, NOW, STAFF, add_event, add_people
from tests.letters.test_actions import NO, YES, sent

OLD, NEW = "guest0@example.org", "maria@halden.example"
LATER = NOW + timedelta(hours=1)
Told = list[tuple[str, str, str, int, str]]


def move(session: Session, person_id: str, to: str = NEW, **more: Any) -> Person:
    return readdressing.update_person(session, person_id, {"email": to}, desk=DESK, now=LATER, actor=STAFF, **more)


def invited(session: Session, event: Event, *, leaves: bool = True) -> tuple[str, str]:
    """Invite one person; return their id and the invitation's."""
    (person_id,) = add_people(session, 1)
    done = actions.invite_people(session, event.id, [person_id], desk=DESK, now=NOW, actor=STAFF)
    assert done.mailing_id
    if leaves:
        sent(session, done.mailing_id)
    (line,) = mail.read_deliveries(session, done.mailing_id)
    return person_id, line.recipient_ref


def send_all(session: Session, event: Event) -> None:
    for mailing in mail.read_mailings(session, context=f"event:{event.id}"):
        sent(session, mailing.id)


def waiting(session: Session, event: Event) -> Told:
    """Return the letters that wait, the oldest first: kind, address, method, SEQUENCE, PARTSTAT."""
    found = []
    for mailing in mail.read_mailings(session, context=f"event:{event.id}"):
        for line in mail.read_deliveries(session, mailing.id):
            letter = mail.read_delivery(session, line.id)
            asked = letter.slots["calendar"]
            if letter.state is DeliveryState.QUEUED:
                found.append((mailing.kind, letter.address, asked["method"], asked["sequence"], asked["partstat"]))
    return sorted(found, key=lambda one: one[3])


def test_the_entry_leaves_the_old_calendar_and_comes_to_the_new(session: Session) -> None:
    event = add_event(session)
    person_id, invitation_id = invited(session, event)

    move(session, person_id)

    assert waiting(session, event) == [
        ("readdressed", OLD, "CANCEL", 1, "NEEDS-ACTION"),
        ("invitation", NEW, "REQUEST", 2, "NEEDS-ACTION"),
    ]
    assert invitations.read(session, invitation_id).sequence_sent == 2


def test_an_answer_goes_along(session: Session) -> None:
    event = add_event(session)
    person_id, invitation_id = invited(session, event)
    actions.take_answer(session, invitation_id, YES, desk=DESK, now=NOW, actor=STAFF)
    send_all(session, event)

    move(session, person_id)

    assert waiting(session, event) == [
        ("readdressed", OLD, "CANCEL", 1, "ACCEPTED"),
        ("confirmation", NEW, "REQUEST", 2, "ACCEPTED"),
    ]


def test_a_letter_that_waits_goes_to_the_new_address_by_itself(session: Session) -> None:
    event = add_event(session)
    person_id, _invitation_id = invited(session, event, leaves=False)

    move(session, person_id)

    assert waiting(session, event) == [("invitation", NEW, "REQUEST", 0, "NEEDS-ACTION")]


def test_a_slip_put_right_at_once_writes_to_no_stranger(session: Session) -> None:
    event = add_event(session)
    person_id, _invitation_id = invited(session, event)

    move(session, person_id, "mraia@halden.example")
    move(session, person_id)

    assert waiting(session, event) == [
        ("readdressed", OLD, "CANCEL", 1, "NEEDS-ACTION"),
        ("invitation", NEW, "REQUEST", 2, "NEEDS-ACTION"),
    ]


def test_a_letter_that_came_back_is_sent_again_and_nothing_is_cancelled(session: Session) -> None:
    event = add_event(session)
    person_id, invitation_id = invited(session, event)
    (line,) = mail.read_deliveries(session, mail.read_mailings(session, context=f"event:{event.id}")[0].id)
    mail.apply_bounce(session, line.id, "5.1.1", now=NOW)
    actions.note_deliveries(session, [(invitation_id, DeliveryState.BOUNCED)])

    move(session, person_id)

    assert waiting(session, event) == [("invitation", NEW, "REQUEST", 1, "NEEDS-ACTION")]
    assert invitations.read(session, invitation_id).letter is LetterState.QUEUED


def test_a_cancellation_goes_where_the_entry_is(session: Session) -> None:
    event = add_event(session)
    person_id, invitation_id = invited(session, event)
    actions.withdraw(session, invitation_id, desk=DESK, now=NOW, actor=STAFF)

    move(session, person_id)

    assert waiting(session, event) == [("cancellation", OLD, "CANCEL", 1, "NEEDS-ACTION")]


@pytest.mark.parametrize("to", ["GUEST0@example.org", OLD], ids=["another case", "the same"])
def test_the_same_address_written_another_way_is_no_move(session: Session, to: str) -> None:
    event = add_event(session)
    person_id, _invitation_id = invited(session, event)

    move(session, person_id, to)

    assert waiting(session, event) == []


def test_who_declined_or_whose_event_is_over_gets_no_letter(session: Session) -> None:
    declined, begun, off = (add_event(session, title=f"Seminar {n}") for n in (1, 2, 3))
    (person_id,) = add_people(session, 1)
    for event in (declined, begun, off):
        done = actions.invite_people(session, event.id, [person_id], desk=DESK, now=NOW, actor=STAFF)
        sent(session, done.mailing_id or "")
    changes.cancel_event(session, off.id, reason="storm", desk=DESK, now=NOW, actor=STAFF)
    found = invitations.find(session, declined.id, person_id)
    assert found
    actions.take_answer(session, found.id, NO, desk=DESK, now=NOW, actor=STAFF)
    for event in (declined, off):
        send_all(session, event)

    after = begun.starts_at + timedelta(minutes=1)
    readdressing.update_person(session, person_id, {"email": NEW}, desk=DESK, now=after, actor=STAFF)

    assert [waiting(session, event) for event in (declined, begun, off)] == [[], [], []]


def test_a_no_follows_to_the_new_address_and_a_dead_mailbox_does_not(session: Session) -> None:
    (person_id,) = add_people(session, 1)
    key = DESK.address_key
    for scope, reason in (("all", SuppressionReason.BOUNCED), ("purpose:events", SuppressionReason.OBJECTED)):
        mail.suppress(session, OLD, scope, reason, address_key=key, now=NOW, actor=STAFF)

    move(session, person_id)

    stops = [(stop.scope, stop.reason) for stop in read_suppressions(session, mail.hash_of(NEW, key))]
    assert stops == [("purpose:events", SuppressionReason.OBJECTED)]


def test_what_comes_back_from_the_old_address_says_nothing_of_the_new(session: Session) -> None:
    event = add_event(session)
    person_id, invitation_id = invited(session, event)
    move(session, person_id)
    told, asked = (
        next(
            m.id
            for m in mail.read_mailings(session, context=f"event:{event.id}")
            if m.kind == kind and m.created_at == LATER
        )
        for kind in (Kind.READDRESSED, Kind.INVITATION)
    )
    sent(session, asked)
    (line,) = mail.read_deliveries(session, told)

    actions.note_deliveries(session, [(line.recipient_ref, DeliveryState.BOUNCED)])

    assert (line.recipient_ref, invitations.read(session, invitation_id).letter) == (person_id, LetterState.SENT)
