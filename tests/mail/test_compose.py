"""The letter one person gets: words, links, calendar part, and what it must not say."""

from __future__ import annotations

import email
import re
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest

from service.kernel.tokens import ANSWER, PREFERENCES, UNSUBSCRIBE, Claim
from service.mail import addresses, message
from service.mail.compose import CannotCompose
from service.mail.kinds import VARIABLES
from service.mail.values import ComposedLetter
from tests import calendar_check
from tests.mail.cast import KEYRING, NOW, an_id, composer, delivery, event, facts, mailing, slots

COMPOSER = composer()
KINDS = sorted(COMPOSER.kinds.purposes)
WRITTEN = {"message", "newsletter", "press_release", "action_alert", "daily_briefing"}  # in staff's own words
LANGUAGES = ("en", "fr", "es", "ar")
OWN_HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
]


def compose(kind: str = "invitation", language: str = "en", **given: Any) -> ComposedLetter:
    """Compose a letter; `facts` and `slots` are changes to the usual ones."""
    made = mailing(kind=kind, facts=facts(**given.get("facts", {})), list_id=given.get("list_id"))
    return COMPOSER.compose(made, delivery(language=language, slots=slots(**given.get("slots", {}))))


def accepted(**changes: Any) -> dict[str, Any]:
    return {"invitation": slots()["invitation"] | {"partstat": "ACCEPTED", "seat": "held"} | changes}


