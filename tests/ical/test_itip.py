"""REQUEST and CANCEL: the very bytes, and what must never stand in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from service.ical.itip import cancel, request
from service.ical.values import Address, Attendee, PartStat
from service.kernel.errors import UnknownZone
from tests.calendar_check import check
from tests.ical import readers
from tests.ical.cast import HERE, MARIA, SEMINAR, make_meeting, unfolded

RICH = make_meeting(
    sequence=2,
    summary="Séminaire 2 : travailler avec les gouvernements; débat, questions 🎤",
    location="Room XX, Palais; Genève",
    description="Bring the report.\n\nDoors open at 13:30, please be early; a card is needed at the gate.",
    url="https://seminars.example.org/events/seminar-2",
    conference="https://meet.example.org/j/123?pwd=abc",
)
INGRID = Attendee(Address("ingrid@example.org", 'Solheim, "Inga" Ingrid'), PartStat.ACCEPTED)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("request", request(SEMINAR, MARIA)),
        ("request-rich", request(RICH, INGRID)),
        ("cancel-event", cancel(RICH, INGRID, whole_event=True)),
        ("cancel-person", cancel(RICH, INGRID, whole_event=False)),
    ],
)
def test_the_bytes_are_those_that_were_read_and_agreed(name, data):
    assert data == (HERE / "golden" / f"{name}.ics").read_bytes()


@pytest.mark.parametrize(
    "data",
    [request(RICH, MARIA), cancel(RICH, MARIA, whole_event=True), cancel(RICH, MARIA, whole_event=False)],
    ids=["request", "cancel-event", "cancel-person"],
)
def test_the_strict_checker_finds_nothing(data):
    assert check(data, interop=True) == []


def test_both_readers_see_the_recipient_and_nobody_else():
    seen = readers.meant(RICH, "REQUEST", ("mailto:maria.achieng@example.org", "NEEDS-ACTION"))

    data = request(RICH, MARIA)

    assert readers.by_icalendar(data) == [seen]
    assert readers.by_vobject(data) == [seen]


def test_the_same_input_gives_the_same_bytes():
    assert request(replace(RICH), replace(MARIA)) == request(RICH, MARIA)


def test_what_is_not_set_has_no_line():
    names = [line.split(":")[0].split(";")[0] for line in unfolded(request(SEMINAR, MARIA))]

    assert names[names.index("UID") : names.index("END", names.index("UID"))] == [
        "UID",
        "DTSTAMP",
        "SEQUENCE",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "ORGANIZER",
        "ATTENDEE",
    ]


def test_one_person_uninvited_is_told_no_status_and_the_whole_event_off_is():
    for whole_event, expected in ((True, ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"]), (False, [])):
        lines = unfolded(cancel(RICH, MARIA, whole_event=whole_event))

        assert [line for line in lines if line.startswith(("STATUS", "TRANSP"))] == expected


def test_a_cancel_gives_away_no_link_and_no_words():
    asked = request(RICH, MARIA)
    assert all(secret in asked for secret in (b"meet.example.org", b"events/seminar-2", b"Bring the report"))

    told = cancel(RICH, MARIA, whole_event=True)

    assert [s for s in (b"meet.example.org", b"events/seminar-2", b"Bring the report") if s in told] == []


def test_an_answer_is_asked_for_only_when_wanted(unlawful):
    for rsvp, expected in ((True, "RSVP=TRUE"), (False, "RSVP=FALSE")):
        lines = unfolded(request(SEMINAR, replace(MARIA, rsvp=rsvp)))

        assert [line for line in lines if line.startswith("ATTENDEE")] == [
            f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;{expected};CN=Maria Achieng"
            ":mailto:maria.achieng@example.org"
        ]


def test_a_cancelled_meeting_is_never_requested():
    with pytest.raises(ValueError, match="METHOD:CANCEL"):
        request(make_meeting(status="CANCELLED"), MARIA)


def test_a_postponed_meeting_is_tentative():
    assert "STATUS:TENTATIVE" in unfolded(request(make_meeting(status="TENTATIVE"), MARIA))


def test_a_name_cannot_bring_a_line_of_its_own(unlawful):
    nasty = "Eve\r\nATTENDEE:mailto:guest@example.org\nEND:VEVENT"
    meeting = make_meeting(
        uid="u\r\nSTATUS:CANCELLED",
        summary=nasty,
        location=nasty,
        description=nasty,
        url=f"https://example.org/{nasty}",
        conference=f"https://example.org/{nasty}",
        organizer=Address(f"rsvp@example.org\n{nasty}", nasty),
        status=f"CONFIRMED\n{nasty}",
    )

    names = [
        line.split(":")[0].split(";")[0]
        for line in unfolded(request(meeting, Attendee(Address("e@x.org", nasty), PartStat.DECLINED)))
    ]

    event = names[names.index("UID") - 1 :]
    assert event == [
        "BEGIN", "UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL",
        "CONFERENCE", "STATUS", "TRANSP", "ORGANIZER", "ATTENDEE", "END", "END", "",
    ]  # fmt: skip


def test_a_meeting_in_utc_needs_no_zone():
    lines = unfolded(request(make_meeting(time_zone="UTC"), MARIA))

    assert [line for line in lines if line.startswith(("DTSTART", "DTEND", "BEGIN"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "DTSTART:20270128T140000Z",
        "DTEND:20270128T160000Z",
    ]


def test_a_meeting_over_the_new_year_is_exact_in_both_years():
    meeting = make_meeting(
        starts_local=datetime(2026, 12, 31, 22), ends_local=datetime(2027, 1, 1, 2), time_zone="America/New_York"
    )
    data = request(meeting, MARIA)

    assert readers.by_icalendar(data) == [
        readers.meant(meeting, "REQUEST", ("mailto:maria.achieng@example.org", "NEEDS-ACTION"))
    ]
    assert check(data) == []


def test_a_zone_nobody_has_is_refused():
    with pytest.raises(UnknownZone):
        request(make_meeting(time_zone="Europe/London\r\nX-A:1"), MARIA)


def test_a_description_of_five_thousand_characters_arrives_whole():
    words = "Où, quand; comment ? \\ 🎤\n" * 200

    data = request(make_meeting(description=words), MARIA)

    assert max(len(line) for line in data.split(b"\r\n")) == 75
    assert "DESCRIPTION:" + words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace(
        "\n", "\\n"
    ) in unfolded(data)
