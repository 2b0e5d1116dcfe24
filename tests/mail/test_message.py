"""The one builder: nothing typed by anyone makes a header, and every line ends as RFC 5322 says."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest

from service.mail import message
from service.mail.form import Form, Marks
from service.mail.message import Calendar, Field, Mailbox

ATTACKS = [
    pytest.param("Ada\r\nBcc: eve@example.org", id="crlf"),
    pytest.param("Ada\nBcc: eve@example.org", id="lf"),
    pytest.param("Ada\rBcc: eve@example.org", id="cr"),
    pytest.param("Ada\r\n\r\n<html>", id="end of header"),
    pytest.param("=?utf-8?q?a=0D=0ABcc:_eve@example.org?=", id="encoded word"),
    pytest.param("=?utf-8?b?YQ0KQmNjOiBldmVAZXhhbXBsZS5vcmc=?=", id="encoded word in base64"),
    pytest.param("==?utf-8?q?a=0D=0ABcc:_eve@example.org?=", id="encoded word, doubled sign"),
    pytest.param("=\u200b?utf-8?q?a=0D=0ABcc:_eve@example.org?=", id="encoded word, zero width"),
    pytest.param("=\u200f?utf-8?q?a=0D=0ABcc:_eve@example.org?=", id="encoded word, direction mark"),
    pytest.param("Ada\u2028Bcc: eve@example.org", id="line separator"),
    pytest.param("Ada\x85Bcc: eve@example.org", id="next line"),
    pytest.param("Ada\x00\x0b\x0c\x1c\x1eBcc: eve@example.org", id="controls"),
    pytest.param('Ada" <eve@example.org>, "', id="quote"),
    pytest.param("Ada\\", id="backslash"),
    pytest.param("Ada, Eve <eve@example.org>; group: x;", id="specials"),
    pytest.param("\u202eadA", id="bidi override"),
    pytest.param("Ada \ud800 lone", id="lone surrogate"),
    pytest.param("é" * 300, id="long accents"),
    pytest.param("x" * 1200, id="no place to fold"),
    pytest.param("مؤسسة هالدن " * 20, id="long Arabic"),
]


def build(*fields: Field, **options: object) -> bytes:
    given = {"text": "Hello\n", "html": "<p>Hello</p>\n", "key": "k", "language": "en"}
    return Form(Marks(()), fields, **(given | options)).fill({})  # type: ignore[arg-type]


def parse(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def assert_lines_are_lawful(raw: bytes) -> None:
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.isascii()


@pytest.mark.parametrize("typed", ATTACKS)
def test_typed_text_never_makes_a_header(typed: str):
    fields = [
        message.mailbox_field("From", Mailbox(typed, "events@example.org")),
        message.mailbox_field("To", Mailbox(typed, "maria@example.org")),
        message.text_field("Subject", typed),
    ]

    raw = build(*fields)

    parsed = parse(raw)
    assert parsed.keys() == ["From", "To", "Subject", "MIME-Version", "Content-Type"]
    # The parser of Python 3.11 puts a space between two encoded words of a name.
    names = [(a.display_name.replace(" ", ""), a.addr_spec) for a in parsed["To"].addresses]
    assert names == [(message.safe(typed).replace(" ", ""), "maria@example.org")]
    assert [a.addr_spec for a in parsed["From"].addresses] == ["events@example.org"]
    assert parsed["Subject"] == message.safe(typed)
    assert_lines_are_lawful(raw)


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("Short", id="ascii"),
        pytest.param(
            "Seminar 2: Working with governments, a rather long title that must be folded twice, " * 2, id="long"
        ),
        pytest.param(
            "Séminaire n° 2 : « Travailler avec les gouvernements », le 1er février 2027 à Genève " * 2, id="fr"
        ),
        pytest.param("الندوة الثانية: العمل مع الحكومات، الخميس 28 يناير 2027، مؤسسة هالدن " * 2, id="ar"),
        pytest.param("𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🌱 outside the plane", id="astral"),
        pytest.param("a " + "=?x?=" * 30, id="broken encoded words"),
    ],
)
def test_subject_comes_back_as_written_and_is_folded(subject: str):
    raw = build(message.text_field("Subject", subject))

    assert parse(raw)["Subject"] == message.safe(subject)
    assert_lines_are_lawful(raw)


def test_encoded_words_are_whole_characters_of_at_most_75():
    field = message.text_field("Subject", "العمل مع الحكومات " * 12)

    words = field.value.split("\r\n ")
    assert len(words) > 3
    assert max(map(len, words)) <= 75
    for word in words:  # each decodes by itself (RFC 2047 §5)
        assert "\ufffd" not in str(email.header.make_header(email.header.decode_header(word)))


@pytest.mark.parametrize(
    "address",
    [
        "maria@example.org\r\nBcc: eve@example.org",
        "maria@example.org> SIZE=1",
        "a,b@example.org",
        "maria",
        "@example.org",
        "maria@",
        "maria@-x-.org\n",
        "ma ria@example.org",
        "mária@example.org",
        "maria@example..org",
        "x" * 65 + "@example.org",
    ],
)
def test_bad_address_is_refused(address: str):
    with pytest.raises(message.BadAddress):
        message.ascii_address(address)


def test_international_domain_is_written_in_ascii():
    assert message.ascii_address("maria@münchen.example") == "maria@xn--mnchen-3ya.example"


def test_field_that_would_break_the_header_is_refused():
    for value in ("a\r\nBcc: x", "a\nb", "a" * 1000):
        with pytest.raises(ValueError, match="would break the header"):
            build(Field("X-Test", value))


def test_long_list_unsubscribe_is_never_encoded():
    url = "https://events.example.org/u/" + "t" * 200
    raw = build(message.raw_field("List-Unsubscribe", f"<{url}>", "<mailto:stop@example.org>"))

    assert f"List-Unsubscribe: <{url}>,\r\n <mailto:stop@example.org>\r\n".encode() in raw


def test_body_lines_are_crlf_whatever_they_were():
    text = "one\r\ntwo\nthree\rfour \n.\n. dot\nFrom me\n" + "é" * 200 + "\n" + "x" * 3000
    raw = build(text=text, html="no line end at all: " + "y" * 200)

    assert_lines_are_lawful(raw)
    plain = parse(raw).get_body(("plain",))
    assert plain is not None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert plain.get_payload(decode=True) == "\r\n".join([*lines, ""]).encode()


def test_calendar_part_comes_last_and_again_as_a_file(unlawful):
    ics = "BEGIN:VCALENDAR\r\nX:é\r\nEND:VCALENDAR\r\n".encode()

    parsed = parse(build(calendar=Calendar(ics, "REQUEST")))

    alternative, attached = parsed.iter_parts()
    parts = list(alternative.iter_parts())
    assert parsed.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    assert dict(parts[2]["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert parts[2]["Content-Disposition"] is None
    assert parts[2].get_payload(decode=True) == ics
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "invite.ics")
    assert attached.get_payload(decode=True) == ics


def test_without_calendar_the_message_is_one_alternative():
    parsed = parse(build())

    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_same_letter_is_the_same_bytes():
    assert build(key="a") == build(key="a")
    assert build(key="a") != build(key="b")


def test_date_is_written_as_rfc_5322_wants_it():
    at = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)

    assert message.date_field(at).value == "Mon, 23 Nov 2026 09:00:00 +0000"
