"""A standing connection to a relay: commands go out, replies come in (RFC 5321 §4.2), each in its time.

Only what was asked for is believed. A relay that offers PIPELINING (RFC 2920) hears several
commands at once and answers them in their order.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

_MOST = 32_768  # octets of replies not yet read: an endless one is nonsense
_AT_ONCE = 4096  # octets taken off the line at once
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\n]*))?\r?\n", re.DOTALL)


class OutOfStep(ConnectionError):
    """The relay said something that nobody asked for, or that is no reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A code, and the words of its lines."""

    code: int
    text: str


class Wire(asyncio.BufferedProtocol):
    """Takes a connection over from whoever made it.

    `pipelines`: several commands may be said at once; `lost_step`: this relay did not keep up with them.
    `most`: octets that a letter may have, 0 for any number.
    """

    def __init__(self, transport: asyncio.Transport, *, pipelines: bool, most: int) -> None:
        self._transport, self.pipelines, self.most = transport, pipelines, most
        self._heard, self._is_lost = b"", False
        self._buffer = memoryview(bytearray(_AT_ONCE))
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.lost_step = False
        self.used_at = time.monotonic()
        transport.set_protocol(self)

    @property
    def is_fit(self) -> bool:
        """Tell whether the next letter may go this way: the line stands, and nobody spoke unasked."""
        return not (self._is_lost or self._heard or self._transport.is_closing())

    def say(self, words: bytes) -> None:
        """Send commands, or a message.

        Raises:
            ConnectionError: the line is gone.
            OutOfStep: the relay spoke before it was asked.
        """
        if self._is_lost or self._transport.is_closing():
            raise ConnectionResetError("the line is gone")
        self.expect_silence()
        self._transport.write(words)

    def expect_silence(self) -> None:
        """Refuse words that nothing was asked for: they would pass for the answer to what we say next.

        Raises:
            OutOfStep: there are such words.
        """
        if self._heard:
            raise OutOfStep("out of step")

    async def reply(self, seconds: float) -> Reply:
        """Return the next reply.

        Raises:
            OutOfStep: it makes no sense.
            TimeoutError: it did not come in time.
            ConnectionError: the line broke.
        """
        self._until = self._loop.time() + seconds
        while (found := self._next()) is None:
            await self._hear()
        self.used_at = time.monotonic()
        return found

    def close(self) -> None:
        """Let the line go; what was not sent yet is not sent."""
        self._transport.abort()

    async def _hear(self) -> None:
        if self._is_lost:
            raise ConnectionResetError("the line is gone")
        if self._loop.time() >= self._until:
            raise TimeoutError
        self._set_alarm()
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _set_alarm(self) -> None:
        """Let an alarm ring when the time is up, or earlier: one set before may stay, and is then set anew."""
        if self._alarm and self._alarm.when() <= self._until:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._until, self._ring)

    def _next(self) -> Reply | None:
        """Take the next whole reply off what was heard."""
        at, code, texts = 0, b"", []
        while line := _LINE.match(self._heard, at):
            if code not in (b"", line[1]):
                break
            code, at = line[1], line.end()
            texts.append((line[3] or b"").rstrip(b"\r"))
            if line[2] != b"-":
                self._heard = self._heard[at:]
                return Reply(int(code), b"\n".join(texts).decode("utf-8", "replace"))
        if b"\n" in self._heard[at:] or len(self._heard) > _MOST:
            raise OutOfStep("not a reply")
        return None

    def _ring(self) -> None:
        self._alarm = None
        self._wake()

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    # What asyncio tells a protocol

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Say where to put what the relay says: room made anew for each reply costs more than all else here."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Keep what the relay says; more than any reply has ends the line."""
        self._heard += self._buffer[:nbytes]
        if len(self._heard) > _MOST:
            self.close()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Note the end."""
        self._is_lost = True
        if self._alarm:
            self._alarm.cancel()
        self._wake()
