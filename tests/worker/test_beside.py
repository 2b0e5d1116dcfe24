"""The worker beside the pages is started again when it dies, and ends with them."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from service.cli.beside import Beside


def started(log: Path, count: int) -> list[int]:
    """Wait until so many children have written their number."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        pids = [int(line) for line in log.read_text().split()] if log.exists() else []
        if len(pids) >= count:
            return pids
        time.sleep(0.02)
    raise AssertionError(f"{count} children were expected")


def test_killed_worker_is_started_again_and_ends_with_us(tmp_path: Path):
    log = tmp_path / "pids"
    code = f"import os, time; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"

    beside = Beside([sys.executable, "-c", code], again_seconds=0.05)
    (first,) = started(log, 1)
    os.kill(first, signal.SIGKILL)
    second = started(log, 2)[1]
    beside.stop()

    assert beside.child.pid == second
    assert beside.child.wait(timeout=5) == -signal.SIGTERM
    assert started(log, 2) == [first, second]
