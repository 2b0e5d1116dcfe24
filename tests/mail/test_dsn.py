"""Mail that comes in: what it is, and what it says of itself."""

from __future__ import annotations

import base64
import hashlib
import textwrap
import time

import pytest

from service.kernel.tokens import Keyring
from service.mail import addresses, dsn
from service.mail.dsn import Incoming, IncomingKind, read_incoming
from tests.mail.cast import KEYRING, an_id, composer, delivery, mailing

OURS = composer().compose(mailing(), delivery())
REPLY = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"


def crlf(text: str) -> bytes:
    return textwrap.dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def bounce(*, fields: str = "Action: failed\nStatus: 5.1.1", to: str = OURS.envelope.mail_from) -> bytes:
    head = crlf(f"""
        From: MAILER-DAEMON@mx.example.org
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

        --b1
        Content-Type: text/plain

        Sorry.

        --b1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org
        Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000

        Final-Recipient: rfc822; maria.achieng@example.org
        """)
    tail = b"\r\n\r\n--b1\r\nContent-Type: message/rfc822\r\n\r\n" + OURS.raw + b"\r\n--b1--\r\n"
    return head + fields.replace("\n", "\r\n").encode() + tail


def test_bounce_is_read_although_it_carries_our_invitation():
    raw = bounce()

    assert read_incoming(raw) == Incoming(
        kind=IncomingKind.DSN,
        sha256=hashlib.sha256(raw).hexdigest(),
        from_address="MAILER-DAEMON@mx.example.org",
        recipients=(OURS.envelope.mail_from,),
        plus_tags=(OURS.envelope.mail_from.partition("+")[2].partition("@")[0],),
        original_message_id=OURS.message_id,
        action="failed",
        status="5.1.1",
    )


def test_bounce_proves_its_delivery_by_its_tag_alone():
    (tag,) = read_incoming(bounce()).plus_tags
    (forged,) = read_incoming(bounce(to=f"rsvp+b.{an_id(3)}.0123456789abcdef@events.example.org")).plus_tags

    assert addresses.read_bounce_tag(KEYRING, tag) == an_id(3)
    assert addresses.read_bounce_tag(KEYRING, forged) is None
    assert addresses.read_bounce_tag(Keyring(b"another secret key, 32 bytes long"), tag) is None


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ("Action: failed\nStatus: 5.1.1 (bad mailbox)", ("failed", "5.1.1")),
        ("Action: Delayed\nStatus: 4.4.1", ("delayed", "4.4.1")),
        ("Action: delivered\nStatus: 2.0.0", ("delivered", "2.0.0")),
        ("Action: failed (really)\nStatus: nonsense", ("failed", "")),
        (
            "Action: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b\nAction: failed\nStatus: 5.2.2",
            ("failed", "5.2.2"),
        ),
        ("Diagnostic-Code: smtp; 550 no", ("", "")),
    ],
)
def test_action_and_status_are_those_of_the_worst_recipient(fields: str, read: tuple[str, str]):
    incoming = read_incoming(bounce(fields=fields))

    assert (incoming.kind, (incoming.action, incoming.status)) == (IncomingKind.DSN, read)


def test_complaint_names_the_letter_complained_of():
    raw = crlf(f"""
        From: fbl@provider.example
        To: rsvp@events.example.org
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

        --b1
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        Version: 1

        --b1
        Content-Type: text/rfc822-headers

        Message-ID: {OURS.message_id}
        Subject: x

        --b1--
        """)

    incoming = read_incoming(raw)

    assert (incoming.kind, incoming.original_message_id) == (IncomingKind.COMPLAINT, OURS.message_id)


