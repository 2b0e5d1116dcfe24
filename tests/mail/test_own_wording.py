"""The small language in which staff word letters: what it refuses, and what it makes of a letter."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mail.own_wording import FLAGS, SLOTS, BadWording, Choice, Slot, fill, parse, read_words
from service.mail.prose import paragraphs
from service.mail.values import ComposedLetter, Words
from tests.mail.cast import composer, delivery, event, facts, mailing, slots

COMPOSER = composer()
OPENING = "Dear {{ name }}, {{ organisation }} would be glad to see you."


def letter(words: Words, *, language: str = "en", kind: str = "invitation", **options: Any) -> ComposedLetter:
    """Return a letter in these words; `about` are facts, `given` slots."""
    own = {"subject": words.subject, "opening": words.opening, "closing": words.closing}
    about = facts(**options.get("about", {})) | {"wording": {language: own}}
    one = delivery(language=language, slots=slots(**options.get("given", {})))
    return COMPOSER.compose(mailing(kind=kind, facts=about), one)


# What is refused


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("{{ ''.__class__ }}", "not-allowed", 1),
        ("a\nb {{ name.__class__ }}", "unknown-name", 2),
        ("{{ event.__init__.__globals__ }}", "not-allowed", 1),
        ("{{ event['title'] }}", "not-allowed", 1),
        ("{{ name|upper }}", "not-allowed", 1),
        ("{{ name() }}", "not-allowed", 1),
        ("{{ lipsum(9) }}", "not-allowed", 1),
        ("{{ self }}", "unknown-name", 1),
        ("{{ config }}", "unknown-name", 1),
        ("{{ invitee.rsvp_token }}", "unknown-name", 1),
        ("{{ answer_url }}", "unknown-name", 1),
        ("{{ 10**10**10 }}", "not-allowed", 1),
        ("{{ 'a' * 1000000000 }}", "not-allowed", 1),
        ("{{ 'text' }}", "not-allowed", 1),
        ("{{ name ~ name }}", "not-allowed", 1),
        ("{{ name if event.title else name }}", "not-allowed", 1),
        ("{% for x in name %}x{% endfor %}", "not-allowed", 1),
        ("{% for x in range(99999999) %}{% for y in range(99999999) %}{% endfor %}{% endfor %}", "not-allowed", 1),
        ("one\n\n{% include 'sign_up.j2' %}", "not-allowed", 3),
        ("{% import 'x' as x %}", "not-allowed", 1),
        ("{% extends 'x' %}", "not-allowed", 1),
        ("{% set x = 1 %}", "not-allowed", 1),
        ("{% block html %}{% endblock %}", "not-allowed", 1),
        ("{% macro x() %}{% endmacro %}", "not-allowed", 1),
        ("{% raw %}{{ name }}{% endraw %}", "not-allowed", 1),
        ("{# hidden #}", "not-allowed", 1),
        ("{% if name == 'x' %}x{% endif %}", "not-allowed", 1),
        ("{% if name and event.place %}x{% endif %}", "not-allowed", 1),
        ("{% if rsvp %}x{% endif %}", "unknown-name", 1),
        ("{{ answer.yes }}", "unknown-name", 1),
        ("{% if name %}never closed", "syntax", 1),
        ("a\nb {{ name", "syntax", 2),
        ("{{ }}", "syntax", 1),
        ("{% nonsense %}", "syntax", 1),
        ("{% if name %}" * 4 + "{% endif %}" * 4, "too-deep", 1),
        ("{%if name%}" * 360, "too-deep", 1),
        ("{{ " + "(" * 1_900, "too-deep", 1),
        ("x" * 4_001, "too-long", 1),
        ("see http://example.org", "not-https", 1),
        ("see JavaScript:alert(1)", "not-https", 1),
        ("see https://example.org/{{ name }}", "slot-in-link", 1),
        ("\nsee https://x.example/?a{% if name %}b{% endif %}{{ name }}", "slot-in-link", 2),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(BadWording) as refused:
        read_words("", text, "")

    assert (refused.value.code, refused.value.facts, refused.value.field) == (code, {"line": line}, "opening")
    assert refused.value.sentence.startswith(f"Line {line}: ")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello\r\nBcc: all@example.org", "subject-lines"),
        ("Hello\nX: y", "subject-lines"),
        ("For {{ name }}", "personal-subject"),
        ("{% if answer.yes %}Soon{% endif %}", "personal-subject"),
        ("x" * 201, "too-long"),
    ],
)
def test_subject_is_one_line_that_names_nobody(text: str, code: str) -> None:
    with pytest.raises(BadWording) as refused:
        read_words(text, "", "")

    assert (refused.value.code, refused.value.field) == (code, "subject")


def test_text_becomes_pieces_of_our_own() -> None:
    made = parse("Hi {{ name }}{% if not event.place %}, online{% elif answer.yes %}!{% else %}?{% endif %}", "opening")

    other = Choice("answer.yes", False, ("!",), ("?",))
    assert made == ("Hi ", Slot("name"), Choice("event.place", True, (", online",), (other,)))


# What a letter says


def test_letter_speaks_in_our_own_words_and_keeps_what_is_not_theirs() -> None:
    words = read_words("Come to {{ event.title }}", OPENING, "Do ask: https://example.org/ask.\n\n- **one**\n- two")
    made = letter(words)

    assert made.subject == "Come to Seminar 2: Working with governments"
    assert made.text.startswith(
        "Dear Maria,\n\nDear Maria Achieng, Halden Trust would be glad to see you.\n\nIn Nairobi: "
    )
    assert "\n\nDo ask: https://example.org/ask.\n\n- **one**\n- two\n\nWith kind regards,\n" in made.text
    link = '<a href="https://example.org/ask" style="color:#0c5a49;">https://example.org/ask</a>'
    assert (
        f'<p dir="auto">Do ask: {link}.</p><ul dir="auto"><li><strong>one</strong></li><li>two</li></ul>' in made.html
    )
    ours = letter(Words())
    for always in ("/rsvp/", "Do not invite me again", "What you hold on me", "1 Example Street, London"):
        assert (always in made.text, always in made.html) == (always in ours.text, always in ours.html)
    assert made.text.count("https://events.example.org/") == ours.text.count("https://events.example.org/") > 0
    assert made.ics == ours.ics
    assert "invites you" in ours.text
    assert "invites you" not in made.text


def test_empty_parts_and_words_that_say_nothing_leave_it_to_ours() -> None:
    words = read_words("{% if event.place %}{% endif %}", "{% if not name %}x{% endif %}", "")

    made, ours = letter(words), COMPOSER.compose(mailing(facts=facts()), delivery(slots=slots()))

    assert (made.subject, made.text, made.html, made.raw) == (ours.subject, ours.text, ours.html, ours.raw)


def test_each_reader_gets_their_own_name() -> None:
    words = read_words("", OPENING, "")
    names = ["Maria Achieng", "<b>Ann & Co</b>", "%(to)s %s"]

    made = [letter(words, given={"person": slots()["person"] | {"name": name, "greeting": ""}}) for name in names]

    assert [f"Dear {name}, Halden" in one.text for name, one in zip(names, made, strict=True)] == [True] * 3
    assert "Dear &lt;b&gt;Ann &amp; Co&lt;/b&gt;, Halden" in made[1].html


def test_other_languages_keep_ours() -> None:
    own = {"wording": {"fr": {"subject": "Venez", "opening": "Bonjour", "closing": ""}}}
    english, french = (
        COMPOSER.compose(mailing(facts=facts() | own), delivery(language=tag, slots=slots())) for tag in ("en", "fr")
    )

    assert (english.subject.startswith("Invitation"), french.subject) == (True, "Venez")


# Privacy


@pytest.mark.parametrize(
    ("about", "given_slots", "kind"),
    [
        ({"discreet": True}, {}, "invitation"),
        ({}, {"discreet": True}, "invitation"),
        ({"discreet": True}, {"invitation": slots()["invitation"] | {"partstat": "ACCEPTED"}}, "joining"),
        ({}, {"discreet": True, "invitation": slots()["invitation"] | {"partstat": "ACCEPTED"}}, "reminder"),
    ],
)
def test_whatever_is_discreet_stays_in_our_words(about: dict[str, Any], given_slots: dict[str, Any], kind: str) -> None:
    words = read_words("Pride: {{ event.title }}", "Pride meets at {{ event.place }}", "Pride closes")

    made = letter(words, about=about, given=given_slots, kind=kind)
    ours = letter(Words(), about=about, given=given_slots, kind=kind)

    assert (made.subject, made.text, made.html, made.raw) == (ours.subject, ours.text, ours.html, ours.raw)
    assert "Pride" not in made.text


def test_who_is_asked_again_or_no_longer_invited_reads_ours() -> None:
    words = read_words("Mine", "Mine", "Mine")
    yes = slots()["invitation"] | {"partstat": "ACCEPTED"}
    gone = slots()["calendar"] | {"method": "CANCEL", "sequence": 1, "whole_event": False}

    again = letter(words, kind="reminder", given={"invitation": yes})
    uninvited = letter(words, kind="cancellation", given={"calendar": gone})

    assert ("Mine" in again.text, "Mine" in uninvited.text) == (False, False)


# Whatever is accepted can be sent

_BITS = st.sampled_from(
    [
        *(f"{{{{ {name} }}}}" for name in SLOTS),
        *(f"{{% if {name} %}}" for name in (*SLOTS, *FLAGS)),
        *("{% if not name %}", "{% else %}", "{% endif %}", "{% elif event.place %}", "{{ '", "{% for x in y %}"),
        *("\r\nBcc: a@b.example", "\n\n", "\n- ", "**", "https://x.example/?a=%s&b", "=?utf-8?q?x?=", "%(to)s", "%"),
        *("<script>", "{{", "}}", "{%", "\u202e", "\u2028", "\x00", "الحقوق", "🕊️", "\ud83d", "é" * 60, "word " * 40),
    ]
)
_TEXT = st.lists(_BITS | st.text(max_size=12), max_size=12).map("".join)


@given(subject=_TEXT, opening=_TEXT, closing=_TEXT, title=_TEXT)
def test_no_text_that_is_kept_fails_in_a_letter_or_breaks_a_header(
    subject: str, opening: str, closing: str, title: str
) -> None:
    try:
        words = read_words(subject, opening, closing)
    except BadWording:
        return

    safe_title = title.encode(errors="ignore").decode()
    made = letter(words, about={"event": event(title=safe_title, place="")})
    parsed = email.message_from_bytes(made.raw, policy=email.policy.default)

    ours = COMPOSER.compose(mailing(facts=facts()), delivery(slots=slots()))
    names = [name for name, _value in email.message_from_bytes(ours.raw, policy=email.policy.default).items()]
    assert list(parsed.keys()) == names
    assert parsed["Subject"] == made.subject
    assert "<script" not in made.html


@given(text=st.text(max_size=200))
def test_prose_is_never_markup(text: str) -> None:
    made = paragraphs(text)

    for tag in ("p", "ul", "li", "strong", "a"):
        assert made.count(f"<{tag} ") + made.count(f"<{tag}>") == made.count(f"</{tag}>")


def test_fill_needs_every_value() -> None:
    with pytest.raises(KeyError):
        fill((Slot("name"),), {})


def test_a_test_letter_says_so() -> None:
    made = COMPOSER.compose(mailing(facts=facts() | {"test": True}), delivery(slots=slots()))

    assert made.subject.startswith("Test: Invitation: Seminar 2")
