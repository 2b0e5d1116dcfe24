"""Mail that comes in: whose answer it is, what is counted, and what a forger gets."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.store import replies
from service.invitations.values import LetterState
from service.kernel.tokens import Keyring
from service.letters import store, unplaced
from service.letters.actions import NobodyToWriteTo, write_letter
from service.letters.intake import take_in
from service.letters.unplaced import read_queue
from service.letters.values import Taken
from service.mail import actions as mail
from service.mail.addresses import Addresses
from service.mail.values import Ground, SuppressionReason
from tests.factories import DESK, NOW, STAFF, add_event
from tests.letters.test_actions import invite

KEYRING = Keyring(b"k" * 32)
ADDRESSES = Addresses(KEYRING, "https://seminars.example.org", "rsvp@example.org")

REPLY = """From: {sender}
To: {to}
Subject: Accepted
MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method={method}

BEGIN:VCALENDAR
METHOD:{method}
VERSION:2.0
PRODID:-//Some//Calendar//EN
BEGIN:VEVENT
UID:{uid}
SEQUENCE:{sequence}
DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}
ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}
END:VEVENT
END:VCALENDAR
"""
BOUNCE = """From: MAILER-DAEMON@example.net
To: {to}
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; guest0@example.org
Action: {action}
Status: {status}
--b--
"""


def guest(session: Session):
    """Return an event, and the invitation and address of its one guest."""
    event = add_event(session)
    (invitation_id,) = invite(session, event, 1)
    return event, invitation_id, "guest0@example.org"


def reply(uid: str, address: str, **wishes) -> bytes:
    words = {
        "sender": address,
        "to": "rsvp@example.org",
        "method": "REPLY",
        "uid": uid,
        "sequence": 0,
        "stamp": NOW,
        "partstat": "ACCEPTED",
        "attendee": address,
    }
    return REPLY.format(**{**words, **wishes}).encode()


def take(session: Session, raw: bytes, *, now: datetime = NOW) -> Taken:
    return take_in(session, raw, desk=DESK, keyring=KEYRING, now=now)


def partstat(session: Session, invitation_id: str) -> PartStat:
    return invitations.read(session, invitation_id).partstat


def test_an_answer_from_the_invited_address_counts(session):
    event, invitation_id, address = guest(session)

    taken = take(session, reply(event.uid, address))

    assert (taken.verdict, taken.applied, taken.reason) == ("reply", True, "")
    assert partstat(session, invitation_id) is PartStat.ACCEPTED


def test_case_does_not_matter_in_addresses(session):
    event, invitation_id, address = guest(session)

    taken = take(session, reply(event.uid, address.upper()))

    assert taken.applied
    assert partstat(session, invitation_id) is PartStat.ACCEPTED


def test_the_tag_in_the_address_proves_the_answer_whoever_mails_it(session):
    event, invitation_id, _address = guest(session)
    to = ADDRESSES.rsvp(invitation_id)

    taken = take(session, reply(event.uid, "assistant@example.org", to=to, attendee="someone@example.org"))

    assert taken.applied
    assert partstat(session, invitation_id) is PartStat.ACCEPTED


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        pytest.param({"sender": "mallory@example.org"}, "unverified", id="another sender"),
        pytest.param({"attendee": "x@example.org", "sender": "x@example.org"}, "not-invited", id="never invited"),
        pytest.param({"uid": "other@example.org"}, "not-invited", id="unknown event"),
        pytest.param({"partstat": "DELEGATED"}, "for-the-manager", id="passed on to nobody"),
        pytest.param({"method": "COUNTER"}, "for-the-manager", id="another time"),
    ],
)
def test_an_answer_that_proves_nothing_waits_for_the_manager(session, wishes, reason):
    event, invitation_id, address = guest(session)

    taken = take(session, reply(**{"uid": event.uid, "address": address, **wishes}))

    verdict = wishes.get("method", "REPLY").lower()
    assert (taken.verdict, taken.applied, taken.reason) == (verdict, False, reason)
    assert partstat(session, invitation_id) is PartStat.NEEDS_ACTION
    assert [waiting.reason for waiting in read_queue(session)] == [reason]


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        (":20270128T140000Z", True),
        (";TZID=W. Europe Standard Time:20270128T150000", True),
        (":20270129T140000Z", False),
    ],
    ids=["its own", "its own by another clock", "another"],
)
def test_an_answer_for_one_date_counts_for_that_date_only(session, written, counted):
    event, invitation_id, address = guest(session)
    raw = reply(event.uid, address).replace(b"END:VEVENT", f"RECURRENCE-ID{written}\nEND:VEVENT".encode())

    taken = take(session, raw)

    assert (taken.applied, taken.reason) == (counted, "" if counted else "other-date")
    assert partstat(session, invitation_id) is (PartStat.ACCEPTED if counted else PartStat.NEEDS_ACTION)
    if not counted:
        unplaced.count(session, read_queue(session)[0].id, desk=DESK, now=NOW, actor=STAFF)
        assert partstat(session, invitation_id) is PartStat.ACCEPTED


@pytest.mark.parametrize(
    ("written", "counted"),
    [(";VALUE=DATE:20270303", True), (":20270302T220000Z", True), (";VALUE=DATE:20270304", False)],
    ids=["its first day", "the moment that begins", "another day"],
)
def test_an_answer_for_a_whole_day_counts_for_that_day_only(session, written, counted):
    event = add_event(session, whole_day=True, starts_at="2027-03-03", ends_at="2027-03-05", time_zone="Asia/Beirut")
    (invitation_id,) = invite(session, event, 1)
    raw = reply(event.uid, "guest0@example.org").replace(b"END:VEVENT", f"RECURRENCE-ID{written}\nEND:VEVENT".encode())

    taken = take(session, raw)

    assert (taken.applied, taken.reason) == (counted, "" if counted else "other-date")
    assert partstat(session, invitation_id) is (PartStat.ACCEPTED if counted else PartStat.NEEDS_ACTION)


@pytest.mark.parametrize("attendee", ["invalid:nomail", "/o=Example/ou=Exchange/cn=Recipients/cn=guest0"])
def test_an_answer_without_an_address_is_its_senders(session, attendee):
    event, invitation_id, address = guest(session)
    raw = reply(event.uid, address).replace(f"mailto:{address}".encode(), attendee.encode())

    assert take(session, raw).applied
    assert partstat(session, invitation_id) is PartStat.ACCEPTED


def test_a_tag_with_a_wrong_check_proves_nothing(session):
    event, invitation_id, _address = guest(session)
    forged = ADDRESSES.rsvp(invitation_id).replace("@", "0@")

    taken = take(session, reply(event.uid, "mallory@example.org", to=forged, attendee="mallory@example.org"))

    assert (taken.applied, taken.reason) == (False, "not-invited")


def test_the_same_message_twice_is_done_once(session):
    event, invitation_id, address = guest(session)
    raw = reply(event.uid, address)
    take(session, raw)

    again = take(session, raw)

    assert (again.applied, again.reason) == (False, "repeated")
    assert len(replies.read_replies(session, invitation_id)) == 1


def test_a_change_of_mind_counts_in_whichever_order_it_arrives(session):
    event, invitation_id, address = guest(session)
    first = reply(event.uid, address, stamp=NOW)
    second = reply(event.uid, address, partstat="DECLINED", stamp=NOW + timedelta(minutes=5))
    later = NOW + timedelta(minutes=10)

    take(session, second, now=later)
    overtaken = take(session, first, now=later)

    assert (overtaken.applied, overtaken.reason) == (False, "stale")
    assert partstat(session, invitation_id) is PartStat.DECLINED


def test_an_answer_after_the_start_is_kept_and_not_counted(session):
    event, invitation_id, address = guest(session)

    taken = take(session, reply(event.uid, address), now=event.starts_at)

    assert (taken.applied, taken.reason) == (False, "event-closed")
    assert partstat(session, invitation_id) is PartStat.NEEDS_ACTION


def delivery_of(session: Session, invitation_id: str) -> str:
    return store.read_letters_of(session, invitation_id)[0]["id"]


def test_a_bounce_to_our_tagged_address_marks_the_invitation(session):
    _event, invitation_id, _address = guest(session)
    to = ADDRESSES.returns(delivery_of(session, invitation_id))

    taken = take(session, BOUNCE.format(to=to, action="failed", status="5.1.1").encode())

    assert (taken.verdict, taken.applied) == ("bounce", True)
    assert invitations.read(session, invitation_id).letter is LetterState.BOUNCED


@pytest.mark.parametrize(
    ("status", "reasons"),
    [("5.1.1", [SuppressionReason.BOUNCED]), ("5.2.2", []), ("5.7.1", []), ("4.4.7", []), ("5.0.0", [])],
    ids=["no such mailbox", "full", "policy", "too old", "nobody says why"],
)
def test_only_an_address_without_a_mailbox_gets_no_more_letters_until_staff_say_so(session, status, reasons):
    _event, invitation_id, address = guest(session)
    to = ADDRESSES.returns(delivery_of(session, invitation_id))

    taken = take(session, BOUNCE.format(to=to, action="failed", status=status).encode())

    stops = mail.read_stops(session, address, address_key=DESK.address_key)
    assert taken.applied is True
    assert [stop.reason for stop in stops] == reasons
    for stop in stops:
        mail.lift_by_staff(
            session, address, stop.scope, Ground.WORKS, address_key=DESK.address_key, now=NOW, actor=STAFF
        )
    assert mail.read_stops(session, address, address_key=DESK.address_key) == []


@pytest.mark.parametrize(
    ("to", "action", "status"),
    [("rsvp@example.org", "failed", "5.1.1"), ("{tagged}", "delayed", "4.2.2"), ("{forged}", "failed", "5.1.1")],
    ids=["no tag", "only delayed", "forged tag"],
)
def test_a_forged_or_soft_bounce_changes_nothing(session, to, action, status):
    _event, invitation_id, _address = guest(session)
    tagged = ADDRESSES.returns(delivery_of(session, invitation_id))
    forged = tagged.replace("@", "0@")

    taken = take(
        session, BOUNCE.format(to=to.format(tagged=tagged, forged=forged), action=action, status=status).encode()
    )

    assert (taken.verdict, taken.applied) == ("bounce", False)
    assert invitations.read(session, invitation_id).letter is LetterState.SENT


def test_what_is_no_answer_is_kept_with_its_reason(session):
    taken = take(session, b"From: a@example.org\r\nSubject: Hello\r\n\r\nHello\r\n")

    assert (taken.verdict, taken.applied) == ("unknown", False)
    assert [(w.sender, w.subject, w.text) for w in read_queue(session)] == [("a@example.org", "Hello", "Hello")]


def test_an_answer_by_mail_is_confirmed_by_letter_as_one_by_link_is(session):
    event, invitation_id, address = guest(session)

    take(session, reply(event.uid, address))

    kinds = [row["kind"] for row in store.read_letters_of(session, invitation_id)]
    assert kinds == ["invitation", "confirmation"]
    assert mail.read_mailings(session, context=f"event:{event.id}")[0].created_by == "system"


def test_a_mail_to_the_stop_address_of_a_letter_stops_letters_like_it(session):
    event, invitation_id, _address = guest(session)
    to = ADDRESSES.stops(delivery_of(session, invitation_id))

    taken = take(session, f"From: a@example.org\r\nTo: {to}\r\nSubject: unsubscribe\r\n\r\n".encode())

    assert (taken.applied, taken.reason) == (True, "unsubscribed")
    assert invitations.read(session, invitation_id).unsubscribed is True
    with pytest.raises(NobodyToWriteTo):
        write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF)


@pytest.mark.parametrize("tag", ["u.{id}.0000000000000000", "u.nothing.0000000000000000"])
def test_a_forged_stop_address_stops_nothing(session, tag):
    event, invitation_id, _address = guest(session)
    to = f"rsvp+{tag.format(id=delivery_of(session, invitation_id))}@example.org"

    taken = take(session, f"From: a@example.org\r\nTo: {to}\r\nSubject: unsubscribe\r\n\r\n".encode())

    assert taken.applied is False
    assert write_letter(session, event.id, "reminder", desk=DESK, now=NOW, actor=STAFF).queued == 1