def reply(headers: str = "", part: str = "Content-Type: text/calendar; method=REPLY") -> bytes:
    head = f"From: Maria <maria@example.org>\nTo: Halden <rsvp+ABC@events.example.org>\n{headers}"
    body = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nYes\n--b\n"
    encoded = base64.encodebytes(REPLY).decode()
    tail = f"{part}\nContent-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
    return (head + body + tail).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(reply(), id="plain"),
        pytest.param(reply("Auto-Submitted: auto-replied\n"), id="marked automatic"),
        pytest.param(reply(part='Content-Type: application/octet-stream; name="Reply.ICS"'), id="only a name"),
        pytest.param(reply().replace(b"\r\n", b"\n"), id="bare LF"),
    ],
)
def test_calendar_answer_is_found(raw: bytes):
    incoming = read_incoming(raw)

    assert (incoming.kind, incoming.calendar) == (IncomingKind.CALENDAR, REPLY)
    assert (incoming.from_address, incoming.plus_tags) == ("maria@example.org", ("abc",))


ASKED = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def with_parts(*parts: str, headers: str = "") -> bytes:
    body = "".join(f"--b\r\nContent-Type: {part}\r\n" for part in parts)
    return (
        f'From: m@example.org\r\n{headers}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{body}--b--\r\n'.encode()
    )


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((f"text/calendar\r\n\r\n{ASKED}", f"text/calendar\r\n\r\n{REPLY.decode()}"), id="after"),
        pytest.param((f"text/calendar\r\n\r\n{REPLY.decode()}", f"text/calendar\r\n\r\n{ASKED}"), id="before"),
        pytest.param(("text/calendar\r\n\r\n", f"application/ics\r\n\r\n{REPLY.decode()}"), id="after an empty one"),
        pytest.param((f"text/plain\r\n\r\n{REPLY.decode()}",), id="as plain text"),
        pytest.param((f"application/octet-stream\r\n\r\n{REPLY.decode()}",), id="as a file without a name"),
    ],
)  # fmt: skip
def test_the_answer_is_found_beside_what_it_answers(parts: tuple[str, ...]):
    incoming = read_incoming(with_parts(*parts))

    assert (incoming.kind, (incoming.calendar or b"").strip()) == (IncomingKind.CALENDAR, REPLY.strip())


@pytest.mark.parametrize("written", ["method=reply", 'METHOD="REPLY"', "method*=us-ascii''REPLY"])
def test_the_method_is_known_by_the_mail_too(written: str):
    bare = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    assert read_incoming(with_parts(f"text/calendar; {written}\r\n\r\n{bare}")).method == "REPLY"


def wrapped(inside: str) -> str:
    """Return a part that is a mail of its own, with text and a calendar in it."""
    parts = ("text/plain\r\n\r\nYes", f"text/calendar\r\n\r\n{inside}")
    body = "".join(f"--i\r\nContent-Type: {part}\r\n" for part in parts)
    head = "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=i"
    return f"message/rfc822\r\n\r\n{head}\r\n\r\n{body}--i--\r\n"


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        pytest.param((wrapped(REPLY.decode()),), REPLY.strip(), id="an answer in a mail of its own"),
        pytest.param((wrapped(ASKED),), None, id="our own invitation, sent back"),
        pytest.param((f"text/calendar\r\n\r\n{ASKED}", wrapped(REPLY.decode())), REPLY.strip(), id="beside ours"),
        pytest.param(("message/delivery-status\r\n\r\n", wrapped(REPLY.decode())), None, id="in a bounce"),
    ],
)  # fmt: skip
def test_of_mails_within_a_mail_only_an_answer_is_read(parts: tuple[str, ...], found: bytes | None):
    incoming = read_incoming(with_parts(*parts))

    assert (incoming.calendar.strip() if incoming.calendar else None) == found


def test_answers_that_differ_all_come_and_the_same_twice_is_one():
    yes, no = REPLY.decode(), REPLY.decode().replace("END:VCALENDAR", "X-ANSWER:NO\r\nEND:VCALENDAR")

    both = read_incoming(with_parts(f"text/calendar\r\n\r\n{yes}", f"text/calendar\r\n\r\n{no}")).calendar or b""
    same = read_incoming(with_parts(f"text/calendar\r\n\r\n{yes}", f"application/ics\r\n\r\n{yes}")).calendar or b""

    assert [both.count(word) for word in (b"BEGIN:VCALENDAR", b"X-ANSWER:NO")] == [2, 1]
    assert same.strip() == REPLY.strip()


