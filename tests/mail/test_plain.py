"""A letter outside the ledger, byte by byte."""

from __future__ import annotations

import email
from email import policy

import pytest

from service.mail.message import BadAddress
from service.mail.plain import plain_letter
from tests.factories import NOW

LINK = "https://events.example.org/sign-in/link/" + "x" * 43
LETTER = {
    "mail_from": "Halden Trust <events@example.org>",
    "subject": "Your link",
    "text": f"Hello,\n\n{LINK}\n",
    "message_id": "<1@example.org>",
    "language": "en",
    "now": NOW,
}


def test_another_program_reads_what_was_written():
    letter = plain_letter(to="ruth@example.org", **LETTER)

    seen = email.message_from_bytes(letter.raw, policy=policy.default)

    assert (letter.envelope.mail_from, letter.envelope.rcpt_to) == ("events@example.org", "ruth@example.org")
    assert (seen["From"], seen["To"], seen["Subject"]) == (
        "Halden Trust <events@example.org>",
        "ruth@example.org",
        "Your link",
    )
    assert (seen["Message-ID"], seen["Auto-Submitted"]) == ("<1@example.org>", "auto-generated")
    assert seen.get_content().replace("\r\n", "\n") == LETTER["text"]


@pytest.mark.parametrize("address", ["ruth@example.org\r\nBcc: x@example.org", "nobody", "ruth@@example.org"])
def test_an_address_that_would_break_the_envelope_is_refused(address):
    with pytest.raises(BadAddress):
        plain_letter(to=address, **LETTER)
