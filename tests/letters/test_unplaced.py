"""Mail that could not be placed: what staff read, and what each press does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from service.ical.values import Address, PartStat
from service.invitations import store as invitations
from service.invitations.rules import EventClosed
from service.invitations.store import replies
from service.invitations.store.colleagues import read_wishes
from service.kernel.errors import Conflict
from service.letters import unplaced
from service.letters.store.intakes import AlreadySettled, UnknownIntake, count_waiting
from service.letters.unplaced import NotCounted, NotForThat
from service.mail import actions as mail
from service.mail.tables import IntakeMessage
from service.mail.values import MailingState, SuppressionReason
from service.people import store as people
from tests.factories import DESK, NOW, STAFF
from tests.letters.test_intake import guest, partstat, reply, take

BY = {"desk": DESK, "now": NOW, "actor": STAFF}


def waiting(session: Session) -> unplaced.Unplaced:
    (item,) = unplaced.read_queue(session)
    return item


def settled(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(select(IntakeMessage.settled, IntakeMessage.settled_by, IntakeMessage.raw))
    return [tuple(row) for row in rows]


def test_an_unverified_answer_is_counted_by_one_press_and_only_once(session):
    event, invitation_id, address = guest(session)
    take(session, reply(event.uid, address, sender="assistant@example.net"))
    item = waiting(session)

    unplaced.count(session, item.id, **BY)

    assert (item.sender, item.reply.attendee_email, item.invitation_id, item.event) == (
        "assistant@example.net",
        address,
        invitation_id,
        event,
    )
    assert partstat(session, invitation_id) is PartStat.ACCEPTED
    assert replies.read_replies(session, invitation_id)[0]["actor"] == STAFF
    assert settled(session) == [("counted", STAFF, None)]
    assert count_waiting(session) == 0
    with pytest.raises(AlreadySettled):
        unplaced.count(session, item.id, **BY)


def test_an_answer_older_than_the_guests_own_is_not_counted_and_goes_on_waiting(session):
    event, invitation_id, address = guest(session)
    take(session, reply(event.uid, address, partstat="DECLINED"))
    take(session, reply(event.uid, address, sender="x@example.net", stamp=NOW - timedelta(hours=1)))

    with pytest.raises(NotCounted) as refused:
        unplaced.count(session, waiting(session).id, **BY)

    assert refused.value.facts["reason"] == "stale"
    assert partstat(session, invitation_id) is PartStat.DECLINED


def test_no_answer_is_counted_once_the_event_has_begun(session):
    event, _invitation, address = guest(session)
    take(session, reply(event.uid, address, sender="x@example.net"))

    with pytest.raises(EventClosed):
        unplaced.count(session, waiting(session).id, **{**BY, "now": event.starts_at})


def test_someone_not_invited_is_invited_by_one_press_and_nothing_leaves_unread(session):
    event, _invitation, _address = guest(session)
    words = reply(event.uid, "newcomer@example.org").replace(b"ATTENDEE;", b"ATTENDEE;CN=Nia Newcomer;")
    take(session, words)

    done = unplaced.invite(session, waiting(session).id, **BY)

    (person_id,) = (i.person_id for i in invitations.read_of_event(session, event.id) if i.letter != "sent")
    person = people.read_person(session, person_id)
    assert (person.name, person.email, person.source) == ("Nia Newcomer", "newcomer@example.org", unplaced.SOURCE)
    assert (done.queued, mail.read_mailing(session, done.mailing_id).state) == (1, MailingState.DRAFT)
    assert settled(session) == [("invited", STAFF, None)]


def test_someone_who_wants_no_letters_is_not_invited_by_having_answered(session):
    event, _invitation, _address = guest(session)
    stopped = SuppressionReason.UNSUBSCRIBED
    mail.suppress(session, "no@example.org", "all", stopped, address_key=DESK.address_key, now=NOW, actor=STAFF)
    take(session, reply(event.uid, "no@example.org"))

    with pytest.raises(Conflict) as refused:
        unplaced.invite(session, waiting(session).id, **BY)

    assert refused.value.facts["skipped"] == ["suppressed"]


@pytest.mark.parametrize("press", [unplaced.count, unplaced.invite], ids=["count", "invite"])
def test_a_letter_from_a_person_is_read_and_set_aside(session, press):
    raw = "From: Ann <ann@example.org>\r\nSubject: =?utf-8?q?Une_id=C3=A9e?=\r\n\r\nDear all,\r\n\r\ncan I come?\r\n"
    take(session, raw.encode())
    item = waiting(session)

    with pytest.raises(NotForThat):
        press(session, item.id, **BY)
    unplaced.set_aside(session, item.id, now=NOW, actor=STAFF)

    assert (item.sender, item.subject, item.text) == ("ann@example.org", "Une idée", "Dear all,\n\ncan I come?")
    assert settled(session) == [("aside", STAFF, None)]


def test_an_answer_to_an_event_of_others_cannot_be_invited(session):
    guest(session)
    take(session, reply("other@example.com", "x@example.org"))

    with pytest.raises(NotForThat):
        unplaced.invite(session, waiting(session).id, **BY)


def test_an_outlook_file_only_outlook_reads_says_so(session):
    head = 'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\n\r\n'
    take(session, head.encode() + b"x")

    assert (waiting(session).verdict, waiting(session).reason) == ("unknown", "winmail-dat")


def test_the_same_message_waits_once(session):
    event, _invitation, address = guest(session)
    raw = reply(event.uid, address, sender="x@example.net")
    take(session, raw)

    assert take(session, raw).reason == "repeated"
    assert count_waiting(session) == 1


def test_what_decides_itself_waits_for_nobody(session):
    event, _invitation, address = guest(session)
    take(session, reply(event.uid, address, stamp=NOW))
    take(session, reply(event.uid, address, stamp=NOW - timedelta(days=1)), now=NOW + timedelta(minutes=1))
    take(session, reply(event.uid, address), now=event.starts_at)
    take(session, b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n")

    assert unplaced.read_queue(session) == []


def test_a_delegation_becomes_a_wish_that_staff_decide(session):
    event, invitation_id, address = guest(session)
    passed = reply(event.uid, address, partstat="DELEGATED").replace(
        b"PARTSTAT", b'DELEGATED-TO="mailto:joe.k@example.org";PARTSTAT'
    )

    taken = take(session, passed)

    (wish,) = read_wishes(session, invitation_id)
    assert (taken.applied, taken.reason) == (True, "delegated")
    assert Address(wish.email, wish.name) == Address("joe.k@example.org", "Joe K")
    assert partstat(session, invitation_id) is PartStat.NEEDS_ACTION
    assert len(invitations.read_of_event(session, event.id)) == 1


def test_a_message_nobody_has_is_unknown(session):
    with pytest.raises(UnknownIntake):
        unplaced.set_aside(session, "01" + "0" * 24, now=NOW, actor=STAFF)
