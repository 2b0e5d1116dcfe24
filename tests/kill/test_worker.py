"""`farsow worker` itself is killed again and again; what its successor takes over at once is not lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from service.mail.values import DeliveryState, MailingState
from tests import databases
from tests.kill.harness import Run
from tests.kill.sink import Plan

CONNECTIONS = 4


def test_worker_of_the_command_line_is_killed_and_its_successor_takes_over_at_once(tmp_path: Path):
    run = Run(databases.sqlite_url(tmp_path), tmp_path, count=60)
    with run.sink(Plan(delay=0.05)) as orders:
        for _ in range(2):
            worker = start(run.url, orders.port, tmp_path)
            run.wait_for_more(8, seconds=30)
            worker.kill()
            worker.wait(10)
            run.kills += 1
        started = time.monotonic()
        worker = start(run.url, orders.port, tmp_path)
        while run.outcome().mailing is not MailingState.DONE and time.monotonic() < started + 50:
            time.sleep(0.2)
        took = time.monotonic() - started
        worker.terminate()

    outcome = run.outcome()
    assert worker.wait(20) == 0
    assert (outcome.lost, outcome.differing, outcome.unnamed) == ([], [], [])
    assert outcome.states == {DeliveryState.SENT: 60}
    assert outcome.copies <= outcome.kills * CONNECTIONS
    assert took < 50  # a lease is 60 s


def test_a_worker_dies_and_postgresql_crashes_under_load_and_nobody_is_lost():
    with TemporaryDirectory(prefix="farsow-kill-") as named, databases.own_postgres(Path(named) / "pg") as server:
        run, logs = Run(server.url, Path(named), count=300), [Path(named) / f"worker-{n}.log" for n in range(2)]
        with run.sink(Plan(delay=0.02)) as orders:
            server.stop()
            workers = [start(run.url, orders.port, Path(named), log) for log in logs]
            wait_for_word("database.away", logs)
            server.restart()  # they began before it was there, and wait for it
            run.wait_for_more(30, seconds=60)
            server.restart()
            run.kills += 2  # both may have letters on the line whose results find no database
            run.wait_for_more(30, seconds=30)
            workers[0].kill()
            workers[0].wait(10)
            run.kills += 1
            until = time.monotonic() + 150  # two leases of a minute
            while run.outcome().mailing is not MailingState.DONE and time.monotonic() < until:
                time.sleep(0.5)
            workers[1].terminate()
            assert workers[1].wait(20) == 0

        outcome = run.outcome()
        assert (outcome.lost, outcome.differing, outcome.unnamed) == ([], [], [])
        assert outcome.states == {DeliveryState.SENT: 300}
        assert outcome.copies <= outcome.kills * CONNECTIONS


def wait_for_word(word: str, logs: list[Path], *, seconds: float = 90) -> None:
    """Wait until each worker has said something, or fail."""
    until = time.monotonic() + seconds
    while not all(word in log.read_text() for log in logs):
        assert time.monotonic() < until, [log.read_text() for log in logs]
        time.sleep(0.1)


def start(url: str, port: int, folder: Path, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a worker as `farsow serve` does; its warnings go to a file when asked."""
    settings = {
        "FARSOW_DATABASE_URL": url,
        "FARSOW_DATA_DIR": str(folder),
        "FARSOW_PUBLIC_URL": "https://events.example.org",
        "FARSOW_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-test",
        "FARSOW_MAIL_URL": f"smtp://127.0.0.1:{port}?starttls=never",
        "FARSOW_MAIL_FROM": "Halden Trust <events@example.org>",
        "FARSOW_MAIL_CONNECTIONS": str(CONNECTIONS),
        "FARSOW_INTAKE_ADDRESS": "rsvp@example.org",
        "FARSOW_LOG_LEVEL": "warning" if log else "error",
    }
    command, told = [sys.executable, "-m", "service", "worker"], {**os.environ, **settings}
    if log is None:
        return subprocess.Popen(command, env=told)
    with log.open("wb") as file:
        return subprocess.Popen(command, env=told, stdout=file, stderr=file)
