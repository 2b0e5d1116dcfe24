"""One conversation with a relay (RFC 5321): connect, hand one letter over, and say what came of it.

Replies out of step are not believed: before the dot they defer the letter, after it its fate
is unclear. Nothing here takes longer than its deadline.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.response import SMTPResponse

from service.adapters.gate import Gate
from service.adapters.relays import Relay
from service.kernel.text import clean_line
from service.mail import rules
from service.mail.values import Fate, Outcome, Outgoing, Stage

SLOW = Outcome(Fate.UNREACHABLE, None, "The relay gave no answer in time.")
_TOO_BIG = Outcome(Fate.REFUSED, 552, "5.3.4 The relay takes no letter of this size.")
_BARE = Outcome(Fate.REFUSED, None, "The letter has a line end that is none.")
_GOES_ON = {Stage.MAIL: (250,), Stage.RCPT: (250, 251, 252), Stage.DATA: (354,)}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines in seconds; the one for the answer to the dot is RFC 5321's (§4.5.3.2.6).

    `patience` is how long a batch is held up by letters that get no answer; they go on alone.
    """

    connect: float = 30
    command: float = 120
    dot: float = 600
    heartbeat: float = 15
    patience: float = 5


class OutOfStep(SMTPException):
    """The relay said something that nobody asked for."""


async def connect(relay: Relay, hello: str, timeouts: Timeouts, tls: ssl.SSLContext | None) -> SMTP:
    """Return a connection that is ready for a letter: greeted, encrypted and signed in as the relay is set."""
    client = SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.username,
        password=relay.password,
        use_tls=relay.tls == "implicit",
        start_tls=relay.tls == "starttls",
        tls_context=tls,
        local_hostname=hello,
        timeout=timeouts.connect,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


async def attempt(client: SMTP, outgoing: Outgoing, gate: Gate, timeouts: Timeouts) -> Outcome:
    """Try one letter and return what came of it; a connection that is of no more use is closed."""
    if refusal := _unfit(client, outgoing.letter.raw):
        return refusal
    try:
        refusal = await _introduce(client, outgoing, timeouts)
    except (SMTPException, OSError) as error:
        client.close()
        return Outcome(Fate.DEFERRED, None, words(error))
    if refusal:
        await _begin_anew(client, refusal, timeouts)
        return refusal
    if not await gate.may_leave(outgoing):
        client.close()  # inside DATA only this takes a letter back
        return Outcome(Fate.HELD)
    try:
        return await _hand_over(client, outgoing, timeouts)
    except (SMTPException, OSError) as error:
        client.close()
        return Outcome(Fate.UNCLEAR, None, words(error))


def _unfit(client: SMTP, raw: bytes) -> Outcome | None:
    """Refuse by ourselves what must not leave: a bare line end could smuggle a second letter in."""
    ends = raw.count(b"\r\n")
    if raw.count(b"\n") != ends or raw.count(b"\r") != ends or not raw.endswith(b"\r\n"):
        return _BARE
    most = client.esmtp_extensions.get("size", "")
    is_told = most.isascii() and most.isdigit() and int(most) > 0  # RFC 1870: 0 is no limit
    return _TOO_BIG if is_told and len(raw) > int(most) else None


async def _introduce(client: SMTP, outgoing: Outgoing, timeouts: Timeouts) -> Outcome | None:
    """Give envelope and DATA; return the relay's refusal, or None when it waits for the message."""
    envelope = outgoing.letter.envelope
    steps = (
        (Stage.MAIL, f"MAIL FROM:<{envelope.mail_from}>"),
        (Stage.RCPT, f"RCPT TO:<{envelope.rcpt_to}>"),
        (Stage.DATA, "DATA"),
    )
    for stage, command in steps:
        reply = await client.execute_command(command.encode("ascii"), timeout=timeouts.command)
        _keep_in_step(client, reply, _GOES_ON[stage])
        if reply.code not in _GOES_ON[stage]:
            return _outcome(stage, reply)
    return None


async def _hand_over(client: SMTP, outgoing: Outgoing, timeouts: Timeouts) -> Outcome:
    """Send the message and the dot, and wait for the answer: from here on the letter may have left."""
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    stuffed = outgoing.letter.raw.replace(b"\r\n.", b"\r\n..")
    client.protocol.write(stuffed + b".\r\n")
    reply = await client.protocol.read_response(timeout=timeouts.dot)
    _keep_in_step(client, reply, range(200, 300))
    if reply.code == 421:
        client.close()
    return _outcome(Stage.DATA, reply)


def _keep_in_step(client: SMTP, reply: SMTPResponse, good: range | tuple[int, ...]) -> None:
    """Refuse a reply that is neither a yes nor a no, and one with more words behind it: whose would they be?"""
    is_answer = reply.code in good or 400 <= reply.code < 600
    # The library keeps unread bytes to itself, and would take them for the answer to what we say next.
    if not is_answer or (client.protocol and client.protocol._buffer):
        raise OutOfStep("Out of step")


async def _begin_anew(client: SMTP, refusal: Outcome, timeouts: Timeouts) -> None:
    """Make the connection ready for another letter, or close it: after 421 the relay closes it too."""
    if refusal.code == 421:
        client.close()
        return
    try:
        await client.rset(timeout=timeouts.command)
    except (SMTPException, OSError):
        client.close()


def no_connection(error: Exception) -> Outcome:
    """Return what it means that no connection came about: the relay is away, or does not let us in."""
    if isinstance(error, SMTPResponseException):
        is_final = 500 <= error.code < 600
        return Outcome(Fate.BARRED if is_final else Fate.UNREACHABLE, error.code, _said(error.message))
    is_refusal = isinstance(error, SMTPException) and not isinstance(error, OSError)
    if is_refusal or isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Outcome(Fate.BARRED, None, clean_line(str(error)))
    return Outcome(Fate.UNREACHABLE, None, words(error))


def _outcome(stage: Stage, reply: SMTPResponse) -> Outcome:
    return Outcome(rules.classify(stage, reply.code, reply.message), reply.code, _said(reply.message))


def words(error: Exception) -> str:
    """Return what to tell of an error on the line."""
    if isinstance(error, TimeoutError):
        return SLOW.text
    is_nonsense = isinstance(error, OutOfStep | SMTPResponseException)
    return "The relay's answer made no sense." if is_nonsense else "The line to the relay broke."


def _said(text: str) -> str:
    """Return a reply's text as one line, without the surrogates that bytes outside UTF-8 were read as."""
    return clean_line(text.encode("utf-8", "replace").decode())[:500]
