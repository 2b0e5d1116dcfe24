"""Compiled letters are what plain rendering makes, but for soft line breaks; what a person brings stays inside."""

from __future__ import annotations

import base64
import binascii
import email
import hashlib
import random
from dataclasses import replace
from email import policy
from typing import Any

import pytest

from service.kernel.ids import pack
from service.kernel.text import clean_line
from service.mail import meeting, message
from service.mail.form import Form, Marks
from service.mail.message import Calendar, Field, Mailbox
from service.mail.values import Delivery, Mailing
from tests.mail.cast import an_id, composer, delivery, event, facts, mailing, slots

COMPOSER = composer()
KINDS = sorted(COMPOSER.kinds.purposes)
WORDS = [
    "Maria", "Achieng", "d'Ivoire & Söhne", "<b>bold</b>", "100 % sure %(greeting)s %s", "=?utf-8?q?a=0D=0ABcc:_v?=",
    "ماريا", "\u202eevil", "line\r\nBcc: eve@example.org", ".", "..", "From ", "𝔘𝔫𝔦", "{name}", "{{ 7*7 }}", "x" * 90,
    "tab\tand  spaces ", "é" * 40, "\u2028", "\x85", '"quoted"', "a,b;c:d\\", "=20", "--=_a", "\ud800",
]  # fmt: skip


def plain(made: Mailing, one: Delivery) -> bytes:
    """Build the message without marks: every part rendered and encoded whole, for this person alone."""
    language = COMPOSER.kinds.language(made.kind, one.language)
    words = COMPOSER.kinds.words(language)
    address = message.ascii_address(one.address)
    own = COMPOSER._own(made, one, words, address)
    organizer = COMPOSER.addresses.rsvp(one.slots["invitation"]["id"]) if one.slots.get("invitation") else ""
    calendar = meeting.calendar_file(made.facts, one.slots, attendee=address, organizer=organizer, words=words)
    values = COMPOSER._values(made, one, language, own) | {"has_calendar": calendar is not None}
    rendered = COMPOSER.kinds.render(made.kind, language, values)
    to = message.mailbox_field("To", Mailbox(one.slots["person"].get("name") or "", one.address))
    fields = COMPOSER._fields(made, rendered.subject, language, {**own, "to": to.value})
    head = message.header([*fields, Field("MIME-Version", "1.0")]).encode("ascii")
    return head + _body(rendered.text, rendered.html, made.id, language, calendar)


def _body(text: str, html: str, key: str, language: str, calendar: Calendar | None) -> bytes:
    mark = hashlib.sha256(key.encode()).hexdigest()[:24]
    parts = [_text("plain", text, language), _text("html", html, language)]
    if calendar is None:
        return _multipart("alternative", f"=_a{mark}", parts)
    code = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(calendar.data).replace(b"\n", b"\r\n")
    parts.append(f"Content-Type: text/calendar; charset=utf-8; method={calendar.method}\r\n".encode() + code)
    file = b'Content-Type: application/ics; name="invite.ics"\r\n'
    file += b'Content-Disposition: attachment; filename="invite.ics"\r\n' + code
    return _multipart("mixed", f"=_m{mark}", [_multipart("alternative", f"=_a{mark}", parts), file])


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> bytes:
    line = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def _text(subtype: str, text: str, language: str) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Language: {language}\r\n"
    head += "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    data = text.encode("utf-8", "replace").rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    return head.encode() + binascii.b2a_qp(data, istext=True)


def unbroken(raw: bytes) -> bytes:
    """Return a message without soft line breaks, which may stand anywhere, and each dot alone as itself."""
    return raw.replace(b"=\r\n", b"").replace(b"=2E", b".")


