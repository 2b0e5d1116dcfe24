"""Whatever people type, the file stays sound and says what they typed."""

from __future__ import annotations

import re

import icalendar
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar.parser.property import unescape_backslash

from service.ical.feed import publish
from service.ical.itip import request
from service.ical.replies import Unreadable, read_reply
from service.ical.values import Address, Attendee, PartStat
from tests.calendar_check import check
from tests.ical.cast import make_meeting

TEXTS = st.text(max_size=400)
FULL_TEXTS = st.text(min_size=1, max_size=400).filter(lambda words: as_text(words) != "")


def as_text(words: str) -> str:
    """What a TEXT value can hold of these words: line ends are one, other controls are none."""
    one_end = re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", words)
    return "".join(c for c in one_end if c in "\n\t" or not (c < " " or "\x7f" <= c <= "\x9f"))


def as_name(words: str) -> str:
    """What a parameter can hold of these words: one line, no quote, caret or backslash."""
    kept = re.sub(r'["^\\]', "", words)
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f]", " ", kept).split())


@settings(max_examples=300, deadline=None)
@given(summary=FULL_TEXTS, location=TEXTS, description=TEXTS, name=TEXTS, organizer=TEXTS)
@example(summary=" ", location="\\n", description="\n \n\t", name='^n^^"', organizer=";,:")
@example(summary="0", location="", description="", name="0 =", organizer="= 0")
@example(summary="é" * 200, location="🎤" * 100, description=" " * 200, name="م" * 80, organizer="\\")
def test_any_words_come_back_from_an_independent_reader(summary, location, description, name, organizer):
    meeting = make_meeting(
        summary=summary, location=location, description=description, organizer=Address("rsvp@example.org", organizer)
    )

    data = request(meeting, Attendee(Address("maria@example.org", name), PartStat.TENTATIVE))

    event = icalendar.Calendar.from_ical(data).events[0]
    assert [str(event["SUMMARY"]), str(event.get("LOCATION", "")), str(event.get("DESCRIPTION", ""))] == [
        as_text(summary),
        as_text(location),
        as_text(description),
    ]
    assert event["ATTENDEE"].params.get("CN", "") == as_name(name)
    assert event["ORGANIZER"].params.get("CN", "") == as_name(organizer)
    assert check(data) == []


@settings(max_examples=100, deadline=None)
@given(name=FULL_TEXTS, summary=FULL_TEXTS)
def test_any_name_of_a_feed_comes_back(name, summary):
    data = publish([make_meeting(summary=summary)], name=name)

    calendar = icalendar.Calendar.from_ical(data)
    # icalendar has no type for NAME outside of an event and leaves its escapes to the caller.
    names = [unescape_backslash(str(calendar[key])) for key in ("NAME", "X-WR-CALNAME")]
    assert [*names, str(calendar.events[0]["SUMMARY"])] == [as_text(name), as_text(name), as_text(summary)]
    assert check(data) == []


WORDS = [
    b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VALARM", b"BEGIN:VTIMEZONE",
    b"METHOD:REPLY", b"METHOD:COUNTER", b"UID:a@b", b"UID:", b"ATTENDEE", b":mailto:", b"a@b.example", b";PARTSTAT=",
    b"ACCEPTED", b"DTSTAMP:", b"99991231T235959", b"Z", b"SEQUENCE:", b"4294967296", b"RECURRENCE-ID;TZID=",
    b"Europe/London:", b"W. Europe Standard Time:", b"/../../etc/passwd:", b"00010101T000000", b"RRULE:FREQ=SECONDLY",
    b"COMMENT:", b"\r\n", b"\n", b"\r", b"\r\n ", b"\\", b'"', b";", b",", b"=", b"\x00", b"\xff", b"%00", b"^n",
]  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(WORDS), max_size=40).map(b"".join)))
def test_no_bytes_make_the_reader_of_replies_stumble(data):
    try:
        read_reply(data)
    except Unreadable:
        return


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(WORDS)), max_size=4))
def test_a_damaged_reply_is_read_or_refused(damages):
    data = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a@example.org\r\nDTSTAMP:20261202T100000Z\r\n"
        b"RECURRENCE-ID;TZID=Europe/London:20270128T140000\r\nSEQUENCE:0\r\nCOMMENT:Late\r\n"
        b"ATTENDEE;PARTSTAT=ACCEPTED;CN=Maria:mailto:maria@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    for place, word in damages:
        data = data[:place] + word + data[place:]
    try:
        reply = read_reply(data)
    except Unreadable:
        return
    assert "@" in reply.attendee_email
    assert not re.search("[\x00-\x08\x0b-\x1f]", reply.uid + reply.comment + reply.attendee_email)
