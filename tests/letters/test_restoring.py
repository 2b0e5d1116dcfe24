"""After a backup was restored nothing leaves by itself that may have left before."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from service.invitations import store as invitations
from service.invitations.values import LetterState
from service.letters import actions
from service.letters.restoring import REASON, Calmed, calm
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.values import DeliveryState, MailingState
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people
from tests.letters.test_actions import invite

LATER = NOW + timedelta(hours=1)


def states(session: Session, mailing_id: str) -> tuple[MailingState, set[DeliveryState]]:
    view = mail.read_mailing(session, mailing_id)
    return view.state, {line.state for line in mail.read_deliveries(session, mailing_id)}


def test_what_waited_is_unsure_what_has_its_day_waits_for_a_look(session: Session) -> None:
    event = add_event(session)
    due_list = add_list(session, add_people(session, 3, prefix="due"))
    due = actions.invite_list(session, event.id, due_list, desk=DESK, now=NOW, actor=STAFF).mailing_id
    draft_list = add_list(session, add_people(session, 2, prefix="draft"), key="draft")
    draft = actions.invite_list(session, event.id, draft_list, desk=DESK, now=NOW, actor=STAFF).mailing_id
    other = add_event(session, title="Another")
    gone = invite(session, other, 1, prefix="gone")
    tomorrow = actions.write_letter(
        session, other.id, "message", subject="Hello", body="To all.", desk=DESK, now=NOW, actor=STAFF
    ).mailing_id
    assert due
    assert draft
    assert tomorrow
    actions.approve(session, due, desk=DESK, now=NOW, actor=STAFF)
    mail.approve(session, tomorrow, undo_seconds=0, send_at=NOW + timedelta(days=1), now=NOW, actor=STAFF)

    found = calm(session, now=LATER, actor="system")

    assert states(session, due) == (MailingState.DONE, {DeliveryState.UNKNOWN})
    assert states(session, tomorrow) == (MailingState.PAUSED, {DeliveryState.QUEUED})
    assert mail.read_mailing(session, tomorrow).pause_reason == REASON
    assert states(session, draft) == (MailingState.DRAFT, {DeliveryState.QUEUED})
    letters = {i.id: i.letter for i in invitations.read_of_event(session, event.id)}
    assert sorted(letters.values()) == [LetterState.QUEUED] * 2 + [LetterState.UNKNOWN] * 3
    assert [(i.id, i.letter) for i in invitations.read_of_event(session, other.id)] == [(gone[0], LetterState.SENT)]
    assert found == Calmed(unsure=3, paused=1, held=0)
    assert calm(session, now=LATER, actor="system") == Calmed(0, 0, 0)


def test_a_reminder_whose_day_has_come_is_held(session: Session) -> None:
    event = add_event(session)
    reminder = next(p for p in planned_letters.read(session, event.id) if p.kind is Kind.REMINDER)

    found = calm(session, now=reminder.due_at, actor="system")

    held = {p.kind for p in planned_letters.read(session, event.id) if p.held}
    assert (found.held, Kind.REMINDER in held, Kind.THANK_YOU in held) == (len(held), True, False)
    assert planned_letters.read_due(session, now=reminder.due_at) == []


def test_an_unsure_letter_can_be_sent_again(session: Session) -> None:
    event = add_event(session)
    mailing = actions.invite_list(
        session, event.id, add_list(session, add_people(session, 1)), desk=DESK, now=NOW, actor=STAFF
    ).mailing_id
    assert mailing
    actions.approve(session, mailing, desk=DESK, now=NOW, actor=STAFF)
    calm(session, now=LATER, actor="system")

    (line,) = mail.read_deliveries(session, mailing)
    mail.resend(session, line.id, now=LATER, actor=STAFF)

    assert states(session, mailing) == (MailingState.RUNNING, {DeliveryState.QUEUED})
