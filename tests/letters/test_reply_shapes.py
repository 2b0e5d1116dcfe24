"""Answers as the mail of five makers of calendars carries them: each is heard, whichever it is.

The shapes are written after how these programs answer; the words in them are ours.
"""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from sqlmodel import Session

from service.ical.values import PartStat
from tests.factories import NOW
from tests.letters.test_intake import ADDRESSES, guest, partstat, take

WORDS = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}
HEAD = "From: Maria <{sender}>\r\nTo: {to}\r\nSubject: {word}: {title}\r\nMIME-Version: 1.0\r\n"


def lines(*said: str, end: str = "\r\n") -> str:
    return end.join((*said, ""))


def outlook(**facts: str) -> str:
    """Exchange: base64, zones by Windows names, no ORGANIZER and no DTSTAMP."""
    calendar = lines(
        "BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        "BEGIN:VEVENT",
        "ATTENDEE;PARTSTAT={partstat};CN=Maria:mailto:{attendee}", "UID:{uid}",
        "SUMMARY;LANGUAGE=en-GB:{word}: {title}",
        "DTSTART;TZID=GMT Standard Time:20270128T140000", "DTEND;TZID=GMT Standard Time:20270128T160000",
        "SEQUENCE:{sequence}", "X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}", "END:VEVENT", "END:VCALENDAR",
    ).format(**facts)  # fmt: skip
    body = base64.encodebytes(calendar.encode()).decode()
    kind = 'Content-Type: text/calendar; charset="utf-8"; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    auto = "Auto-Submitted: auto-generated\r\n"
    return HEAD.format(**facts) + auto + alternative("Gladly.", kind + body)


def google(**facts: str) -> str:
    """Google: the file twice, in the alternative and attached, and the comment in a parameter."""
    calendar = lines(
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        "METHOD:REPLY", "BEGIN:VEVENT", "DTSTART:20270128T140000Z", "DTEND:20270128T160000Z", "DTSTAMP:{stamp}",
        "ORGANIZER:mailto:rsvp@example.org", "UID:{uid}",
        'ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT={partstat};X-RESPONSE-COMMENT="See you":mailto:{attendee}',
        "SEQUENCE:{sequence}", "STATUS:CONFIRMED", "SUMMARY:{title}", "END:VEVENT", "END:VCALENDAR",
    ).format(**facts)  # fmt: skip
    inline = f"Content-Type: text/calendar; charset=UTF-8; method=REPLY\r\n\r\n{calendar}"
    inner = alternative("Maria has answered.", inline, boundary="in")
    attached = 'Content-Type: application/ics; name="invite.ics"\r\nContent-Disposition: attachment\r\n\r\n' + calendar
    return (
        HEAD.format(**facts)
        + f'Content-Type: multipart/mixed; boundary="out"\r\n\r\n--out\r\n{inner}\r\n--out\r\n{attached}\r\n--out--\r\n'
    )


def apple(**facts: str) -> str:
    """Apple: nested, LF only, no method in the type."""
    calendar = lines(
        "BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "METHOD:REPLY", "PRODID:-//Apple Inc.//macOS 14.0//EN", "VERSION:2.0",
        "BEGIN:VEVENT", "ATTENDEE;CN=Maria;CUTYPE=INDIVIDUAL;PARTSTAT={partstat}:MAILTO:{attendee}", "DTSTAMP:{stamp}",
        "DTSTART;TZID=Europe/London:20270128T140000", "ORGANIZER:mailto:rsvp@example.org", "SEQUENCE:{sequence}",
        "UID:{uid}", "END:VEVENT", "END:VCALENDAR", end="\n",
    ).format(**facts)  # fmt: skip
    kind = "Content-Type: text/calendar; charset=utf-8; name=iCal.ics\r\nContent-Disposition: attachment"
    part = f"{kind}\r\n\r\n{calendar}"
    inner = f'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\n{part}\r\n--in--\r\n'
    return (
        HEAD.format(**facts) + f'Content-Type: multipart/alternative; boundary="o"\r\n\r\n--o\r\n{inner}\r\n--o--\r\n'
    )


def evolution(**facts: str) -> str:
    """Evolution: one part only, quoted-printable, a zone by its long name."""
    calendar = lines(
        "BEGIN:VCALENDAR", "PRODID:-//Ximian//NONSGML Evolution Calendar//EN", "VERSION:2.0", "METHOD:REPLY",
        "BEGIN:VEVENT", "UID:{uid}", "DTSTAMP:{stamp}",
        "DTSTART;TZID=3D/freeassociation.sourceforge.net/Europe/London:",
        " 20270128T140000", "SEQUENCE:{sequence}", "ATTENDEE;PARTSTAT=3D{partstat};RSVP=3DTRUE:mailto:{attendee}",
        "COMMENT:With pleasure", "END:VEVENT", "END:VCALENDAR",
    ).format(**facts)  # fmt: skip
    kind = 'Content-Type: text/calendar; name="meeting.ics"; charset=utf-8; METHOD=REPLY\r\n'
    return HEAD.format(**facts) + kind + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + calendar


