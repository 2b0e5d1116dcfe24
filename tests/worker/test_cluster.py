"""Workers on PostgreSQL: who hears of work, who looks when, and what the dead leave behind."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from service.db.engine import reading, writing
from service.db.scheduler import Work, make_due
from service.kernel.clock import utc_now
from service.kernel.errors import Temporary
from service.worker import cluster
from service.worker.cluster import Beat, Stop
from service.worker.duties import Tools

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # SQLite has one worker
NEVER = "0 0 1 1 *"
EACH_SECOND = "* * * * * *"
PATIENCE = 15.0


class Duty:
    """A duty that notes when it was done. `work` says what each of its looks finds."""

    def __init__(self, name: str, work: Callable[[], int] = lambda: 0) -> None:
        self.__name__ = name
        self._work, self.times = work, list[float]()

    def __call__(self, tools: Tools) -> int:
        """Note the time, then do it."""
        self.times.append(time.time())
        return self._work()

    def beat(self, cron: str = NEVER, *, alone: bool = True) -> Beat:
        """Return it with its beat."""
        queue = cluster.OTHER if alone else cluster.LETTERS
        return Beat(self, cron, queue=queue, alone=alone)

    def wait_for(self, count: int) -> int:
        """Wait until it was done that often; return how often."""
        wait_until(lambda: len(self.times) >= count)
        return len(self.times)


def wait_until(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return is_so()


@contextmanager
def workers(engine: Engine, *beats: Beat, count: int = 1) -> Iterator[None]:
    """Let some workers do some duties."""
    crew = [_Worker(engine, beats) for _ in range(count)]
    try:
        assert wait_until(lambda: _count_hands(engine) == 2 * count)
        yield
    finally:
        for worker in crew:
            worker.stop()


def _count_hands(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one())


class _Worker(threading.Thread):
    def __init__(self, engine: Engine, beats: tuple[Beat, ...]) -> None:
        super().__init__()
        tools = cast(Tools, _Tools(engine))
        self._loop, self._end = asyncio.new_event_loop(), Stop()
        url = engine.url.render_as_string(hide_password=False)
        self._work = partial(cluster.work_until, self._end, partial(cluster.make_app, tools, url, self._end, beats))
        self.start()

    def run(self) -> None:
        self._loop.run_until_complete(self._work())
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.ask)
        self.join(PATIENCE)
        assert not self.is_alive()


class _Tools:
    """What these duties need of the tools."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


