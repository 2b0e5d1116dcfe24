"""How soon a letter leaves when a worker on PostgreSQL is idle: `python -m bench.wake`.

Two `farsow worker` and an SMTP sink run on this machine. Twenty times one letter is made due; taken is the time from
its commit until the sink has it on disk. The aim: within a second.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from service.db.engine import make_engine, reading
from service.db.scheduler import count_workers
from tests import databases
from tests.kill.harness import Run
from tests.kill.test_worker import start

TIMES, WORKERS, PATIENCE = 20, 2, 30.0


def main() -> int:
    """Take the figures and print them."""
    with tempfile.TemporaryDirectory() as named, databases.own_postgres(Path(named) / "pg") as server:
        first = Run(server.url, Path(named), count=1)
        with first.sink() as orders:
            crew = [start(server.url, orders.port, first.folder) for _ in range(WORKERS)]
            try:
                wait_for_workers(server.url)
                took = sorted(one_letter(first, server.url, number) for number in range(TIMES))
            finally:
                for worker in crew:
                    worker.terminate()
                    worker.wait(30)
    print(f"from commit to the relay, {WORKERS} idle workers: median {median(took) * 1000:.0f} ms,", end=" ")
    print(f"longest of {TIMES} {took[-1] * 1000:.0f} ms")
    return 0


def wait_for_workers(url: str) -> None:
    """Wait until all have given their first sign of life."""
    engine, until = make_engine(url), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with reading(engine) as session:
            if count_workers(session) == WORKERS:
                return
        time.sleep(0.1)
    raise SystemExit("the workers did not start")


def one_letter(first: Run, url: str, number: int) -> float:
    """Return the seconds that one letter took, after a moment of rest that is never the same."""
    time.sleep(0.4 + 0.13 * (number % 7))
    before = len(first.accepted())
    Run(url, first.folder, count=1)
    began = time.monotonic()
    while len(first.accepted()) == before and time.monotonic() < began + PATIENCE:
        time.sleep(0.002)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