@pytest.mark.parametrize("charset", ["windows-1256", "iso-8859-6", "punycode", "zlib", "x-none", ""])
def test_a_calendar_comes_in_utf_8_whatever_its_letters(charset: str):
    said = "BEGIN:VCALENDAR\r\nCOMMENT:نعم\r\n"
    known = charset.startswith(("windows", "iso"))
    octets = said.encode(charset if known else "utf-8")
    head = f"From: m@example.org\r\nContent-Type: text/calendar; charset={charset}\r\n\r\n".encode()

    assert read_incoming(head + octets).calendar == said.encode()


def test_a_note_of_absence_with_our_invitation_attached_is_no_answer():
    raw = with_parts(f"text/calendar; method=REQUEST\r\n\r\n{ASKED}", headers="Auto-Submitted: auto-replied\r\n")

    assert read_incoming(raw).kind is IncomingKind.AUTO_REPLY


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nx"
    for n in range(depth):
        inner = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n%b\r\n--%d--' % (n, n, inner, n)
    return b"From: m@example.org\r\n" + inner


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(nested(3_000), id="parts in parts"),
        pytest.param(
            b"From: m@example.org\r\nContent-Type: text/calendar; " + b"; ".join([b"a=b"] * 200_000) + b"\r\n\r\nx",
            id="parameters",
        ),
        pytest.param(with_parts(*["text/plain\r\n\r\nx"] * 20_000), id="parts side by side"),
        pytest.param(b"From: m@example.org\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\nx", id="fields"),
    ],
)
def test_a_hostile_mail_is_read_at_once(raw: bytes):
    before = time.process_time()
    incoming = read_incoming(raw)

    assert incoming.from_address == "m@example.org"
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", IncomingKind.AUTO_REPLY),
        ("Auto-Submitted: no", IncomingKind.OTHER),
        ("Precedence: bulk", IncomingKind.AUTO_REPLY),
        ("X-Autoreply: yes", IncomingKind.AUTO_REPLY),
        ("In-Reply-To: <x@y>", IncomingKind.OTHER),
    ],
)
def test_automatic_answers_are_told_from_a_humans(headers: str, kind: IncomingKind):
    raw = crlf(f"From: a@example.org\nTo: rsvp@events.example.org\n{headers}\n\nI am away.\n")

    assert read_incoming(raw).kind is kind


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("maria@example.org", "maria@example.org"),
        ('"eve@example.org" <maria@example.org>', "maria@example.org"),
        ("eve@example.org <maria@example.org>", "maria@example.org"),
        ("maria@example.org (Maria)", "maria@example.org"),
        ("nobody", ""),
    ],
)
def test_author_is_the_address_in_angle_brackets(line: str, author: str):
    assert read_incoming(crlf(f"From: {line}\n\nx\n")).from_address == author


def test_recipients_of_all_fields_are_gathered_once():
    raw = crlf("""
        Delivered-To: rsvp+one@events.example.org
        To: "A" <rsvp+one@events.example.org>, undisclosed:;
        Cc: rsvp+two@events.example.org

        x
        """)

    incoming = read_incoming(raw)

    assert incoming.recipients == ("rsvp+one@events.example.org", "rsvp+two@events.example.org")
    assert incoming.plus_tags == ("one", "two")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff\xfe" * 100, id="binary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 5000, id="many parts"),
        pytest.param(b"To: " + b"(" * 5000 + b"\r\n\r\n", id="nested comments"),
        pytest.param(b"To: " + b"a@b.c, " * 20000 + b"\r\n\r\n", id="many recipients"),
        pytest.param(b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!", id="bad base64"),
        pytest.param(b"Content-Type: message/delivery-status\r\n\r\n", id="empty status"),
        pytest.param(
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100)),
            id="deep",
        ),
    ],
)
def test_odd_mail_is_read_without_harm(raw: bytes):
    assert read_incoming(raw).sha256 == hashlib.sha256(raw).hexdigest()


def test_too_large_mail_is_refused():
    with pytest.raises(dsn.IncomingTooLarge):
        read_incoming(b"x" * (dsn.SIZE_LIMIT + 1))
