"""The worker beside the pages: a child process on the same SQLite file, one at a time.

It ends when its parent does, so that Ctrl-C or a kill of `serve` leaves nothing behind.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import IO

import structlog

from service.kernel.errors import Temporary
from service.privacy.tidying import tidy_up
from service.worker.duties import Tools, run_once, take_over

log = structlog.get_logger()
IDLE_SECONDS = 0.5
AFTER_TROUBLE_SECONDS = 5.0
MINUTE, HOUR = 60.0, 3600.0


class Stop:
    """Whether the loop shall end: a signal came, or the parent is gone."""

    def __init__(self, parent: int | None) -> None:
        self.parent = parent
        self.asked = False

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        """Take note of a signal; the loop ends after what it is doing."""
        self.asked = True

    @property
    def now(self) -> bool:
        """Tell whether to end."""
        return self.asked or (self.parent is not None and os.getppid() != self.parent)


def lock_file(path: Path) -> IO[bytes] | None:
    """Take the lock that says "I am the worker of this file", or return None when another holds it."""
    import fcntl  # not on Windows, where the embedded worker runs unlocked

    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def run(tools: Tools, *, parent: int | None = None) -> None:
    """Do the duties until asked to stop. Trouble is logged and waited out, never fatal.

    It is alone on its database, and takes over at once what its predecessor held.
    """
    stop = Stop(parent)
    signal.signal(signal.SIGTERM, stop.ask)
    signal.signal(signal.SIGINT, stop.ask)
    log.info("worker.started", owner=tools.owner, taken_over=take_over(tools))
    tidy_at = time.monotonic()
    while not stop.now:
        if time.monotonic() >= tidy_at:
            tidy_at = time.monotonic() + _tidy(tools)
        _pause(IDLE_SECONDS if _round(tools) else 0, stop)
    if tools.reader:
        tools.reader.close()
    tools.transport.close()  # letters on the line may still get their answer
    log.info("worker.stopped", owner=tools.owner)


def _round(tools: Tools) -> bool:
    """Do the duties once; return whether to rest before the next round."""
    try:
        return run_once(tools) == 0
    except Temporary as trouble:
        log.warning("worker.trouble", code=trouble.code)
    except Exception as trouble:
        # The words of a foreign error may hold an address: only its kind is logged.
        log.error("worker.failed", error=type(trouble).__name__)
    time.sleep(AFTER_TROUBLE_SECONDS)
    return True


def _tidy(tools: Tools) -> float:
    """Delete what is old; return in how many seconds to do so again."""
    try:
        return HOUR if tidy_up(tools.engine, now=tools.clock()) else MINUTE
    except Exception as trouble:
        log.error("worker.failed", error=type(trouble).__name__)
        return MINUTE


def _pause(seconds: float, stop: Stop) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stop.now:
        time.sleep(0.1)
