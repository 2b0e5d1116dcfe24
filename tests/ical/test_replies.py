"""Answers as the clients write them, and what is refused, each with its own code."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from service.ical.replies import LIMIT_BYTES, SENTENCES, CalendarReply, Unreadable, read_reply
from service.ical.values import Address, Method, PartStat
from tests.ical.cast import HERE

UID = "01m9seminar2@seminars.example.org"

SPECIMENS = {
    "outlook-accepted": CalendarReply(
        method=Method.REPLY,
        uid=UID,
        attendee_email="Maria.Achieng@example.org",
        partstat=PartStat.ACCEPTED,
        sequence=1,
        dtstamp=datetime(2026, 12, 3, 8, 15, 22, tzinfo=UTC),
        recurrence_id=None,
        comment="Gladly, with a colleague's question on budgets.",
        attendee_name="Maria Achieng",
    ),
    "outlook-counter": CalendarReply(
        method=Method.COUNTER,
        uid=UID,
        attendee_email="fatou@example.org",
        partstat=PartStat.TENTATIVE,
        sequence=0,
        dtstamp=datetime(2026, 12, 4, 10, 16, 11, tzinfo=UTC),
        recurrence_id=None,
        comment="Could we start an hour later?",
        attendee_name="Fatou Ndiaye",
        proposed=(datetime(2027, 1, 28, 15, 0, tzinfo=UTC), datetime(2027, 1, 28, 17, 0, tzinfo=UTC)),
    ),
    "google-tentative": CalendarReply(
        method=Method.REPLY,
        uid=UID,
        attendee_email="tomas.rivadeneira@example.org",
        partstat=PartStat.TENTATIVE,
        sequence=0,
        dtstamp=datetime(2026, 12, 2, 19, 30, 44, tzinfo=UTC),
        recurrence_id=None,
        comment="Depends on the flight: I arrive at noon",
        attendee_name="Tomás Rivadeneira",
    ),
    "apple-declined": CalendarReply(
        method=Method.REPLY,
        uid=UID,
        attendee_email="joseph.karanja@example.org",
        partstat=PartStat.DECLINED,
        sequence=0,
        dtstamp=datetime(2026, 12, 5, 7, 1, 1, tzinfo=UTC),
        recurrence_id=None,
        comment="",
        attendee_name="Joseph Karanja",
    ),
    "evolution-accepted-one-date": CalendarReply(
        method=Method.REPLY,
        uid=UID,
        attendee_email="Layla+un@example.org",
        partstat=PartStat.ACCEPTED,
        sequence=2,
        dtstamp=datetime(2026, 12, 6, 12, 0, tzinfo=UTC),
        recurrence_id=datetime(2027, 1, 28, 14, 0, tzinfo=UTC),
        comment="شكرا, سأحضر",
        attendee_name="Layla Mansour",
    ),
}
ATTENDEE = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:maria@example.org"
BARE = CalendarReply(
    method=Method.REPLY,
    uid="a@example.org",
    attendee_email="maria@example.org",
    partstat=PartStat.ACCEPTED,
    sequence=None,
    dtstamp=None,
    recurrence_id=None,
    comment="",
)


def reply(*lines: str, method: str = "METHOD:REPLY", end: str = "\r\n") -> bytes:
    """A REPLY whose event holds these lines."""
    head, tail = ("BEGIN:VCALENDAR", method, "BEGIN:VEVENT"), ("END:VEVENT", "END:VCALENDAR", "")
    return end.join((*head, *lines, *tail)).encode()


def code_of(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_reply(data)
    return caught.value.code


def test_every_specimen_is_expected_here():
    assert {path.stem for path in (HERE / "specimens").glob("*.ics")} == set(SPECIMENS)


@pytest.mark.parametrize("name", SPECIMENS)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_a_clients_answer_is_read_whole(name, end):
    data = (HERE / "specimens" / f"{name}.ics").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end)

    assert read_reply(data) == SPECIMENS[name]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_a_uid_and_an_attendee_are_enough(end):
    assert read_reply(reply("UID:a@example.org", ATTENDEE, end=end)) == BARE


PASSED_ON = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:joe@example.org":mailto:maria@example.org'


@pytest.mark.parametrize(
    ("lines", "delegate"),
    [
        pytest.param((PASSED_ON,), Address("joe@example.org"), id="alone"),
        pytest.param(
            (PASSED_ON, 'ATTENDEE;CN=Joe K;DELEGATED-FROM="mailto:maria@example.org":mailto:joe@example.org'),
            Address("joe@example.org", "Joe K"),
            id="beside the delegate",
        ),
        pytest.param(("ATTENDEE;PARTSTAT=DELEGATED:mailto:maria@example.org",), None, id="to nobody"),
        pytest.param((PASSED_ON.replace("joe@", "joe at "),), None, id="to no address"),
        pytest.param(
            (PASSED_ON.replace('joe@example.org"', 'joe@example.org","mailto:ann@example.org"'),), None, id="to two"
        ),
        pytest.param(
            (ATTENDEE.replace("PART", 'DELEGATED-TO="mailto:joe@example.org";PART'),), None, id="but accepted"
        ),
    ],
)
def test_whom_an_answer_passes_the_invitation_to(lines, delegate):
    seen = read_reply(reply("UID:a@example.org", *lines))

    assert (seen.attendee_email, seen.delegate) == ("maria@example.org", delegate)


def test_two_who_delegate_are_two_attendees():
    assert code_of(reply("UID:a@example.org", PASSED_ON, PASSED_ON)) == "two-attendees"


@pytest.mark.parametrize(
    ("lines", "proposed"),
    [
        pytest.param(
            ("DTSTART;TZID=W. Europe Standard Time:20270128T160000", "DTEND;TZID=Europe/Berlin:20270128T180000"),
            (datetime(2027, 1, 28, 15, tzinfo=UTC), datetime(2027, 1, 28, 17, tzinfo=UTC)),
            id="in two names of one zone",
        ),
        pytest.param(("DTSTART:20270128T160000Z",), (datetime(2027, 1, 28, 16, tzinfo=UTC), None), id="without an end"),
        pytest.param(
            ("DTSTART:20270128T160000Z", "DTEND:20270128T150000Z"),
            (datetime(2027, 1, 28, 16, tzinfo=UTC), None),
            id="ending before it starts",
        ),
        pytest.param(("DTSTART;VALUE=DATE:20270128",), (date(2027, 1, 28),) * 2, id="a whole day"),
        pytest.param(
            ("DTSTART;VALUE=DATE:20270128", "DTEND;VALUE=DATE:20270131"),
            (date(2027, 1, 28), date(2027, 1, 30)),
            id="three days",
        ),
        pytest.param(("DTSTART;VALUE=DATE:20270231",), None, id="no such day"),
        pytest.param(("DTSTART:20270128T160000",), None, id="floating"),
        pytest.param((), None, id="nothing"),
    ],
)
def test_the_time_a_counter_proposes(lines, proposed):
    seen = read_reply(reply("UID:a@example.org", ATTENDEE, *lines, method="METHOD:COUNTER"))

    assert seen.proposed == proposed


def test_a_byte_order_mark_and_a_missing_end_do_no_harm():
    data = b"\xef\xbb\xbf" + reply("UID:a@example.org", ATTENDEE).removesuffix(b"END:VEVENT\r\nEND:VCALENDAR\r\n")

    assert read_reply(data) == BARE


def test_a_fold_inside_a_letter_is_mended():
    whole = reply("UID:a@example.org", ATTENDEE, "COMMENT:Café")

    assert read_reply(whole.replace(b"Caf\xc3\xa9", b"Caf\xc3\r\n \xa9")).comment == "Café"


@pytest.mark.parametrize(
    ("written", "email"),
    [
        ("ATTENDEE:mailto:maria@example.org", "maria@example.org"),
        ("attendee:MAILTO:Maria@Example.org", "Maria@Example.org"),
        ("ATTENDEE:MailTo: maria@example.org ", "maria@example.org"),
        ("ATTENDEE;CN=\"Achieng; Maria:x\":mailto:maria@example.org", "maria@example.org"),
        ("ATTENDEE:mailto:maria%2Btag@example.org", "maria+tag@example.org"),
        ("ATTENDEE:maria@example.org", "maria@example.org"),
        ("ATTENDEE;EMAIL=maria@example.org:urn:uuid:429C2A19-0001", "maria@example.org"),
    ],
)  # fmt: skip
def test_an_address_is_read_however_it_is_written(written, email):
    assert read_reply(reply("UID:a@example.org", written)).attendee_email == email


@pytest.mark.parametrize(
    ("given", "partstat"),
    [
        (";PARTSTAT=accepted", PartStat.ACCEPTED),
        (";partstat=Declined", PartStat.DECLINED),
        (';PARTSTAT="TENTATIVE"', PartStat.TENTATIVE),
        (";PARTSTAT=DELEGATED", PartStat.DELEGATED),
        (";PARTSTAT=X-PERHAPS", PartStat.NEEDS_ACTION),
        ("", PartStat.NEEDS_ACTION),
    ],
)
def test_an_answer_is_read_in_any_case_and_an_unknown_one_is_no_answer(given, partstat):
    assert read_reply(reply("UID:a@example.org", f"ATTENDEE{given}:mailto:maria@example.org")).partstat is partstat


@pytest.mark.parametrize(
    ("value", "dtstamp"),
    [
        (":20261203T081522Z", datetime(2026, 12, 3, 8, 15, 22, tzinfo=UTC)),
        (":99991231T235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (":00010101T000000Z", datetime(1, 1, 1, tzinfo=UTC)),
        (":20261203T081522", None),
        (";TZID=Europe/London:20261203T081522", None),
        (":20261301T081522Z", None),
        (":20261203", None),
        (":yesterday", None),
        (":", None),
    ],
)
def test_a_stamp_is_an_instant_or_nothing(value, dtstamp):
    assert read_reply(reply("UID:a@example.org", ATTENDEE, f"DTSTAMP{value}")).dtstamp == dtstamp


@pytest.mark.parametrize(
    ("value", "sequence"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("-1", None),
        ("9" * 5000, None),
        ("x", None),
    ],
    ids=["zero", "spaces", "largest", "too-large", "negative", "endless", "word"],
)  # fmt: skip
def test_a_sequence_is_a_number_of_32_bits_or_nothing(value, sequence):
    assert read_reply(reply("UID:a@example.org", ATTENDEE, f"SEQUENCE:{value}")).sequence == sequence


@pytest.mark.parametrize(
    "value",
    [
        ":20270128T140000Z",
        ";TZID=Europe/Berlin:20270128T150000",
        ";TZID=W. Europe Standard Time:20270128T150000",
        ";TZID=/mozilla.org/20070129_1/Europe/Berlin:20270128T150000",
        ";TZID=/example.org/America/Argentina/Buenos_Aires:20270128T110000",
    ],
    ids=["utc", "iana", "windows", "mozilla", "three-parts"],
)
def test_the_date_of_a_series_is_an_instant(value):
    read = read_reply(reply("UID:a@example.org", ATTENDEE, f"RECURRENCE-ID{value}"))

    assert read.recurrence_id == datetime(2027, 1, 28, 14, 0, tzinfo=UTC)


def test_the_date_of_a_series_may_be_a_whole_day():
    for value in (";VALUE=DATE:20270128", ":20270128"):
        assert read_reply(reply("UID:a@example.org", ATTENDEE, f"RECURRENCE-ID{value}")).recurrence_id == date(
            2027, 1, 28
        )


@pytest.mark.parametrize(
    "value",
    [
        ":20270128T140000",
        ";VALUE=DATE:20270231",
        ";TZID=Customized Time Zone:20270128T140000",
        ";TZID=../../etc/passwd:20270128T140000",
        ";TZID=America/New_York:99991231T235959",
    ],
    ids=["floating", "date", "unknown-zone", "path", "out-of-range"],
)
def test_a_date_of_a_series_that_cannot_be_read_is_not_taken_for_the_series(value):
    assert code_of(reply("UID:a@example.org", ATTENDEE, f"RECURRENCE-ID{value}")) == "bad-recurrence-id"


OUTLOOKS = "040000008200E00074C5B7101A82E008" + "00" * 20 + "{length:08x}" + "{data}"


def test_the_uid_inside_outlooks_own_identifier_is_read():
    data = b"vCal-Uid\x01\x00\x00\x00" + b"a@example.org" + b"\x00"
    theirs = OUTLOOKS.format(length=len(data), data=data.hex().upper())

    assert read_reply(reply(f"UID:{theirs}", ATTENDEE)) == BARE


@pytest.mark.parametrize(
    "uid",
    ["040000008200E00074C5B7101A82E008", "040000008200E00074C5B7101A82E008XYZ", OUTLOOKS.format(length=0, data="00")],
    ids=["the mark alone", "no hexadecimal", "a meeting of its own"],
)
def test_an_identifier_of_outlooks_own_meetings_stays_as_it_is(uid: str):
    assert read_reply(reply(f"UID:{uid}", ATTENDEE)).uid == uid


def test_the_same_event_twice_is_one_whenever_each_was_stamped():
    event = f"BEGIN:VEVENT\r\nUID:a@example.org\r\n{ATTENDEE}\r\n"
    stamps = "".join(f"{event}DTSTAMP:2026120{day}T090000Z\r\nEND:VEVENT\r\n" for day in (1, 2))

    stamped = read_reply(f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n{stamps}END:VCALENDAR\r\n".encode())

    assert stamped == replace(BARE, dtstamp=datetime(2026, 12, 1, 9, tzinfo=UTC))


def test_comments_are_joined_and_cleaned_and_come_before_googles_parameter():
    google = 'ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="From Google":mailto:maria@example.org'

    alone = read_reply(reply("UID:a@example.org", google))
    both = read_reply(reply("UID:a@example.org", google, "COMMENT:One\\,\\n\x00\u202etwo", "COMMENT:three"))

    assert (alone.comment, both.comment) == ("From Google", "One,\ntwo\nthree")


def without_end(data: bytes) -> bytes:
    return data.removesuffix(b"END:VCALENDAR\r\n")


GOOD = reply("UID:a@example.org", ATTENDEE)
REFUSED = {
    "too-large": GOOD + b" " * LIMIT_BYTES,
    "not-a-calendar": b"Dear all, I accept.",
    "two-calendars": GOOD + GOOD.replace(b"ACCEPTED", b"DECLINED"),
    "no-method": GOOD.replace(b"METHOD:REPLY\r\n", b""),
    "unknown-method": GOOD.replace(b"METHOD:REPLY", b"METHOD:REQUEST"),
    "not-an-event": GOOD.replace(b"VEVENT", b"VFREEBUSY"),
    "no-uid": GOOD.replace(b"UID:a@example.org", b"UID no colon"),
    "two-uids": without_end(GOOD) + b"BEGIN:VEVENT\r\nUID:b@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "two-events": without_end(GOOD) + b"BEGIN:VEVENT\r\nUID:a@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "no-attendee": GOOD.replace(ATTENDEE.encode() + b"\r\n", b""),
    "two-attendees": reply("UID:a@example.org", ATTENDEE, ATTENDEE.replace("maria", "joseph")),
    "bad-recurrence-id": reply("UID:a@example.org", ATTENDEE, "RECURRENCE-ID:soon"),
}


@pytest.mark.parametrize("code", SENTENCES)
def test_what_cannot_be_used_is_refused_with_its_code(code):
    assert code_of(REFUSED[code]) == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-calendar"),
        (GOOD.replace(b"a@example.org\r\n", b" \r\n"), "no-uid"),
        (b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", "not-a-calendar"),
        (reply("UID:a@example.org", ATTENDEE, method="METHOD:REPLY\r\nMETHOD:COUNTER"), "unknown-method"),
        (reply("UID:a@example.org", ATTENDEE, method="METHOD:X-REPLY"), "unknown-method"),
        (GOOD.replace(b"VEVENT", b"VTODO"), "not-an-event"),
        (reply("UID:a@example.org", "UID:b@example.org", ATTENDEE), "two-uids"),
        (reply("UID:a@example.org", ATTENDEE, ATTENDEE), "two-attendees"),
        (reply("UID:a@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail"), "no-attendee"),
        (reply("UID:a@example.org", "ATTENDEE:mailto:a@b.example,c@d.example@e"), "no-attendee"),
        (reply("UID:a@example.org", "BEGIN:VALARM", ATTENDEE, "END:VALARM"), "no-attendee"),
    ],
    ids=[
        "empty", "empty-uid", "no-component", "two-methods", "own-method", "task", "two-uids-in-one",
        "attendee-repeated", "no-address", "two-addresses", "attendee-of-an-alarm",
    ],
)  # fmt: skip
def test_near_misses_are_refused_too(data, code):
    assert code_of(data) == code


def test_the_reason_is_a_sentence_that_names_nobody():
    with pytest.raises(Unreadable) as caught:
        read_reply(reply("UID:a@example.org", 'ATTENDEE;CN="Maria:mailto:maria@example.org,joe@example.org'))

    assert str(caught.value) == "The answer does not say whose it is."


WIDE = GOOD.decode()
MANGLED = {
    "two-marks": b"\xef\xbb\xbf" * 2 + GOOD,
    "utf-16": WIDE.encode("utf-16"),
    "utf-16-be": WIDE.encode("utf-16-be"),
    "utf-32": WIDE.encode("utf-32"),
    "blanks-before": b" \r\n  " + GOOD,
    "words-before": b"Dear all,\r\n" + GOOD,
    "double-cr": GOOD.replace(b"PART", b"PA\r\n RT").replace(b"\r\n", b"\r\r\n"),
    "double-lines": GOOD.replace(b"PART", b"PA\r\n RT").replace(b"\r\n", b"\r\n\r\n"),
    "cr-and-fold": GOOD.replace(b"PART", b"PA\r\n RT").replace(b"\r\n", b"\r"),
    "fold-in-every-place": b"\r\n".join(b"\r\n ".join(bytes([c]) for c in line) for line in GOOD.split(b"\r\n")),
    "empty-fold": GOOD.replace(b"PART", b"PA\r\n \r\n RT"),
    "twice": GOOD + GOOD,
    "method-twice": GOOD.replace(b"METHOD:REPLY", b"METHOD:REPLY\r\nMETHOD:REPLY"),
    "method-at-the-end": GOOD.replace(b"METHOD:REPLY\r\n", b"").replace(
        b"END:VCALENDAR", b"METHOD;X-A=b: Reply \r\nEND:VCALENDAR"
    ),
    "signature": GOOD + b"-- \r\nMaria\r\n",
    **{
        name: reply("UID:a@example.org", ATTENDEE, line)
        for name, line in {
            "no-colon": "DTSTART no colon",
            "colon-in-a-zone": "DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin:20270128T150000",
            "open-quote": 'DTEND;TZID="open:20270128T150000',
            "no-parameter": "SEQUENCE;:;1",
            "bad-stamp": "DTSTAMP;=:x",
            "second-uid-alike": "UID:a@example.org",
            "no-line": "this is none",
        }.items()
    },
}


@pytest.mark.parametrize("name", MANGLED)
def test_what_gateways_and_careless_programs_do_costs_nobody_their_answer(name):
    assert read_reply(MANGLED[name]) == BARE


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('ATTENDEE;PARTSTAT=ACCEPTED:"mailto:maria@example.org"', ""),
        ('ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:"maria@example.org"', ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:<maria@example.org>", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:maria@example.org?subject=Yes", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:Maria <maria@example.org>", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:SMTP:maria@example.org", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:mailto:maria@example.org", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto://maria@example.org", ""),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:maria@example.org;", ""),
        ("ATTENDEE;;RSVP; PARTSTAT = ACCEPTED ; CN=Maria : mailto:maria@example.org ", "Maria"),
        ("ATTENDEE;CN=Achieng, Maria;PARTSTAT=ACCEPTED:mailto:maria@example.org", "Achieng, Maria"),
        ("ATTENDEE;CN=Dr: Maria;PARTSTAT=ACCEPTED:mailto:maria@example.org", "Dr: Maria"),
        ("ATTENDEE;CN=Achieng; Maria;PARTSTAT=ACCEPTED:mailto:maria@example.org", "Achieng"),
        ('ATTENDEE;CN="Maria "Mia" A";PARTSTAT=ACCEPTED:mailto:maria@example.org', "Maria Mia A"),
        ('ATTENDEE;CN="Maria;PARTSTAT=ACCEPTED:mailto:maria@example.org', "Maria"),
        ("ATTENDEE;CN=Maria ^'Mia^' A;PARTSTAT=ACCEPTED:mailto:maria@example.org", 'Maria "Mia" A'),
        ("ATTENDEE;CN=Ma\x00r\x07ia;PARTSTAT=ACCEPTED:mailto:maria@example.org", "Maria"),
        ('ATTENDEE;SENT-BY="mailto:pa@example.org";PARTSTAT=ACCEPTED:mailto:maria@example.org', ""),
        ("ATTENDEE;SENT-BY=mailto:pa@example.org;PARTSTAT=ACCEPTED:mailto:maria@example.org", ""),
    ],
)  # fmt: skip
def test_an_attendee_is_read_however_carelessly_it_is_written(written, name):
    assert read_reply(reply("UID:a@example.org", written)) == replace(BARE, attendee_name=name)


def test_letters_of_windows_are_read_where_utf_8_fails():
    data = reply("UID:a@example.org", ATTENDEE, "COMMENT:Señora").decode().encode("cp1252")

    assert read_reply(data).comment == "Señora"


def test_the_mail_around_says_what_the_file_does_not():
    silent = reply("UID:a@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail").replace(b"METHOD:REPLY\r\n", b"")

    assert read_reply(silent, method="reply", sender="maria@example.org") == BARE
    with pytest.raises(Unreadable):
        read_reply(silent, method="REQUEST", sender="maria@example.org")


HOSTILE_ZONE = b"""BEGIN:VTIMEZONE\r
TZID:X\r
BEGIN:STANDARD\r
DTSTART:16010101T000000\r
TZOFFSETFROM:+0000\r
TZOFFSETTO:+0100\r
RRULE:FREQ=SECONDLY\r
END:STANDARD\r
END:VTIMEZONE\r
"""


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (reply("UID:a@example.org", ATTENDEE, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), BARE),
        (GOOD.replace(b"BEGIN:VEVENT", HOSTILE_ZONE + b"BEGIN:VEVENT"), BARE),
        (reply("UID:a@example.org", ATTENDEE, *["RDATE:20270101T000000Z"] * 10_000), BARE),
        (reply("UID:a@example.org", ATTENDEE.replace(";", ";X-A=" + '"b",' * 40_000 + "c;", 1)), BARE),
        (reply("UID:a@example.org", ATTENDEE.replace(";", ";X-A=" + " \t" * 80_000 + "c;", 1)), BARE),
        (GOOD.replace(b"BEGIN:VEVENT", b"BEGIN:X\r\n" * 20_000 + b"END:X\r\n" * 4_000), "not-an-event"),
        (b"\r\n" * 120_000 + GOOD, BARE),
        (b"\r" * 200_000 + GOOD, BARE),
        (GOOD.replace(b"END:VEVENT", b"X" + b";:" * 100_000 + b"\r\nEND:VEVENT"), BARE),
        (
            reply("UID:a@example.org", ATTENDEE, "COMMENT" + ":mailto" * 30_000),
            replace(BARE, comment="mailto" + ":mailto" * 29_999),
        ),
        (reply("UID:a@example.org", ATTENDEE, "COMMENT" + '";' * 100_000), BARE),
        (reply("UID:a@example.org", *[ATTENDEE] * 4_000), "two-attendees"),
    ],
    ids=[
        "rule",
        "rule-of-a-zone",
        "dates",
        "parameters",
        "blanks",
        "depth",
        "empty-lines",
        "returns",
        "marks",
        "schemes",
        "quotes",
        "attendees",
    ],
)
def test_a_hostile_file_is_read_or_refused_at_once(data, outcome):
    before = time.process_time()
    read = code_of(data) if isinstance(outcome, str) else read_reply(data)

    assert read == outcome
    assert time.process_time() - before < 1.0