def _speakable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def people(seed: int, count: int) -> list[Delivery]:
    """Return letters to people of every kind, the same for the same seed."""
    chance = random.Random(seed)

    def said() -> str | None:
        return chance.choice([None, "", " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))])

    def one(number: int) -> Delivery:
        person = {"name": said(), "greeting": said(), "source": said()}
        person["time_zone"] = chance.choice([None, "Africa/Nairobi", "Asia/Kathmandu", "No/Where"])
        partstat = chance.choice(["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"])
        invitation = slots()["invitation"] | {
            "id": an_id(1000 + number), "token_version": chance.randint(1, 300), "partstat": partstat,
        }  # fmt: skip
        method = chance.choice(["REQUEST", "CANCEL"])
        calendar = slots()["calendar"] | {
            "method": method, "sequence": chance.randint(int(method == "CANCEL"), 3),
            "partstat": chance.choice([partstat, "NEEDS-ACTION"]), "whole_event": chance.random() < 0.5,
        }  # fmt: skip
        given: dict[str, Any] = {"person": person, "invitation": invitation, "show_link": chance.random() < 0.5}
        given["calendar"] = calendar if chance.random() < 0.8 else None
        given |= {"discreet": True} if chance.random() < 0.2 else {}
        return delivery(
            id=an_id(5000 + number),
            recipient_ref=an_id(9000 + number),
            address=f"{'x' * chance.randint(1, 60)}@{'sub.' * chance.randint(0, 40)}münchen.example",
            language=chance.choice(["en", "fr", "es", "ar", "ar-JO", "fr-CH", "xx"]),
            slots=slots(**given),
        )

    return [one(number) for number in range(count)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("discreet", [False, True])
def test_compiled_letters_are_the_plainly_rendered_ones(kind: str, discreet: bool):
    given = facts(
        discreet=discreet,
        event=event(title="100 % of “Séminaire” & co: %(name)s", place=" ".join(WORDS)),
        changes=[{"what": "time", "before": event(starts_at="2027-01-27T14:00:00+00:00"), "after": event()}],
        **dict.fromkeys(("note", "cancel_reason", "subject", "body"), "5 % off\n\n.\nFrom me, %s"),
    )
    made = mailing(kind=kind, facts=given, list_id=an_id(9) if discreet else None)

    for one in people(len(kind), 60):
        letter = COMPOSER.compose(made, one)

        assert letter.raw == COMPOSER.make(made, one).raw
        assert unbroken(letter.raw) == unbroken(plain(made, one))
        parsed = email.message_from_bytes(letter.raw, policy=policy.default)
        text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
        assert text is not None
        assert html is not None
        assert text.get_content().replace("\r\n", "\n") == _speakable(letter.text)
        assert html.get_content().replace("\r\n", "\n").rstrip("\n") == _speakable(letter.html).rstrip("\n")
        files = [part.get_content() for part in parsed.walk() if part.get_content_type() == "application/ics"]
        assert files == ([letter.ics] if letter.ics else [])
        assert parsed.get("Bcc") is None
        assert {name: " ".join(value.split()) for name, value in letter.headers if name not in ("From", "To")} == {
            name: " ".join(str(parsed[name]).split()) for name, _ in letter.headers if name not in ("From", "To")
        }
        assert clean_line(parsed["To"].addresses[0].addr_spec) == letter.envelope.rcpt_to


def test_a_changed_mailing_is_compiled_anew():
    one = delivery()
    first, second = mailing(facts=facts(note="first")), mailing(facts=facts(note="second"))

    assert "first" in COMPOSER.compose(first, one).text
    assert "second" in COMPOSER.compose(second, one).text
    reminder = replace(second, kind="reminder")
    assert unbroken(COMPOSER.compose(reminder, one).raw) == unbroken(plain(reminder, one))


def test_a_mark_typed_by_someone_is_a_word_like_any_other():
    ours, theirs = Marks(("greeting",)), Marks(("greeting",))

    assert ours.template(f"{ours.of['greeting']} {theirs.of['greeting']} 5%") == (
        f"%(greeting)s {theirs.of['greeting']} 5%%"
    )


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a" * 1000, "é", "a\r\n\r\nbody"])
def test_a_value_that_would_break_the_header_is_refused(value: str):
    marks = Marks(("to",))
    form = Form(marks, [Field("To", marks.of["to"])], text="t", html="h", key="k", language="en")

    with pytest.raises(ValueError, match=r"field|ascii"):
        form.fill({"to": value})


@pytest.mark.parametrize("identifier", ["", "0" * 25, "i" * 26, "A" * 26, "_" + "0" * 25, " " + "0" * 25, "é" * 26])
def test_only_our_identifiers_are_packed(identifier: str):
    with pytest.raises(ValueError, match=r"identifier|ascii|invalid literal"):
        pack(identifier)