def parse(letter: ComposedLetter) -> EmailMessage:
    parsed = email.message_from_bytes(letter.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def links(letter: ComposedLetter) -> set[str]:
    return set(re.findall(r"https://[^\s\"<>]+", letter.text)) | set(re.findall(r'href="([^"]+)"', letter.html))


SPACE = " "  # RFC 3676 §4.3: a signature begins with dash, dash, space


def test_invitation_reads_as_it_should():
    token = KEYRING.sign(ANSWER, an_id(7), 1)

    letter = compose(facts={"note": "You told us in Geneva that the second meeting is the hardest."})

    assert letter.subject == "Invitation: Seminar 2: Working with governments, 28 January"
    assert (
        letter.text
        == f"""\
Dear Maria,

Halden Trust invites you to “Seminar 2: Working with governments”.

You told us in Geneva that the second meeting is the hardest.

In Nairobi: Thursday 28 January 2027, 17:00–19:00
In London: 14:00–16:00, same day
Where: Meeting house, Room 2, or online

Can you come?
Yes, in the room: https://events.example.org/r/{token}?a=yes
Yes, online: https://events.example.org/r/{token}?a=yes_online
Not sure yet: https://events.example.org/r/{token}?a=maybe
No, I cannot: https://events.example.org/r/{token}?a=no

The link opens a page where you confirm; nothing is noted before. You may also answer from your calendar.

With kind regards,
Ruth Ellery
Halden Trust

--{SPACE}
We have your address from: Geneva meeting, November 2026.
This letter is for you alone; it contains no tracking.
What you hold on me: https://events.example.org/p/{KEYRING.sign(PREFERENCES, an_id(7))}
Do not invite me again: https://events.example.org/u/{KEYRING.sign(UNSUBSCRIBE, an_id(3))}
Halden Trust, 1 Example Street, London
"""
    )


def test_header_and_envelope_are_ours_alone():
    letter = compose()

    parsed = parse(letter)
    assert parsed.keys() == [*OWN_HEADERS, "MIME-Version", "Content-Type"]
    assert [name for name, _ in letter.headers] == OWN_HEADERS
    assert {name: parsed[name] for name in ("From", "To", "Date", "Message-ID", "Content-Language")} == {
        "From": '"Ruth Ellery, Halden Trust" <events@example.org>',
        "To": "Maria Achieng <maria.achieng@example.org>",
        "Date": "Mon, 23 Nov 2026 09:00:00 +0000",
        "Message-ID": f"<{an_id(3)}@events.example.org>",
        "Content-Language": "en",
    }
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert letter.message_id == parsed["Message-ID"]
    assert letter.envelope.rcpt_to == "maria.achieng@example.org"


def test_plus_addresses_prove_what_they_name():
    letter = compose()

    def tag(address: str) -> str:
        return address.partition("+")[2].partition("@")[0]

    assert addresses.read_bounce_tag(KEYRING, tag(letter.envelope.mail_from).upper()) == an_id(3)
    assert addresses.read_rsvp_tag(KEYRING, tag(parse(letter)["Reply-To"])) == an_id(7)
    assert addresses.read_bounce_tag(KEYRING, tag(parse(letter)["Reply-To"])) is None
    assert addresses.read_rsvp_tag(KEYRING, tag(letter.envelope.mail_from)) is None
    forged = tag(letter.envelope.mail_from).replace(an_id(3), an_id(4))
    assert addresses.read_bounce_tag(KEYRING, forged) is None
    assert letter.envelope.mail_from.endswith("@events.example.org")


def test_list_mail_says_how_to_leave():
    letter = compose(list_id=an_id(9))

    fields = dict(letter.headers)
    https, mailto = fields["List-Unsubscribe"].split(", ")
    assert [name for name, _ in letter.headers] == [
        *OWN_HEADERS,
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Precedence",
    ]
    assert KEYRING.read(UNSUBSCRIBE, https.strip("<>").rpartition("/")[2]) == Claim(an_id(3), 1)
    tag = mailto.partition("+")[2].partition("@")[0]
    assert addresses.read_stop_tag(KEYRING, tag) == an_id(3)
    assert (fields["List-Unsubscribe-Post"], fields["Precedence"]) == ("List-Unsubscribe=One-Click", "bulk")
    assert an_id(9) not in letter.raw.decode()
    for line in letter.raw.split(b"\r\n\r\n")[0].split(b"\r\n"):
        assert not (b"List-Unsubscribe" in line and b"=?" in line)


def test_calendar_part_is_one_request_to_one_person():
    letter = compose()

    assert letter.ics is not None
    parts = [part for part in parse(letter).walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    calendar = icalendar.Calendar.from_ical(letter.ics)
    (meeting,) = calendar.walk("VEVENT")
    assert [part.get_payload(decode=True) for part in parts] == [letter.ics, letter.ics]
    assert (str(calendar["METHOD"]), parts[0].get_param("method")) == ("REQUEST", "REQUEST")
    assert str(meeting["ATTENDEE"]) == "mailto:maria.achieng@example.org"
    assert str(meeting["ORGANIZER"]) == f"mailto:{parse(letter)['Reply-To']}"
    assert (str(meeting["UID"]), str(meeting["LOCATION"])) == (event()["uid"], "Meeting house, Room 2")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("discreet", [False, True])
@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_mail_and_its_calendar_files_pass_the_strict_checker(language: str, discreet: bool, method: str):
    kind = "invitation" if method == "REQUEST" else "cancellation"
    asked = slots()["calendar"] | {"method": method, "sequence": 1}

    letter = compose(
        kind, language, facts={"discreet": discreet}, slots={"calendar": asked, "show_link": True}, list_id=an_id(9)
    )

    assert calendar_check.check(letter.raw, require_calendar=True) == []
    assert calendar_check.check(letter.ics or b"", require_calendar=True) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_calendar_file_holds_no_personal_link(kind: str, language: str):
    letter = compose(
        kind, language, slots=accepted() | {"show_link": True}, facts={"subject": "News", "body": "b", "note": "n"}
    )

    assert letter.ics is not None
    plain = letter.ics.replace(b"\r\n ", b"")
    assert b"https://meet.example.org/seminar-2" in plain
    for path in (b"/r/", b"/u/", b"/p/"):
        assert path not in plain


def test_join_link_is_shown_only_to_those_who_may_see_it():
    hidden, shown = compose("joining"), compose("joining", slots={"show_link": True})

    assert "meet.example.org" not in hidden.raw.decode() + hidden.html + hidden.text
    assert b"meet.example.org" not in (hidden.ics or b"")
    assert "Join: https://meet.example.org/seminar-2" in shown.text
    assert "https://meet.example.org/seminar-2" in links(shown)


def test_join_link_that_is_no_web_address_is_not_a_link():
    letter = compose("joining", slots={"show_link": True}, facts={"event": event(online_url="javascript:alert(1)")})

    assert "javascript" not in letter.html + letter.text


@pytest.mark.parametrize(
    ("mode", "answers"),
    [
        ("in_person", ["yes", "maybe", "no"]),
        ("online", ["yes_online", "maybe", "no"]),
        ("hybrid", ["yes", "yes_online", "maybe", "no"]),
        ("email", ["yes", "maybe", "no"]),
    ],
)
def test_answers_fit_the_mode(mode: str, answers: list[str]):
    letter = compose(facts={"event": event(mode=mode)})

    assert re.findall(r"\?a=(\w+)\"", letter.html) == answers
    assert re.findall(r"\?a=(\w+)\n", letter.text) == answers


SECRETS = (
    "Working with governments",
    "Meeting house",
    "second meeting",
    "Resource book",
    "meet.example.org",
    "seminar",
)


def said(letter: ComposedLetter) -> str:
    """Return all that a letter says, but for the calendar's UID."""
    ics = (letter.ics or b"").replace(b"\r\n ", b"").decode().replace(event()["uid"], "")
    return letter.subject + letter.text + letter.html + ics + "".join(value for _, value in letter.headers)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - WRITTEN))
