"""The gate before the final dot: results and letters that wait are taken to the ledger together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from service.mail.ports import Ledger
from service.mail.values import Outcome, Outgoing, Result

_MOMENT_SECONDS = 0.001


class Gate:
    """Collects results and letters at the dot; those that come at the same instant share one commit."""

    def __init__(self, ledger: Ledger, heartbeat: float) -> None:
        self._ledger, self._heartbeat = ledger, heartbeat
        self._results: list[Result] = []
        self._asking: dict[str, asyncio.Future[bool]] = {}
        self._flushing: list[asyncio.Future[None]] = []
        self._wake, self._all_here = asyncio.Event(), asyncio.Event()
        self._lines = 0
        self._is_over = self._is_broken = False

    @contextmanager
    def line(self) -> Iterator[None]:
        """Count a line at work: the gate waits a moment for those on their way, so that one commit serves all."""
        self._lines += 1
        try:
            yield
        finally:
            self._lines -= 1
            self._look_round()

    async def may_leave(self, outgoing: Outgoing) -> bool:
        """Wait for the commit before the dot; tell whether the letter may go."""
        if self._is_broken:
            # `asyncio.wait_for` of Python 3.11 may swallow the cancellation that should have ended this line.
            raise asyncio.CancelledError
        answer = asyncio.get_running_loop().create_future()
        self._asking[outgoing.delivery_id] = answer
        self._wake.set()
        self._look_round()
        return bool(await answer)

    def report(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Give the result of one letter; the next commit writes it."""
        self._results.append(Result(outgoing.delivery_id, outcome))

    async def flush(self) -> None:
        """Wait until all that was reported is written."""
        written = asyncio.get_running_loop().create_future()
        self._flushing.append(written)
        self._wake.set()
        await written

    def end(self) -> None:
        """Commit what is left and stop."""
        self._is_over = True
        self._wake.set()

    async def keep(self) -> None:
        """Commit whenever a letter waits at the gate, and from time to time to keep the leases."""
        while not self._is_over or self._results:
            try:
                async with asyncio.timeout(self._heartbeat):
                    await self._wake.wait()
            except TimeoutError:
                pass
            await self._gather()
            self._wake.clear()  # whoever came meanwhile is taken along now
            results, self._results = self._results, []
            asking, self._asking = self._asking, {}
            flushing, self._flushing = self._flushing, []
            try:
                allowed = await self._commit(results, asking)
            finally:
                for written in flushing:
                    written.cancel() if self._is_broken else written.set_result(None)
            for delivery_id, answer in asking.items():
                if not answer.done():
                    answer.set_result(delivery_id in allowed)

    def _look_round(self) -> None:
        if len(self._asking) >= self._lines:
            self._all_here.set()

    async def _gather(self) -> None:
        """Wait until all lines at work are at the gate, or a moment."""
        self._all_here.clear()
        self._look_round()
        if self._asking:
            with suppress(TimeoutError):
                async with asyncio.timeout(_MOMENT_SECONDS):
                    await self._all_here.wait()

    async def _commit(self, results: list[Result], asking: dict[str, asyncio.Future[bool]]) -> frozenset[str]:
        """Commit in a thread; when that fails, nobody who waits at the gate may leave."""
        try:
            return await asyncio.to_thread(self._ledger.commit, results, list(asking))
        except BaseException:
            self._is_broken = True
            for answer in (*asking.values(), *self._asking.values()):
                answer.cancel()
            raise
