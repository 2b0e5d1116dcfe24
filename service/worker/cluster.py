"""Workers on PostgreSQL, any number on any number of machines: Procrastinate decides who looks when.

What is due stands in our own tables, so that a job that is lost, late or done twice does no harm.
A look does its duty until nothing is due, or for a few seconds; then others may have a turn.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from service.db.engine import writing
from service.db.scheduler import Work, make_due
from service.kernel.errors import Temporary
from service.privacy.tidying import tidy_up
from service.worker import duties
from service.worker.duties import Tools

log = structlog.get_logger()

LETTERS, OTHER = "letters", "other"
STRETCH_SECONDS = 5.0
LATE_JOBS_SECONDS = 1.0  # how often a job that was put off to an instant is looked for
HEARTBEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
AFTER_TROUBLE_SECONDS = 5.0
FREE_CRON = "* * * * * */10"


@dataclass(frozen=True, slots=True)
class Beat:
    """A duty and when it is looked at unasked: a cron line whose sixth field is seconds."""

    duty: Callable[[Tools], int]
    cron: str
    queue: str = OTHER
    alone: bool = True  # one at a time over all workers


def tidy(tools: Tools) -> int:
    """Delete what is old; return 1 when some is left."""
    return int(not tidy_up(tools.engine, now=tools.clock()))


BEATS = (
    Beat(duties.deliver_letters, "* * * * * */5", queue=LETTERS, alone=False),
    Beat(duties.plan_letters, "* * * * * */10"),
    Beat(duties.take_in_mail, "* * * * * 3/30"),
    Beat(duties.read_files, "* * * * * 1/5"),
    Beat(duties.apply_imports, "* * * * * 2/5"),
    Beat(duties.undo_imports, "* * * * * 4/5"),
    Beat(duties.compare_people, "* * * * * 7/10"),
    Beat(duties.destroy_hours, "* * * * * 47"),
    Beat(duties.collect_statistics, "* * * * * 17/30"),
    Beat(tidy, "*/10 * * * * 37"),
)


class Stop:
    """Whether the workers shall end; whoever waits for it hears of it at once."""

    def __init__(self) -> None:
        self.now = False
        self.event = asyncio.Event()

    def ask(self) -> None:
        """Let the looks of the moment end, then the workers."""
        self.now = True
        self.event.set()


class Fell(RuntimeError):
    """A hand of a worker ended without being asked to."""


def run(tools: Tools, url: str, *, beats: tuple[Beat, ...] = BEATS) -> None:
    """Do the duties until asked to stop. Trouble is logged and waited out, never fatal."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its lines are not ours to vouch for
    log.info("worker.started", owner=tools.owner)
    asyncio.run(_run(tools, url, beats))
    if tools.reader:
        tools.reader.close()
    tools.transport.close()  # letters on the line may still get their answer
    log.info("worker.stopped", owner=tools.owner)


async def _run(tools: Tools, url: str, beats: tuple[Beat, ...]) -> None:
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.ask)
    await work_until(stop, partial(make_app, tools, url, stop, beats))


async def work_until(stop: Stop, make: Callable[[], App]) -> None:
    """Work until asked to stop, with a new scheduler after each trouble."""
    while not stop.now:
        try:
            await _work(stop, make())
        except Exception as trouble:
            first = trouble.exceptions[0] if isinstance(trouble, ExceptionGroup) else trouble
            log.error("worker.failed", error=type(first).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.event.wait(), AFTER_TROUBLE_SECONDS)


async def _work(stop: Stop, app: App) -> None:
    """Work with two hands: one for letters and one for all else."""
    async with app.open_async(), asyncio.TaskGroup() as hands:
        both = [hands.create_task(_hand(app, queue)) for queue in (LETTERS, OTHER)]
        hands.create_task(_let_go(stop, both))


async def _hand(app: App, queue: str) -> None:
    await app.run_worker_async(
        queues=[queue],
        name=queue,
        fetch_job_polling_interval=LATE_JOBS_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=DEAD_AFTER_SECONDS,
        delete_jobs="always",
        install_signal_handlers=False,
    )
    raise Fell(queue)  # it ends like this when its beats or its ear fail


async def _let_go(stop: Stop, hands: list[asyncio.Task[None]]) -> None:
    """Cancel the hands when asked to stop: each finishes the look it is at."""
    await stop.event.wait()
    for hand in hands:
        hand.cancel()


def make_app(tools: Tools, url: str, stop: Stop, beats: tuple[Beat, ...] = BEATS) -> App:
    """Return the scheduler: each duty as a task, with its beat, and one that frees what the dead held."""
    app = App(connector=PsycopgConnector(conninfo=_conninfo(url), min_size=1, max_size=6))
    for beat in beats:
        name = beat.duty.__name__
        task = app.task(name=name, queue=beat.queue, lock=name if beat.alone else None, queueing_lock=name)
        app.periodic(cron=beat.cron)(task(_look(beat.duty, tools, stop)))
    free = app.task(name="free_jobs", queue=OTHER, lock="free_jobs", queueing_lock="free_jobs")
    app.periodic(cron=FREE_CRON)(free(_free_jobs(app)))
    return app


def _conninfo(url: str) -> str:
    """Return a URL as libpq reads it: SQLAlchemy writes a space as `+`, which is none there."""
    parts = make_url(url)
    query = {key: value if isinstance(value, str) else ",".join(value) for key, value in parts.query.items()}
    return make_conninfo(**parts.translate_connect_args(username="user", database="dbname"), **query)


def _look(duty: Callable[[Tools], int], tools: Tools, stop: Stop) -> Callable[..., None]:
    """Return the task of a duty. Its first catch calls another worker, so that all idle ones join one by one."""

    def look(timestamp: int | None = None) -> None:
        del timestamp  # when the beat was: what is due is asked of the clock
        until = time.monotonic() + STRETCH_SECONDS
        called = False
        while not stop.now and _do(duty, tools):
            is_over = time.monotonic() > until
            if is_over or not called:
                called = _call(duty, tools)
            if is_over:
                return

    return look


def _do(duty: Callable[[Tools], int], tools: Tools) -> int:
    try:
        return duty(tools)
    except Temporary as trouble:
        log.warning("worker.trouble", code=trouble.code)
    except Exception as trouble:
        # The words of a foreign error may hold an address: only its kind is logged.
        log.error("worker.failed", error=type(trouble).__name__)
    return 0


def _call(duty: Callable[[Tools], int], tools: Tools) -> bool:
    """Let another look follow at once, here or elsewhere, for duties that can be called."""
    with suppress(ValueError), writing(tools.engine) as session:
        make_due(session, Work(duty.__name__))
    return True


def _free_jobs(app: App) -> Callable[..., object]:
    """Return the task that ends what dead workers were at, so that the locks of their duties are free."""

    async def free_jobs(timestamp: int) -> None:
        del timestamp
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        await app.job_manager.prune_stalled_workers(DEAD_AFTER_SECONDS)

    return free_jobs