@pytest.mark.parametrize("language", LANGUAGES)
def test_discreet_letter_names_nothing_before_a_yes(kind: str, language: str):
    changes = [
        {"what": what, "before": event(title="Old governments seminar", place="Old Meeting house"), "after": event()}
        for what in ("time", "place", "title", "mode")
    ]
    given = {"discreet": True, "changes": changes}
    seen = compose(kind, language, facts={"changes": changes}, slots={"show_link": True})
    letter = compose(kind, language, facts=given, slots={"show_link": True})

    assert any(secret in said(seen) for secret in SECRETS)
    assert [secret for secret in SECRETS if secret in said(letter)] == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) - WRITTEN - {"sign_up"}))
@pytest.mark.parametrize("language", LANGUAGES)
def test_to_someone_at_risk_any_letter_is_discreet_even_in_what_staff_wrote_to_all(kind: str, language: str):
    changes = [
        {"what": what, "before": event(title="Old", place="Old"), "after": event()} for what in ("time", "place")
    ]
    given = {"changes": changes, "note": "See you at the Meeting house", "cancel_reason": "The Meeting house is closed"}
    before_a_yes = compose(kind, language, facts=given, slots={"show_link": True, "discreet": True})
    after_a_yes = compose(kind, language, facts=given, slots={"show_link": True, "discreet": True, **accepted()})

    assert [secret for secret in SECRETS if secret in said(before_a_yes)] == []
    assert any(secret in after_a_yes.text for secret in SECRETS)
    assert [secret for secret in SECRETS if secret in after_a_yes.subject] == []
    assert b"governments" not in (after_a_yes.ics or b"")


@pytest.mark.parametrize("language", LANGUAGES)
def test_to_someone_at_risk_not_even_staff_choose_the_subject(language: str):
    given = {"subject": "Seminar 2: the room", "body": "The door is blue."}
    seen = compose("message", language, facts=given)
    letter = compose("message", language, facts=given, slots={"discreet": True, **accepted()})

    assert seen.subject == "Seminar 2: the room"
    assert letter.subject == COMPOSER.kinds.words(language)["neutral_title"]
    assert "The door is blue." in letter.text


def test_one_mailing_tells_each_reader_only_what_is_theirs():
    made = mailing()
    letters = [COMPOSER.compose(made, delivery(slots=slots(**one))) for one in ({}, {"discreet": True}, {})]

    assert ["governments" in said(letter) for letter in letters] == [True, False, True]


def test_discreet_letter_names_place_after_a_yes_but_never_in_subject_or_calendar_title():
    letter = compose("confirmation", facts={"discreet": True}, slots=accepted())

    assert "Working with governments" in letter.text
    assert "Where: Meeting house, Room 2" in letter.text
    assert letter.subject == "Your answer for 28 January is noted"
    assert b"SUMMARY:Meeting\r\n" in (letter.ics or b"")
    assert b"governments" not in (letter.ics or b"")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            ["In Nairobi: Thursday 28 January 2027, 17:00–19:00", "In London: 14:00–16:00, same day"],
        ),
        ("fr", ["Nairobi : jeudi 28 janvier 2027, 17:00–19:00", "Londres : 14:00–16:00, le même jour"]),
        (
            "es",
            ["Hora de Nairobi: jueves 28 de enero de 2027, 17:00–19:00", "Hora de Londres: 14:00–16:00, el mismo día"],
        ),
        (
            "ar",
            [
                "بتوقيت نيروبي: الخميس، 28 يناير 2027، من 17:00 إلى 19:00",
                "بتوقيت لندن: من 14:00 إلى 16:00، في اليوم نفسه",
            ],
        ),
        (
            "ar-JO",
            [
                "بتوقيت نيروبي: الخميس، 28 كانون الثاني 2027، من 17:00 إلى 19:00",
                "بتوقيت لندن: من 14:00 إلى 16:00، في اليوم نفسه",
            ],
        ),
        (
            "sw",
            ["In Nairobi: Thursday 28 January 2027, 17:00–19:00", "In London: 14:00–16:00, same day"],
        ),
    ],
)
def test_times_are_said_in_the_readers_language(language: str, lines: list[str]):
    text = compose(language=language).text.replace("\u00a0", " ")

    assert [line for line in text.splitlines() if "17:00" in line or "14:00" in line] == lines