def zimbra(**facts: str) -> str:
    """Zimbra: text, HTML and calendar in one alternative, the subject's word inside the file, ROLE and SENT-BY."""
    calendar = lines(
        "BEGIN:VCALENDAR", "PRODID:Zimbra-Calendar-Provider", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        "UID:{uid}", "SUMMARY:{word}: {title}",
        'ATTENDEE;CN=Maria;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};SENT-BY="mailto:{attendee}":mailto:{attendee}',
        "ORGANIZER;CN=Farsow:mailto:rsvp@example.org", 'DTSTART;TZID="Europe/London":20270128T140000',
        "STATUS:CONFIRMED", "CLASS:PUBLIC", "TRANSP:OPAQUE", "DTSTAMP:{stamp}", "SEQUENCE:{sequence}", "END:VEVENT",
        "END:VCALENDAR",
    ).format(**facts)  # fmt: skip
    kind = "Content-Type: text/calendar; charset=utf-8; method=REPLY; name=meeting.ics\r\n\r\n"
    return HEAD.format(**facts) + alternative("Yes.", kind + calendar, html="<p>Yes.</p>")


def alternative(text: str, calendar: str, *, html: str = "", boundary: str = "alt") -> str:
    parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"]
    parts += [f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"] if html else []
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in (*parts, calendar))
    return f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n{body}--{boundary}--\r\n'


MAKERS = {"outlook": outlook, "google": google, "apple": apple, "evolution": evolution, "zimbra": zimbra}


def written(maker: str, uid: str, address: str, answer: str, **wishes: str) -> bytes:
    """Return an answer as one maker mails it."""
    facts = {
        "uid": uid,
        "sender": address,
        "attendee": address,
        "to": "rsvp@example.org",
        "title": "Seminar",
        "word": WORDS[answer],
        "partstat": answer,
        "sequence": "0",
        "stamp": f"{NOW:%Y%m%dT%H%M%SZ}",
    }
    return MAKERS[maker](**(facts | wishes)).encode()


@pytest.mark.parametrize("answer", WORDS)
@pytest.mark.parametrize("maker", MAKERS)
def test_an_answer_is_heard(session: Session, maker: str, answer: str):
    event, invitation_id, address = guest(session)

    taken = take(session, written(maker, event.uid, address, answer))

    assert (taken.verdict, taken.applied, taken.reason) == ("reply", True, "")
    assert partstat(session, invitation_id) is PartStat(answer)


@pytest.mark.parametrize("maker", MAKERS)
def test_the_same_mail_again_changes_nothing_and_capitals_are_the_same_guest(session: Session, maker: str):
    event, invitation_id, address = guest(session)
    raw = written(maker, event.uid, address, "ACCEPTED")

    first, again = take(session, raw), take(session, raw)
    later = {"stamp": f"{NOW + timedelta(minutes=4):%Y%m%dT%H%M%SZ}"}
    shouted = written(maker, event.uid, address.upper(), "DECLINED", **later)

    assert (first.applied, again.applied, again.reason) == (True, False, "repeated")
    assert partstat(session, invitation_id) is PartStat.ACCEPTED
    assert take(session, shouted, now=NOW + timedelta(minutes=5)).applied
    assert partstat(session, invitation_id) is PartStat.DECLINED


@pytest.mark.parametrize("maker", [name for name in MAKERS if name != "outlook"])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "the later one first"])
def test_a_change_of_mind_holds_in_either_order(session: Session, maker: str, late: bool):
    event, invitation_id, address = guest(session)
    yes = written(maker, event.uid, address, "ACCEPTED", stamp=f"{NOW:%Y%m%dT%H%M%SZ}")
    no = written(maker, event.uid, address, "DECLINED", stamp=f"{NOW + timedelta(minutes=3):%Y%m%dT%H%M%SZ}")

    for raw in (no, yes) if late else (yes, no):
        take(session, raw, now=NOW + timedelta(minutes=10))

    assert partstat(session, invitation_id) is PartStat.DECLINED


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"sender": "mallory@example.org"}, "unverified"),
        ({"attendee": "other@example.org", "sender": "other@example.org"}, "not-invited"),
        ({"uid": "unknown@example.org"}, "not-invited"),
    ],
    ids=["from another", "of another", "to nothing we know"],
)
def test_what_proves_nothing_waits_for_staff(session: Session, maker: str, wishes: dict[str, str], reason: str):
    event, invitation_id, address = guest(session)

    taken = take(session, written(maker, **{"uid": event.uid, "address": address, "answer": "ACCEPTED", **wishes}))

    assert (taken.applied, taken.reason) == (False, reason)
    assert partstat(session, invitation_id) is PartStat.NEEDS_ACTION


@pytest.mark.parametrize("maker", MAKERS)
def test_a_forwarded_answer_by_the_guests_own_tag_counts(session: Session, maker: str):
    event, invitation_id, _address = guest(session)
    to = ADDRESSES.rsvp(invitation_id)

    taken = take(session, written(maker, event.uid, "office@example.org", "ACCEPTED", to=to))

    assert taken.applied is True
    assert partstat(session, invitation_id) is PartStat.ACCEPTED
