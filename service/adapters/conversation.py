"""One letter's conversation with a relay (RFC 5321), and what came of it.

Replies out of step are not believed: before the dot they defer the letter, after it its fate
is unclear. Nothing here takes longer than its deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.adapters.gate import Gate
from service.adapters.wire import OutOfStep, Reply, Wire
from service.kernel.text import clean_line
from service.mail import rules
from service.mail.values import Envelope, Fate, Outcome, Outgoing, Stage

SLOW = Outcome(Fate.UNREACHABLE, None, "The relay gave no answer in time.")
_BROKE = Outcome(Fate.DEFERRED, None, "The line to the relay broke.")
_TOO_BIG = Outcome(Fate.REFUSED, 552, "5.3.4 The relay takes no letter of this size.")
_NO_ENVELOPE = Outcome(Fate.REFUSED, None, "The envelope has a character that no address has.")
_GOES_ON = {Stage.MAIL: (250,), Stage.RCPT: (250, 251, 252), Stage.DATA: (354,)}
_OK, _CLOSES = 250, 421


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


async def attempt(wire: Wire, outgoing: Outgoing, gate: Gate, timeouts: Timeouts) -> Outcome:
    """Try one letter and return what came of it; a connection that is of no more use is closed."""
    if refusal := _unfit(wire, outgoing.letter.envelope, outgoing.letter.raw):
        return refusal
    try:
        refusal = await _introduce(wire, outgoing.letter.envelope, timeouts)
    except OSError as error:
        wire.lost_step = wire.pipelines and isinstance(error, OutOfStep | TimeoutError)
        wire.close()
        return Outcome(Fate.DEFERRED, None, words(error))
    if refusal:
        await _begin_anew(wire, refusal, timeouts)
        return refusal
    if not await gate.may_leave(outgoing):
        wire.close()  # inside DATA only this takes a letter back
        return Outcome(Fate.HELD)
    if not wire.is_fit:  # it broke, or spoke unasked, while the letter was at the gate
        wire.close()
        return _BROKE
    try:
        return await _hand_over(wire, outgoing.letter.raw, timeouts)
    except OSError as error:
        wire.close()
        return Outcome(Fate.UNCLEAR, None, words(error))


async def ask(wire: Wire, command: str, seconds: float) -> bool:
    """Say a command that a relay in step says 250 to; tell whether it did."""
    try:
        wire.say(f"{command}\r\n".encode("ascii"))
        reply = await wire.reply(seconds)
        wire.expect_silence()
    except OSError:
        return False
    return reply.code == _OK


def _unfit(wire: Wire, envelope: Envelope, raw: bytes) -> Outcome | None:
    """Refuse by ourselves what must not leave."""
    addresses = f"{envelope.mail_from}{envelope.rcpt_to}"
    if not (addresses.isascii() and addresses.isprintable()):
        return _NO_ENVELOPE
    return _TOO_BIG if wire.most and len(raw) > wire.most else None


async def _introduce(wire: Wire, envelope: Envelope, timeouts: Timeouts) -> Outcome | None:
    """Give envelope and DATA; return the relay's refusal, or None when it waits for the message."""
    commands = {
        Stage.MAIL: f"MAIL FROM:<{envelope.mail_from}>\r\n".encode("ascii"),
        Stage.RCPT: f"RCPT TO:<{envelope.rcpt_to}>\r\n".encode("ascii"),
        Stage.DATA: b"DATA\r\n",
    }
    if wire.pipelines:
        return await _all_at_once(wire, commands, timeouts)
    for stage, command in commands.items():
        wire.say(command)
        refusal = await _refusal(wire, stage, timeouts)
        wire.expect_silence()
        if refusal:
            return refusal
    return None


async def _all_at_once(wire: Wire, commands: Mapping[Stage, bytes], timeouts: Timeouts) -> Outcome | None:
    """Say all and then listen (RFC 2920): the relay answers in order, and may refuse any of it."""
    wire.say(b"".join(commands.values()))
    stages = iter(commands)
    for stage in stages:
        if refusal := await _refusal(wire, stage, timeouts):
            if refusal.code != _CLOSES:
                await _hear_out(wire, stages, timeouts)
            return refusal
    wire.expect_silence()
    return None


async def _hear_out(wire: Wire, stages: Iterable[Stage], timeouts: Timeouts) -> None:
    """Hear the replies to what was said behind a refused command, so that the next letter is in step.

    A relay that asks for the message all the same is left: a dot would be an empty letter.
    """
    try:
        answers = [await _refusal(wire, stage, timeouts) for stage in stages]
    except OutOfStep:
        raise
    except OSError:  # the refusal was heard, and stands
        wire.close()
        return
    if answers[-1:] == [None]:
        wire.close()
    else:
        wire.expect_silence()


async def _refusal(wire: Wire, stage: Stage, timeouts: Timeouts) -> Outcome | None:
    """Return the next reply where it is a no, and None where it is a yes."""
    reply = await wire.reply(timeouts.command)
    if reply.code in _GOES_ON[stage]:
        return None
    if reply.code < 400:
        raise OutOfStep("neither a yes nor a no")
    return _outcome(stage, reply)


async def _hand_over(wire: Wire, raw: bytes, timeouts: Timeouts) -> Outcome:
    """Send the message and the dot, and wait for the answer: from here on the letter may have left."""
    wire.say(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    reply = await wire.reply(timeouts.dot)
    wire.expect_silence()
    if 300 <= reply.code < 400:
        raise OutOfStep("neither a yes nor a no")
    if reply.code == _CLOSES:
        wire.close()
    return _outcome(Stage.DATA, reply)


async def _begin_anew(wire: Wire, refusal: Outcome, timeouts: Timeouts) -> None:
    """Make the connection ready for another letter, or close it: after 421 the relay closes it too."""
    if refusal.code == _CLOSES or not await ask(wire, "RSET", timeouts.command):
        wire.close()


def _outcome(stage: Stage, reply: Reply) -> Outcome:
    return Outcome(rules.classify(stage, reply.code, reply.text), reply.code, said(reply.text))


def words(error: Exception) -> str:
    """Return what to tell of an error on the line."""
    if isinstance(error, TimeoutError):
        return SLOW.text
    return "The relay's answer made no sense." if isinstance(error, OutOfStep) else _BROKE.text


def said(text: str) -> str:
    """Return a reply's text as one line, without the surrogates that bytes outside UTF-8 were read as."""
    return clean_line(text.encode("utf-8", "replace").decode())[:500]
