"""The gate before the final dot: results and letters that wait are taken to the ledger together."""

from __future__ import annotations

import asyncio

from service.mail.ports import Ledger
from service.mail.values import Outcome, Outgoing, Result


class Gate:
    """Collects results and letters at the dot; those that come at the same instant share one commit."""

    def __init__(self, ledger: Ledger, heartbeat: float) -> None:
        self._ledger, self._heartbeat = ledger, heartbeat
        self._results: list[Result] = []
        self._asking: dict[str, asyncio.Future[bool]] = {}
        self._flushing: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._is_over = self._is_broken = False

    async def may_leave(self, outgoing: Outgoing) -> bool:
        """Wait for the commit before the dot; tell whether the letter may go."""
        if self._is_broken:
            # `asyncio.wait_for` of Python 3.11 may swallow the cancellation that should have ended this line.
            raise asyncio.CancelledError
        answer = asyncio.get_running_loop().create_future()
        self._asking[outgoing.delivery_id] = answer
        self._wake.set()
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
            self._wake.clear()
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

    async def _commit(self, results: list[Result], asking: dict[str, asyncio.Future[bool]]) -> frozenset[str]:
        """Commit in a thread; when that fails, nobody who waits at the gate may leave."""
        try:
            return await asyncio.to_thread(self._ledger.commit, results, list(asking))
        except BaseException:
            self._is_broken = True
            for answer in (*asking.values(), *self._asking.values()):
                answer.cancel()
            raise
