"""The checker itself: a good file passes, and each way of breaking one is found, and found alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from service.ical.feed import publish
from service.ical.itip import cancel, request
from tests import calendar_watch
from tests.calendar_check import Finding, Level, check
from tests.ical.cast import MARIA, make_meeting
from tests.mail.cast import an_id, composer, delivery, mailing

MEETING = make_meeting(
    sequence=1,
    location="Room XX; Palais",
    url="https://seminars.example.org/events/seminar-2",
    conference="https://meet.example.org/j/123",
)
GOOD = request(MEETING, MARIA)
CANCEL = cancel(MEETING, MARIA, whole_event=True)
FEED = publish([MEETING], name="Seminars", source="https://seminars.example.org/a.ics")
ERROR, WARN = Level.ERROR, Level.WARN
DTSTART = b"DTSTART;TZID=Europe/London:20270128T140000"
DTEND = b"DTEND;TZID=Europe/London:20270128T160000"
ATTENDEE = (
    b"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n"
    b" TRUE;CN=Maria Achieng:mailto:maria.achieng@example.org\r\n"
)
OTHER = b"ATTENDEE;RSVP=TRUE:mailto:joseph@example.org\r\n"


def found(data: bytes, *, interop: bool = True) -> list[tuple[Level, str]]:
    return [(finding.level, finding.rule) for finding in check(data, interop=interop)]


def broken(old: bytes, new: bytes, data: bytes = GOOD) -> bytes:
    """The file with one thing changed; a test that changes nothing would prove nothing."""
    assert old in data
    return data.replace(old, new, 1)


def with_line(line: bytes, data: bytes = GOOD) -> bytes:
    return broken(b"END:VEVENT", line + b"\r\nEND:VEVENT", data)


@pytest.mark.parametrize(
    "data", [GOOD, CANCEL, FEED, publish([], name="None")], ids=["request", "cancel", "feed", "empty"]
)
def test_a_good_file_gives_nothing(data):
    assert check(data) == []


def test_whatever_a_test_makes_is_looked_at(unlawful, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calendar_watch, "_seen", set())  # as if no other test had made such files
    before = calendar_watch.looked_at()

    request(make_meeting(uid="watched@example.org"), MARIA)
    request(make_meeting(uid="watched@example.org", summary="", status="WRONG"), MARIA)
    composer().compose(mailing(), delivery(id=an_id(999)))

    assert calendar_watch.looked_at() - before == 4  # the letter is a file and its frame


LINES = {
    "bare-lf": (broken(b"CALSCALE:GREGORIAN\r\n", b"CALSCALE:GREGORIAN\n"), [(ERROR, "5545-3.1-crlf")]),
    "bare-cr": (broken(b"SUMMARY:", b"SUMMARY:a\rb"), [(ERROR, "5545-3.1-crlf")]),
    "no-last-end": (GOOD[:-2], [(ERROR, "5545-3.1-crlf")]),
    "bom": (b"\xef\xbb\xbf" + GOOD, [(ERROR, "5545-3.1")]),
    "long-line": (with_line(b"X-A:" + b"a" * 72), [(ERROR, "5545-3.1-fold")]),
    "split-letter": (with_line(b"X-A:\xc3\r\n \xa9"), [(ERROR, "5545-3.1-utf8"), (WARN, "5545-3.1-utf8split")]),
    "control": (with_line(b"X-A:a\x07b"), [(ERROR, "5545-3.1-ctl")]),
    "empty-line": (with_line(b""), [(ERROR, "5545-3.1-empty")]),
    "tab-fold": (broken(b"\r\n TRUE", b"\r\n\tTRUE"), [(WARN, "fold-tab")]),
    "no-name": (with_line(b"=x"), [(ERROR, "5545-3.1")]),
    "no-colon": (with_line(b"X-A"), [(ERROR, "5545-3.1")]),
    "bad-parameter": (with_line(b"X-A;B:1"), [(ERROR, "5545-3.1-param")]),
    "open-quote": (with_line(b'X-A;B="c:1'), [(ERROR, "5545-3.1-param")]),
    "inner-quote": (with_line(b'X-A;B=c"d":1'), [(ERROR, "5545-3.1-param")]),
    "twice-a-parameter": (with_line(b"X-A;B=1;B=2:1"), [(ERROR, "5545-3.2")]),
    "backslash-in-parameter": (with_line(b"X-A;B=c\\d:1"), [(WARN, "5545-3.2")]),
    "lonely-caret": (with_line(b"X-A;B=c^d:1"), [(WARN, "6868")]),
    "wrong-end": (broken(b"END:VEVENT", b"END:VTODO"), [(ERROR, "5545-3.6")]),
    "never-closed": (broken(b"END:VCALENDAR\r\n", b""), [(ERROR, "5545-3.6")]),
    "outside": (GOOD + b"X-A:1\r\n", [(ERROR, "5545-3.4")]),
}

VALUES = {
    "unescaped": (broken(b"XX\\;", b"XX;"), [(ERROR, "5545-3.3.11")]),
    "bad-escape": (broken(b"XX\\;", b"XX\\q"), [(ERROR, "5545-3.3.11")]),
    "no-such-day": (
        broken(DTSTART, DTSTART.replace(b"0128", b"0132")),
        [(ERROR, "5545-3.3.5"), (ERROR, "5545-3.8.2.2")],
    ),
    "date-as-time": (with_line(b"RDATE:20270128"), [(ERROR, "5545-3.3.5")]),
    "time-as-date": (with_line(b"EXDATE;VALUE=DATE:20270128T140000"), [(ERROR, "5545-3.3.4")]),
    "local-stamp": (broken(b"DTSTAMP:20261201T090000Z", b"DTSTAMP:20261201T090000"), [(ERROR, "5545-utc")]),
    "zone-and-z": (with_line(b"RDATE;TZID=Europe/London:20270128T140000Z"), [(ERROR, "5545-3.2.19")]),
    "floating": (with_line(b"RDATE:20270128T140000"), [(WARN, "floating")]),
    "unknown-zone": (with_line(b"RDATE;TZID=Mars/Base:20270128T140000"), [(ERROR, "5545-3.2.19")]),
    "no-mailto": (broken(b"mailto:maria", b"maria"), [(ERROR, "5545-3.3.3")]),
    "other-scheme": (broken(b"mailto:maria", b"sip:maria"), [(WARN, "5545-3.3.3")]),
    "loud-mailto": (broken(b"mailto:maria", b"MAILTO:maria"), [(WARN, "mailto-case")]),
    "own-role": (broken(b"REQ-PARTICIPANT", b"GUEST"), [(ERROR, "5545-3.2")]),
    "organizer-answers": (broken(b"ORGANIZER;CN=Farsow Seminars", b"ORGANIZER;RSVP=TRUE"), [(ERROR, "5545-3.8.4.3")]),
    "unquoted-sender": (broken(b"ORGANIZER;CN=Farsow Seminars", b"ORGANIZER;SENT-BY=x"), [(ERROR, "5545-3.2")]),
    "caret-name": (broken(b"CN=Maria", b"CN=^'M^'"), [(WARN, "interop-6868")]),
    "rule-without-frequency": (with_line(b"RRULE:COUNT=2"), [(ERROR, "5545-3.3.10")]),
    "rule-with-two-ends": (with_line(b"RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270201T000000Z"), [(ERROR, "5545-3.3.10")]),
    "rule-until-local": (with_line(b"RRULE:FREQ=DAILY;UNTIL=20270201T000000"), [(ERROR, "5545-3.3.10")]),
    "relative-url": (broken(b"URL:https://", b"URL:/"), [(ERROR, "5545-3.3.13")]),
    "conference-text": (broken(b"CONFERENCE;VALUE=URI", b"CONFERENCE;VALUE=TEXT"), [(ERROR, "7986")]),
    "minus-zero": (broken(b"TZOFFSETTO:+0000", b"TZOFFSETTO:-0000"), [(ERROR, "5545-3.3.14")]),
    "refresh-without-type": (broken(b"INTERVAL;VALUE=DURATION", b"INTERVAL", FEED), [(ERROR, "7986-5.7")]),
}  # fmt: skip

EVENTS = {
    "no-uid": (broken(b"UID:", b"X-UID:"), [(ERROR, "5545-3.6.1")]),
    "empty-uid": (broken(b"UID:01m9seminar2@seminars.example.org", b"UID:"), [(ERROR, "5545-3.8.4.7")]),
    "two-summaries": (with_line(b"SUMMARY:again"), [(ERROR, "5545-3.6.1")]),
    "end-before-start": (broken(DTEND, DTEND.replace(b"16", b"13")), [(ERROR, "5545-3.8.2.2")]),
    "end-of-another-type": (broken(DTEND, b"DTEND;VALUE=DATE:20270129"), [(ERROR, "5545-3.8.2.2")]),
    "end-and-duration": (with_line(b"DURATION:PT1H"), [(ERROR, "5545-3.6.1"), (WARN, "interop-duration")]),
    "negative-sequence": (broken(b"SEQUENCE:1", b"SEQUENCE:-1"), [(ERROR, "5545-3.8.7.4")]),
    "own-status": (broken(b"STATUS:CONFIRMED", b"STATUS:POSTPONED"), [(ERROR, "5545-3.8.1.11")]),
    "method-inside": (with_line(b"METHOD:REQUEST"), [(ERROR, "5545-3.7")]),
    "alarm-without-trigger": (with_line(b"BEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM"), [(ERROR, "5545-3.6.6")]),
    "attendee-twice": (broken(ATTENDEE, ATTENDEE + ATTENDEE), [(ERROR, "5545-attendee"), (WARN, "privacy")]),
    "no-version": (broken(b"VERSION:2.0\r\n", b""), [(ERROR, "5545-3.6")]),
    "old-version": (broken(b"VERSION:2.0", b"VERSION:1.0"), [(ERROR, "5545-3.7.4")]),
    "late-heading": (broken(b"END:VCALENDAR", b"X-A:1\r\nEND:VCALENDAR"), [(WARN, "order")]),
    "zone-without-times": (broken(b"TZOFFSETFROM:+0000\r\n", b""), [(ERROR, "5545-3.6.5")]),
    "zone-in-utc": (broken(b"T010000\r\nRRULE", b"T010000Z\r\nRRULE"), [(ERROR, "5545-3.6.5")]),
    "zone-of-dates": (
        broken(b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", b"RDATE:20270328T010000,20280326T010000"),
        [(WARN, "interop-rdate")],
    ),
    "zone-unused": (
        GOOD.replace(DTSTART, b"DTSTART:20270128T140000Z").replace(DTEND, b"DTEND:20270128T160000Z"),
        [(WARN, "tz-unused")],
    ),
}  # fmt: skip

METHODS = {
    "unknown-method": (broken(b"METHOD:REQUEST", b"METHOD:INVITE"), [(ERROR, "5546-1.4")]),
    "nobody-asked": (broken(ATTENDEE, b""), [(ERROR, "5546-3.2.2"), (WARN, "rsvp")]),
    "no-answer-wanted": (broken(b"\r\n TRUE", b"\r\n FALSE"), [(WARN, "rsvp")]),
    "two-asked": (broken(ATTENDEE, ATTENDEE + OTHER), [(WARN, "privacy")]),
    "no-organizer": (broken(b"ORGANIZER;", b"X-ORGANIZER;"), [(ERROR, "5546-3.2-REQUEST")]),
    "no-summary": (broken(b"SUMMARY:", b"X-SUMMARY:"), [(ERROR, "5546-3.2-REQUEST")]),
    "no-sequence": (broken(b"SEQUENCE:1\r\n", b""), [(WARN, "5546-3.2.2")]),
    "no-end": (broken(DTEND + b"\r\n", b""), [(WARN, "interop-end")]),
    "cancelled-request": (broken(b"STATUS:CONFIRMED", b"STATUS:CANCELLED"), [(ERROR, "5546-3.2.2")]),
    "confirmed-cancel": (broken(b"STATUS:CANCELLED", b"STATUS:CONFIRMED", CANCEL), [(ERROR, "5546-3.2.5")]),
    "cancel-of-sequence-0": (broken(b"SEQUENCE:1", b"SEQUENCE:0", CANCEL), [(WARN, "5546-2.1.4")]),
    "attendee-in-a-feed": (with_line(OTHER[:-2], FEED), [(ERROR, "5546-3.2.1")]),
    "reply-without-answer": (broken(b"METHOD:REQUEST", b"METHOD:REPLY"), [(ERROR, "5546-3.2.3")]),
    "two-uids": (
        broken(
            b"END:VCALENDAR",
            GOOD[GOOD.index(b"BEGIN:VEVENT") :].replace(b"UID:", b"UID:2").removesuffix(b"\r\n"),
        ),
        [(ERROR, "5546-3.2")],
    ),
    "override-of-another-type": (
        broken(
            b"END:VCALENDAR",
            FEED[FEED.index(b"BEGIN:VEVENT") : FEED.index(b"END:VEVENT")]
            + b"RECURRENCE-ID;VALUE=DATE:20270128\r\nEND:VEVENT\r\nEND:VCALENDAR",
            FEED,
        ),
        [(ERROR, "5545-3.8.4.4")],
    ),
}  # fmt: skip


CASES = {**LINES, **VALUES, **EVENTS, **METHODS}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_file_gives_its_finding_and_no_other(name):
    data, expected = CASES[name]

    assert sorted(found(data)) == sorted(expected)


def test_no_case_hides_another():
    assert len(CASES) == sum(map(len, (LINES, VALUES, EVENTS, METHODS))) == 76


def test_the_quirks_of_clients_are_told_only_when_asked_for():
    data = broken(ATTENDEE, ATTENDEE + OTHER)

    assert (found(data, interop=True), found(data, interop=False)) == ([(WARN, "privacy")], [])


def test_a_finding_says_where():
    data = broken(b"SEQUENCE:1", b"SEQUENCE:one")
    line = data[: data.index(b"SEQUENCE")].count(b"\r\n") + 1

    expected = Finding(ERROR, line, "5545-3.8.7.4", "SEQUENCE 'one' is no 32-bit number from 0")
    assert check(data) == [expected]
    assert str(expected) == f"ERROR line {line} [5545-3.8.7.4] SEQUENCE 'one' is no 32-bit number from 0"


def mail(*, head: bytes = b"charset=utf-8; method=REQUEST", last: bool = True, body: bytes = GOOD) -> bytes:
    words = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"
    calendar = b"Content-Type: text/calendar; " + head + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body
    parts = [words, calendar] if last else [calendar, words]
    top = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
    return top + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (mail(), []),
        (mail(head=b"charset=utf-8"), [(ERROR, "6047-2.4"), (WARN, "interop-inline")]),
        (mail(head=b"charset=utf-8; method=CANCEL"), [(ERROR, "6047-2.4")]),
        (mail(head=b"method=REQUEST"), [(WARN, "6047-2.4")]),
        (mail(head=b"charset=latin-1; method=REQUEST"), [(WARN, "6047-2.5")]),
        (mail(last=False), [(WARN, "interop-order")]),
        (mail(body=broken(b"SEQUENCE:1", b"SEQUENCE:one")), [(ERROR, "5545-3.8.7.4")]),
    ],
    ids=["good", "no-method", "other-method", "no-charset", "other-charset", "not-last", "broken-inside"],
)
def test_a_mail_is_checked_with_the_calendar_in_it(data, expected):
    assert found(data) == expected


def test_a_mail_without_a_calendar_is_wrong_only_when_one_is_required():
    plain = b"From: a@example.org\r\nContent-Type: text/plain\r\n\r\nHello\r\n"

    assert check(plain) == []
    assert check(plain, require_calendar=True) == [Finding(ERROR, 0, "6047", "no calendar part in the mail")]


@pytest.mark.parametrize(("data", "status"), [(GOOD, 0), (GOOD[:-2], 1)], ids=["good", "broken"])
def test_the_command_tells_by_its_exit_status(tmp_path, data, status):
    path = tmp_path / "a.ics"
    path.write_bytes(data)

    command = [sys.executable, "-m", "tests.calendar_check", "--interop", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    rules = [finding["rule"] for finding in json.loads(done.stdout)[str(path)]]
    assert (done.returncode, rules) == (status, ["5545-3.1-crlf"] * status)