def tell(engine: Engine, *args: Any) -> None:
    with writing(engine) as session:
        make_due(session, *args)


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that never look by themselves."""
    monkeypatch.setattr(cluster, "LATE_JOBS_SECONDS", 3600.0)


@pytest.mark.usefixtures("unasked")
def test_an_idle_worker_hears_of_work_when_it_is_committed(engine: Engine):
    letters, imports = Duty("deliver_letters"), Duty("apply_imports")
    with workers(engine, letters.beat(alone=False), imports.beat()):
        with suppress(ZeroDivisionError), writing(engine) as session:
            make_due(session, Work.LETTERS)
            raise ZeroDivisionError
        tell(engine, Work.APPLYING)
        assert imports.wait_for(1) == 1
        assert letters.times == []
        tell(engine, Work.LETTERS)
        assert letters.wait_for(1) == 1


def test_work_of_an_instant_is_not_done_before_it(engine: Engine):
    letters = Duty("deliver_letters")
    with workers(engine, letters.beat(alone=False)):
        at = utc_now() + timedelta(seconds=2)
        tell(engine, Work.LETTERS, at)
        letters.wait_for(1)

    assert len(letters.times) == 1
    assert letters.times[0] >= at.timestamp()


@pytest.mark.usefixtures("unasked")
def test_all_idle_workers_are_called_one_by_one_to_a_mailing(engine: Engine):
    together = threading.Barrier(3, timeout=PATIENCE)
    found = iter([1, 1, 1])

    def work() -> int:
        if next(found, 0):
            time.sleep(0.2)
            return 1
        together.wait()
        return 0

    letters = Duty("deliver_letters", work)
    with workers(engine, letters.beat(alone=False), count=3):
        tell(engine, Work.LETTERS)
        assert wait_until(lambda: together.broken or letters.wait_for(6) >= 6)

    assert not together.broken


def test_an_import_is_carried_out_by_one_worker_at_a_time(engine: Engine):
    at_work, most = 0, 0

    def work() -> int:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.3)
        at_work -= 1
        return 0

    imports = Duty("apply_imports", work)
    with workers(engine, imports.beat(), count=3):
        for done in range(4):
            tell(engine, Work.APPLYING)
            wait_until(lambda done=done: len(imports.times) > done)  # type: ignore[misc]

    assert (len(imports.times), most) == (4, 1)


def test_a_beat_is_one_look_however_many_workers_there_are(engine: Engine):
    looks = Duty("plan_letters")
    with workers(engine, looks.beat(EACH_SECOND), count=3):
        started = time.time()
        looks.wait_for(3)
        seconds = time.time() - started

    assert 3 <= len(looks.times) <= seconds + 3


@pytest.mark.usefixtures("unasked")
def test_what_a_dead_worker_was_at_is_free_again(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "FREE_CRON", EACH_SECOND)
    with engine.begin() as connection:
        dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '21 s') RETURNING id"
        held = (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id) "
            "VALUES ('other', 'apply_imports', 'apply_imports', 'doing', :worker)"
        )
        connection.execute(text(held), {"worker": connection.execute(text(dead)).scalar_one()})
    imports = Duty("apply_imports")
    with workers(engine, imports.beat()):
        tell(engine, Work.APPLYING)
        assert imports.wait_for(1) == 1


def test_a_worker_that_was_taken_for_dead_goes_on_as_a_new_one(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "AFTER_TROUBLE_SECONDS", 0.1)
    imports = Duty("apply_imports")
    with workers(engine, imports.beat()):
        with engine.begin() as connection:
            gone = connection.execute(text("DELETE FROM procrastinate_workers RETURNING id")).scalars().all()
        tell(engine, Work.APPLYING)
        assert imports.wait_for(1) == 1
        assert len(gone) == 2
        assert wait_until(lambda: _count_hands(engine) == 2)


def test_a_worker_whose_connections_are_cut_goes_on_as_a_new_one(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "AFTER_TROUBLE_SECONDS", 0.1)
    imports = Duty("apply_imports")
    with workers(engine, imports.beat(EACH_SECOND)):
        imports.wait_for(1)
        with engine.begin() as connection:
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            )
            connection.execute(text(cut + "pg_backend_pid()"))
        before = len(imports.times)
        assert imports.wait_for(before + 3) >= before + 3


class Away(Temporary):
    """Something is away for now."""

    code = "away"


def test_trouble_is_logged_by_its_kind_and_the_next_look_comes(engine: Engine):
    def work() -> int:
        if len(looks.times) == 1:
            raise Away("someone@example.org is away")
        if len(looks.times) == 2:
            raise ValueError("someone@example.org")
        return 0

    looks = Duty("plan_letters", work)
    with capture_logs() as logs, workers(engine, looks.beat(EACH_SECOND)):
        looks.wait_for(3)

    assert logs == [
        {"event": "worker.trouble", "code": "away", "log_level": "warning"},
        {"event": "worker.failed", "error": "ValueError", "log_level": "error"},
    ]


def test_nothing_is_left_of_jobs_that_are_done(engine: Engine):
    looks = Duty("plan_letters")
    with workers(engine, looks.beat(EACH_SECOND)):
        looks.wait_for(2)

    with reading(engine) as session:
        done = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'"
        assert session.execute(text(done)).scalar_one() == 0
