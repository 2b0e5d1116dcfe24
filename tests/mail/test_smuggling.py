"""What someone typed cannot end a letter early and begin another: at a strict relay, nor at a lax one."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from service.adapters.smtp import SmtpTransport
from service.mail.values import BareLineEnd, Fate, Outgoing
from tests.mail.cast import an_id, composer, delivery, facts, mailing
from tests.mail.peers import Peer, listening
from tests.mail.test_peers import FAST, PIPELINING, plain
from tests.mail.test_smtp import BookLedger, outgoing

# Each ends a message somewhere (SMTP smuggling, 2023): what follows would be taken for commands.
SHAPES = (
    *("\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\n.\r"),
    *("\r\n\x00.\r\n", "\r\n..\r\n", "\x85.\x85"),
)
SMUGGLED = "MAIL FROM:<eve@example.net>\r\nRCPT TO:<all@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nHello"
WORDS = "".join(f"Before{shape}{SMUGGLED}{shape}After" for shape in SHAPES)


def letter(kind: str, language: str = "en") -> Outgoing:
    """Return a letter whose every free text is an attack."""
    said = facts(note=WORDS, subject=WORDS, body=WORDS)
    one = composer().compose(mailing(kind=kind, facts=said), replace(delivery(), id=an_id(900), language=language))
    return Outgoing(an_id(900), kind, one)


@pytest.mark.parametrize("is_lax", [False, True], ids=["strict", "lax"])
@pytest.mark.parametrize("offer", ["250 peer", PIPELINING], ids=["step by step", "at once"])
@pytest.mark.parametrize("kind", ["invitation", "message"])
def test_words_that_look_like_the_end_leave_as_one_letter(kind: str, is_lax: bool, offer: str):
    sent, ledger = letter(kind), BookLedger()
    with listening(Peer({"EHLO": offer}, is_lax=is_lax)) as peer:
        transport = SmtpTransport(plain(peer), hello="events.example.org", connections=1, timeouts=FAST)
        transport.send([sent], ledger)
        transport.close()

    raw = sent.letter.raw
    assert [result.outcome.fate for result in ledger.results] == [Fate.ACCEPTED]
    assert peer.taken == [raw.replace(b"\r\n.", b"\r\n..")]
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", peer.taken[0]) is None
    assert [line for line in peer.heard if "eve@example.net" in line] == []
    text = message_from_bytes(raw, policy=default).get_body(("plain",))
    assert text is not None
    assert "MAIL FROM:<eve@example.net>" in text.get_content()  # it was there to leak, and is read as words


@pytest.mark.parametrize("shape", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r.\n", b"\n\r"])
def test_a_letter_with_a_bare_line_end_does_not_leave(shape: bytes):
    (good,) = outgoing(1)
    raw = good.letter.raw + b"Before" + shape + b"QUIT\r\n"

    with pytest.raises(BareLineEnd, match="a line end that is none"):
        replace(good, letter=replace(good.letter, raw=raw))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r"])
def test_a_letter_without_its_last_line_end_does_not_leave(end: bytes):
    (good,) = outgoing(1)

    with pytest.raises(BareLineEnd):
        replace(good, letter=replace(good.letter, raw=good.letter.raw.removesuffix(b"\r\n") + end))
