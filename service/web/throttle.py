"""Slow down those who guess: only failed look-ups count.

Counted in this process alone: with several web processes each counts for itself. The caller's
address is held in memory for the window and never written.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from fastapi import Request

from service.kernel.errors import TooMany

FAILURES, WINDOW_SECONDS, CALLERS = 20, 600.0, 10_000


class Throttle:
    """Failures by caller within a sliding window."""

    def __init__(self, failures: int = FAILURES, window_seconds: float = WINDOW_SECONDS) -> None:
        self._limit = failures
        self._window = window_seconds
        self._failed: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def refuse(self, caller: str) -> None:
        """Raise TooMany when this caller has failed too often."""
        with self._lock:
            if len(self._recent(caller)) >= self._limit:
                raise TooMany("Too many wrong tries. Wait ten minutes and try again.")

    def failed(self, caller: str) -> None:
        """Count one failure."""
        with self._lock:
            self._recent(caller).append(time.monotonic())

    def _recent(self, caller: str) -> deque[float]:
        if caller not in self._failed and len(self._failed) >= CALLERS:
            del self._failed[next(iter(self._failed))]
        times = self._failed.setdefault(caller, deque(maxlen=self._limit))
        while times and times[0] < time.monotonic() - self._window:
            times.popleft()
        return times


def caller_of(request: Request) -> str:
    """Return the address a request came from."""
    return request.client.host if request.client else "unknown"


def throttle_of(request: Request) -> Throttle:
    """Return the count of failures of this application."""
    throttle: Throttle = request.app.state.throttle
    return throttle
