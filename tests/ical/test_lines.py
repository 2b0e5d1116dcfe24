"""Content lines: folding by octets, escaping, and nothing from outside that starts a line."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.ical import lines


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(lines) == doctest.TestResults(failed=0, attempted=2)


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("A" * 75, b"A" * 75 + b"\r\n"),
        ("A" * 76, b"A" * 75 + b"\r\n A\r\n"),
        ("A" * 150, b"A" * 75 + b"\r\n " + b"A" * 74 + b"\r\n A\r\n"),
        ("A" * 74 + "é!", b"A" * 74 + b"\r\n " + "é!".encode() + b"\r\n"),
        ("A" * 73 + "é!", b"A" * 73 + "é".encode() + b"\r\n !\r\n"),
        ("A" * 72 + "🎤", b"A" * 72 + b"\r\n " + "🎤".encode() + b"\r\n"),
        ("", b"\r\n"),
    ],
    ids=["fits", "one-over", "two-folds", "before-two-octets", "after-two-octets", "before-four-octets", "empty"],
)
def test_a_line_is_folded_at_75_octets_and_between_characters(line, folded):
    assert lines.fold(line) == folded


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("a\\b;c,d:e", r"a\\b\;c\,d:e"),
        ("one\ntwo\r\nthree\rfour", r"one\ntwo\nthree\nfour"),
        ("one\u2028two\u2029three\x85four", r"one\ntwo\nthree\nfour"),
        ("a\x00b\x07c\x1bd\x7fe\x9ff", "abcdef"),
        ("a\tb", "a\tb"),
        ('says "yes"', 'says "yes"'),
        ("مرحبا 🎤", "مرحبا 🎤"),
    ],
    ids=["special", "line-ends", "other-line-ends", "controls", "tab", "quotes", "far-letters"],
)
def test_text_escapes_what_the_rfc_names_and_drops_control_characters(raw, escaped):
    assert lines.text(raw) == escaped


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Maria Achieng", "Maria Achieng"),
        ('Joseph "Joe" Karanja', "Joseph Joe Karanja"),
        ("Solheim, Ingrid", '"Solheim, Ingrid"'),
        ("Unit: one; two", '"Unit: one; two"'),
        ("a = b", '"a = b"'),
        ("Fatou\r\nATTENDEE:mailto:x@example.org", '"Fatou ATTENDEE:mailto:x@example.org"'),
        ("^n \\n \x00 \t ", "n n"),
        ("", ""),
    ],
    ids=["plain", "quotes", "comma", "colon", "equals", "line-end", "caret-and-backslash", "empty"],
)
def test_a_parameter_is_one_line_without_quotes_inside(raw, value):
    assert lines.parameter(raw) == value


@pytest.mark.parametrize(
    ("email", "value"),
    [
        ("maria.achieng@example.org", "mailto:maria.achieng@example.org"),
        ("rsvp+01m9tag@example.org", "mailto:rsvp+01m9tag@example.org"),
        ("o'neill_x=y@example.org", "mailto:o'neill_x=y@example.org"),
        ("50%off@example.org", "mailto:50%25off@example.org"),
        ("a@example.org\r\nSTATUS:CANCELLED", "mailto:a@example.org%0D%0ASTATUS%3ACANCELLED"),
    ],
)
def test_an_address_is_one_uri(email, value):
    assert lines.mailto(email) == value


def test_a_uri_keeps_its_own_marks_and_cannot_end_its_line():
    given = " https://meet.example.org/a%20b/é?x=1&y=(2)#z\r\nX-A:1 "

    assert lines.uri(given) == "https://meet.example.org/a%20b/%C3%A9?x=1&y=(2)#z%0D%0AX-A:1"


def test_times_are_written_to_the_second_with_years_of_four_digits():
    nairobi = timezone(timedelta(hours=3))

    assert lines.local(datetime(2027, 1, 28, 14, 0, 59, 999)) == "20270128T140059"
    assert lines.utc(datetime(2027, 1, 1, 1, 0, tzinfo=nairobi)) == "20261231T220000Z"
    assert lines.utc(datetime(987, 1, 1, tzinfo=UTC)) == "09870101T000000Z"


def test_a_time_of_the_wrong_kind_is_refused():
    with pytest.raises(ValueError, match="an instant was given"):
        lines.local(datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="a local time was given"):
        lines.utc(datetime(2027, 1, 1))
