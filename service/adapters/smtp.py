"""Relays spoken to over SMTP (RFC 5321), several kept connections to each at once.

Each letter stops at the gate: the ledger commits "about to leave" before our final
`<CRLF>.<CRLF>` goes out. The conversations run in a thread of their own, so that letters that
get no answer can be left to wait for it, up to their deadline, while others are sent.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

import structlog

from service.adapters.connecting import TROUBLE, connect, no_connection
from service.adapters.conversation import SLOW, Timeouts, ask, attempt
from service.adapters.gate import Gate
from service.adapters.relays import Relay
from service.adapters.wire import Wire
from service.mail.ports import Ledger
from service.mail.values import Outcome, Outgoing

_log = structlog.get_logger(__name__)
_RECENT_SECONDS = 1  # a connection used just now is not asked whether it still answers
_STEP_BY_STEP_SECONDS = 3600
_LAST_WORDS_SECONDS = 5  # how long letters in flight are waited for at the end


class SmtpTransport:
    """Hands letters to relays over up to `connections` connections each, kept from one batch to the next.

    `hello` is the name we give in EHLO, the public host: ours stays out of Received fields.
    """

    def __init__(self, *relays: Relay, hello: str, connections: int = 8, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._lines = {relay.name: _Lines(relay, hello, connections, self._timeouts) for relay in relays}
        self._first = relays[0].name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._batches: set[asyncio.Task[None]] = set()

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Try each letter once and commit one result for each; those without an answer may be left behind.

        What is left behind still keeps its leases and writes its results.
        """
        self._do(self._send(letters, ledger))

    def close(self) -> None:
        """Wait a little for letters in flight, then say QUIT on kept connections."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        if not self._thread.is_alive():
            self._thread.start()
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        gate = Gate(ledger, self._timeouts.heartbeat)
        waiting: dict[str, deque[Outgoing]] = {}
        for outgoing in letters:
            waiting.setdefault(outgoing.relay or self._first, deque()).append(outgoing)
        crew = _Crew()
        batch = asyncio.create_task(self._carry(waiting, gate, crew))
        self._batches.add(batch)
        while not batch.done():
            await asyncio.wait([batch], timeout=self._timeouts.patience / 4)
            if not batch.done() and crew.is_stuck(self._timeouts.patience):
                given_back = asyncio.create_task(_give_back(waiting.values(), gate))
                await asyncio.wait([given_back, batch], return_when=asyncio.FIRST_COMPLETED)
                if given_back.done() and not given_back.cancelled():
                    batch.add_done_callback(self._was_left_behind)
                    return
                given_back.cancel()  # the ledger failed, and the batch ends with it
        self._batches.discard(batch)
        batch.result()

    async def _carry(self, waiting: dict[str, deque[Outgoing]], gate: Gate, crew: _Crew) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                keeper = tasks.create_task(gate.keep())
                lines = [self._lines[name].carry(queue, gate, crew) for name, queue in waiting.items()]
                await asyncio.gather(*lines)
                gate.end()
                await keeper
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    def _was_left_behind(self, batch: asyncio.Task[None]) -> None:
        self._batches.discard(batch)
        if not batch.cancelled() and (error := batch.exception()):
            _log.error("letters.left-behind-failed", error=type(error).__name__)

    async def _end(self) -> None:
        if self._batches:
            await asyncio.wait(self._batches, timeout=_LAST_WORDS_SECONDS)
        left = list(self._batches)
        for batch in left:
            batch.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for lines in self._lines.values():
            await lines.quit()


async def _give_back(queues: Iterable[deque[Outgoing]], gate: Gate) -> None:
    """Report letters that no connection is free for: another relay, or a later hour, may have them."""
    for queue in queues:
        while queue:
            gate.report(queue.popleft(), SLOW)
    await gate.flush()


class _Crew:
    """When each line at work last moved on."""

    def __init__(self) -> None:
        self._moved: dict[object, float] = {}

    def moves(self, line: object) -> None:
        """Note that a line takes up its next letter."""
        self._moved[line] = time.monotonic()

    def leaves(self, line: object) -> None:
        """Note that a line has ended."""
        self._moved.pop(line, None)

    def is_stuck(self, patience: float) -> bool:
        """Tell whether nobody has moved for that long."""
        return bool(self._moved) and max(self._moved.values()) < time.monotonic() - patience


class _Lines:
    """The connections to one relay."""

    def __init__(self, relay: Relay, hello: str, most: int, timeouts: Timeouts) -> None:
        self._relay, self._hello, self._timeouts = relay, hello, timeouts
        self._free = most
        self._kept: list[Wire] = []
        self._step_by_step_until = 0.0
        self._tls = None if relay.tls == "never" else ssl.create_default_context()

    async def carry(self, waiting: deque[Outgoing], gate: Gate, crew: _Crew) -> None:
        """Carry letters over as many connections as are free; what none carries is reported."""
        count = min(self._free, len(waiting))
        self._free -= count  # each line gives its own back
        reasons = await asyncio.gather(*[self._line(waiting, gate, crew) for _ in range(count)])
        failures = [reason for reason in reasons if reason]
        while waiting:  # no line was left to carry them
            gate.report(waiting.popleft(), failures[-1] if failures else SLOW)

    async def _line(self, waiting: deque[Outgoing], gate: Gate, crew: _Crew) -> Outcome | None:
        """Carry letters over one connection until none waits; return why when there is no connection."""
        wire, me = None, object()
        try:
            with gate.line():
                while waiting:
                    crew.moves(me)
                    wire = wire if wire and wire.is_fit else await self._wire(wire)
                    if waiting:  # another line may have taken the last one meanwhile
                        outgoing = waiting.popleft()
                        gate.report(outgoing, await self._attempt(wire, outgoing, gate))
        except TROUBLE as error:
            return no_connection(error)
        except BaseException:
            if wire:
                wire.close()
            raise
        finally:
            self._free += 1
            crew.leaves(me)
        if wire:
            self._kept.append(wire)
        return None

    async def _attempt(self, wire: Wire, outgoing: Outgoing, gate: Gate) -> Outcome:
        """Try a letter; a relay that offers PIPELINING and loses its step is spoken to step by step for a while."""
        wire.pipelines &= time.monotonic() >= self._step_by_step_until
        outcome = await attempt(wire, outgoing, gate, self._timeouts)
        if wire.lost_step:
            self._step_by_step_until = time.monotonic() + _STEP_BY_STEP_SECONDS
        return outcome

    async def _wire(self, before: Wire | None) -> Wire:
        """Return a kept connection that still answers, or a new one."""
        if before:
            before.close()
        while self._kept:
            wire = self._kept.pop()
            is_recent = time.monotonic() - wire.used_at < _RECENT_SECONDS
            if wire.is_fit and (is_recent or await ask(wire, "NOOP", self._timeouts.command)):
                return wire
            wire.close()
        return await connect(self._relay, self._hello, self._timeouts, self._tls)

    async def quit(self) -> None:
        """Say QUIT on kept connections."""
        for wire in self._kept:
            await ask(wire, "QUIT", 1)
            wire.close()
        self._kept.clear()