WHOLE_DAYS = {"whole_day": True, "starts_local": "2027-03-03T00:00", "starts_at": "2027-03-03T00:00:00+00:00"}
ONE_DAY = {**WHOLE_DAYS, "ends_local": "2027-03-04T00:00", "ends_at": "2027-03-04T00:00:00+00:00"}
THREE_DAYS = {**WHOLE_DAYS, "ends_local": "2027-03-06T00:00", "ends_at": "2027-03-06T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("language", "one", "three"),
    [
        ("en", "When: Wednesday 3 March 2027, the whole day", "When: 3–5 March 2027"),
        ("fr", "Date : mercredi 3 mars 2027, toute la journée", "Date : 3–5 mars 2027"),
        ("es", "Fecha: miércoles 3 de marzo de 2027, todo el día", "Fecha: 3–5 de marzo de 2027"),
        ("ar", "الموعد: الأربعاء، 3 مارس 2027، طوال اليوم", "الموعد: من 3 إلى 5 مارس 2027"),
    ],
)
def test_whole_days_are_the_same_days_for_every_reader(language: str, one: str, three: str):
    for when, said in ((ONE_DAY, one), (THREE_DAYS, three)):
        letter = compose(language=language, facts={"event": event(**when)})

        lines = letter.text.replace("\u00a0", " ").splitlines()
        label = said.partition(":")[0].strip()
        assert [line for line in lines if line.startswith(label) or "00:00" in line] == [said]
        assert "Nairobi" not in letter.text
        assert "00:00" not in letter.html
        assert b"DTSTART;VALUE=DATE:20270303\r\n" in (letter.ics or b"")


def test_an_update_tells_hours_that_became_days():
    changes = [{"what": "time", "before": event(), "after": event(**THREE_DAYS)}]

    letter = compose("update", facts={"event": event(**THREE_DAYS), "changes": changes}, slots=accepted())

    told = letter.text.partition("When\n")[2].partition("\n\n")[0]
    assert told == "  until now: Thursday 28 January 2027, 17:00–19:00 (Nairobi)\n  now: 3–5 March 2027"


def test_arabic_letter_runs_from_right_to_left():
    letter = compose(language="ar")

    assert '<html lang="ar" dir="rtl">' in letter.html
    assert '<table role="presentation" class="g" width="100%" lang="ar" dir="rtl"' in letter.html
    assert parse(letter)["Content-Language"] == "ar"
    assert "المكان: \u2068Meeting house, Room 2\u2069، أو عبر الإنترنت" in letter.text


def test_update_tells_what_moved_in_the_readers_zone():
    before = event(
        starts_at="2027-01-27T22:30:00+00:00", ends_at="2027-01-28T00:30:00+00:00", place="Town hall", mode="in_person"
    )
    changes = [{"what": what, "before": before, "after": event()} for what in ("time", "place", "mode", "title")]

    letter = compose("update", facts={"changes": changes}, slots=accepted())

    told = letter.text.partition("It now stands")[0].partition("governments”.\n\n")[2]
    assert letter.subject == "Changed: Seminar 2: Working with governments, 28 January"
    assert (
        told
        == """\
When
  until now: Thursday 28 January 2027, 01:30–03:30 (Nairobi)
  now: Thursday 28 January 2027, 17:00–19:00 (Nairobi)
Where
  until now: Town hall
  now: Meeting house, Room 2, or online
How
  until now: In the room
  now: In the room or online

"""
    )
    assert "We keep your place" in letter.text
    assert "Can you come at the new time?" in letter.text


def test_uninvited_person_gets_a_cancel_of_her_own():
    calendar = slots()["calendar"] | {"method": "CANCEL", "sequence": 3}
    one = compose("cancellation", slots={"calendar": calendar | {"whole_event": False}})
    all_of_them = compose("cancellation", slots={"calendar": calendar | {"whole_event": True}})

    assert one.subject == "Your invitation for 28 January no longer stands"
    assert all_of_them.subject == "Cancelled: Seminar 2: Working with governments, 28 January"
    assert b"METHOD:CANCEL" in (one.ics or b"")
    assert b"STATUS:CANCELLED" not in (one.ics or b"")
    assert b"STATUS:CANCELLED" in (all_of_them.ics or b"")
    assert b"method=CANCEL" in one.raw


