"""What every letter of every journey is checked for is really noticed."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.journeys.world import assert_for_one_alone

PEOPLE = {"maria@example.org": "Maria Achieng", "layla@example.org": "Layla Mansour"}
CALENDAR = "BEGIN:VCALENDAR\r\nUID:{uid}\r\nATTENDEE;CN=Maria:mailto:{guest}\r\nURL:{link}\r\nEND:VCALENDAR\r\n"


def letter(words: str = "Dear Maria Achieng", **wishes: str) -> EmailMessage:
    facts = {"uid": "a@example.org", "guest": "maria@example.org", "link": "https://example.org/events/launch"}
    message = EmailMessage()
    message["To"] = "Maria Achieng <maria@example.org>"
    message.set_content(words)
    message.add_alternative(CALENDAR.format(**(facts | wishes)), subtype="calendar")
    return message


def test_a_letter_for_one_alone_passes():
    assert_for_one_alone([letter()], PEOPLE, {"a@example.org"})


@pytest.mark.parametrize(
    "wrong",
    [
        letter("Layla Mansour comes too"),
        letter("ask layla@example.org"),
        letter(guest="layla@example.org"),
        letter(uid="b@example.org"),
        letter(link="https://example.org/r/secret"),
    ],
    ids=["another name", "another address", "another guest", "another event", "a personal link"],
)
def test_anything_else_is_noticed(wrong: EmailMessage):
    with pytest.raises(AssertionError):
        assert_for_one_alone([wrong], PEOPLE, {"a@example.org"})