def test_message_is_the_staffs_own_words():
    made = mailing(
        kind="message", facts={"sender": facts()["sender"], "subject": "The book is out", "body": "One.\n\nTwo <b>."}
    )

    letter = COMPOSER.compose(made, delivery(slots={"person": slots()["person"]}))

    assert (letter.subject, letter.ics) == ("The book is out", None)
    assert letter.text.startswith("Dear Maria,\n\nOne.\n\nTwo <b>.\n\nWith kind regards,")
    assert '<p dir="auto">Two &lt;b&gt;.</p>' in letter.html
    assert "Reply-To" not in dict(letter.headers)
    assert parse(letter).get_content_type() == "multipart/alternative"


HOSTILE = (
    "=?utf-8?q?a=0D=0ABcc:_eve@example.org?=\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script>{{ 7*7 }}\u202e"
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_values_stay_text(kind: str, language: str):
    person = dict.fromkeys(("name", "greeting", "source"), HOSTILE) | {"time_zone": HOSTILE, "language": language}
    given = {
        "event": event(title=HOSTILE, place=HOSTILE, summary=HOSTILE),
        "sender": dict.fromkeys(("name", "organisation", "project"), HOSTILE),
        **dict.fromkeys(("note", "cancel_reason", "subject", "body"), HOSTILE),
        "changes": [{"what": "place", "before": event(place="x" + HOSTILE), "after": event(place=HOSTILE)}],
    }

    letter = compose(kind, language, facts=given, slots={"person": person} | accepted())

    parsed = parse(letter)
    assert parsed.keys() == [*OWN_HEADERS, "MIME-Version", "Content-Type"]
    assert [address.addr_spec for address in parsed["To"].addresses] == ["maria.achieng@example.org"]
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert "<script" not in letter.html
    assert "\u202e" not in letter.html + letter.text + letter.subject
    assert "49" not in letter.subject
    assert (letter.raw.count(b"\n"), letter.raw.count(b"\r")) == (letter.raw.count(b"\r\n"),) * 2
    assert max(map(len, letter.raw.split(b"\r\n"))) <= 100
    assert (letter.ics or b"").count(b"ATTENDEE") == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_written_in_every_language(kind: str, language: str):
    given = {"subject": "News", "body": "Body"} if kind in WRITTEN else {}
    letter, english = compose(kind, language, facts=given), compose(kind, "en", facts=given)

    assert letter.subject
    assert COMPOSER.kinds.language(kind, language) == language
    if language != "en" and kind not in WRITTEN:
        assert letter.subject != english.subject
        said = {line for line in letter.text.splitlines() if len(line) > 20 and "https" not in line}
        kept = said & set(english.text.splitlines())
        assert kept <= {"Halden Trust, 1 Example Street, London"}
        assert len(said) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_letter_fetches_nothing(kind: str):
    html = compose(kind, facts={"subject": "s", "body": "b"}).html

    assert re.findall(r"(?i)<(img|link|script|iframe)|url\(|@import|src=|background=", html) == []


def test_values_name_everything_a_template_may_use():
    values = COMPOSER._values(mailing(), delivery(), "en", defaultdict(str))

    assert values.keys() | {"w", "has_calendar"} == VARIABLES


def test_letter_is_the_same_bytes_each_time_whatever_else_was_made():
    first = compose()
    COMPOSER.compose(mailing(facts=facts(note="other")), delivery())

    assert composer().compose(mailing(), delivery()).raw == first.raw == compose().raw


def test_date_is_when_the_letter_was_free_to_leave():
    made = replace(mailing(), send_at=NOW + timedelta(days=2))

    assert dict(COMPOSER.compose(made, delivery()).headers)["Date"] == "Wed, 25 Nov 2026 09:00:00 +0000"


def test_unusable_values_are_an_error_of_that_letter():
    with pytest.raises(CannotCompose):
        compose(facts={"event": event(mode="telepathy")})
    with pytest.raises(message.BadAddress):
        COMPOSER.compose(mailing(), delivery(address="maria@example.org\r\nBcc: eve@example.org"))
