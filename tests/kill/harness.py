"""One run: a mailing, a sink, senders that are killed, and what is true afterwards.

Letters are counted from the sink's own log, never from ours.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from service.audit import log as audit
from service.db.engine import make_engine, reading, writing
from service.kernel.clock import utc_now
from service.mail import actions
from service.mail.values import DeliveryLine, DeliveryState, MailingState, Semantics
from tests.kill import sender, sink
from tests.mail.cast import ADDRESS_KEY, letters, new_mailing

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.kill.sender", "tests.kill.sink"])
Process = multiprocessing.context.ForkServerProcess


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is true when all senders are done. `extras` are copies beyond the first, by recipient."""

    states: dict[DeliveryState, int]
    lost: list[str]
    extras: dict[str, int]
    unnamed: list[str]
    differing: list[str]
    kills: int
    mailing: MailingState
    seconds: float = 0.0

    @property
    def copies(self) -> int:
        """How many copies came beyond the first."""
        return sum(self.extras.values())

    @property
    def unknown(self) -> int:
        """How many letters are named as perhaps received."""
        return self.states.get(DeliveryState.UNKNOWN, 0)


@dataclass
class Run:
    """A mailing to `count` people on one database, and the folder of the sink's log."""

    url: str
    folder: Path
    semantics: Semantics = Semantics.AT_LEAST_ONCE
    count: int = 40
    kills: int = 0
    mailing_id: str = ""
    _sinks: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        now, engine = utc_now(), make_engine(self.url)
        with writing(engine) as session:
            new = new_mailing(semantics=self.semantics)
            self.mailing_id = actions.create_mailing(session, new, now=now, actor="staff:1")
            actions.queue(session, self.mailing_id, letters(self.count), address_key=ADDRESS_KEY, now=now)
            actions.approve(session, self.mailing_id, undo_seconds=0, now=now, actor="staff:1")
        engine.dispose()

    @contextmanager
    def sink(self, plan: sink.Plan | None = None) -> Iterator[sender.Orders]:
        """Run a sink; give the orders of a sender that finishes the mailing."""
        log = self.folder / f"sink-{len(self._sinks)}.jsonl"
        log.touch()
        self._sinks.append(log)
        ours, theirs = _FORKS.Pipe()
        process = _FORKS.Process(target=sink.run, args=(log, plan or sink.Plan(), theirs), daemon=True)
        process.start()
        try:
            is_alone = self.url.startswith("sqlite")
            yield sender.Orders(self.url, ours.recv(), self.mailing_id, is_alone=is_alone)
        finally:
            process.kill()
            process.join()

    def start(self, orders: sender.Orders) -> Process:
        """Start a sender."""
        process = _FORKS.Process(target=sender.work, args=(orders,), daemon=True)
        process.start()
        return process

    def finish(self, orders: sender.Orders) -> None:
        """Run one sender to the end."""
        process = self.start(orders)
        process.join(orders.patience + 10)
        assert process.exitcode == 0, f"the last sender ended with {process.exitcode}"

    def die(self, orders: sender.Orders) -> None:
        """Run one sender to its death."""
        self.wait_for_death(self.start(orders))

    def wait_for_death(self, process: Process) -> None:
        """Wait until a sender was killed."""
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, f"the sender was to be killed, and ended with {process.exitcode}"
        self.kills += 1

    def accepted(self) -> list[str]:
        """Return the recipients of all that was accepted, in its order."""
        return [entry.recipient for log in self._sinks for entry in sink.read_log(log)]

    def has_sent(self) -> bool:
        """Tell whether a letter was accepted."""
        return bool(self.accepted())

    def wait_for_more(self, count: int, seconds: float = 1) -> None:
        """Wait until some more letters were accepted, or this long."""
        before, until = len(self.accepted()), time.monotonic() + seconds
        while len(self.accepted()) <= before + count and time.monotonic() < until:
            time.sleep(0.002)

    def outcome(self) -> Outcome:
        """Compare our ledger with the sink's log."""
        engine = make_engine(self.url)
        with reading(engine) as session:
            view = actions.read_mailing(session, self.mailing_id)
            lines = actions.read_deliveries(session, self.mailing_id)
            noted = {line.id for line in lines if audit.trail(session, f"delivery:{line.id}")}
        engine.dispose()
        accepted = [entry for log in self._sinks for entry in sink.read_log(log)]
        copies = Counter(entry.recipient for entry in accepted)
        versions = Counter(recipient for recipient, *_ in {(e.recipient, e.message_id, e.sha256) for e in accepted})
        extras = {recipient: count - 1 for recipient, count in copies.items() if count > 1}
        named = {line.address for line in lines if line.repeats or line.id in noted}
        return Outcome(
            states={state: count for state, count in view.counts.items() if count},
            lost=[line.address for line in lines if _is_lost(line, copies)],
            extras=extras,
            unnamed=sorted(set(extras) - named),
            differing=[recipient for recipient, count in versions.items() if count > 1],
            kills=self.kills,
            mailing=view.state,
        )


def _is_lost(line: DeliveryLine, copies: Counter[str]) -> bool:
    """Tell whether someone has no letter and nobody would know."""
    is_accounted_for = line.state in (DeliveryState.UNKNOWN, DeliveryState.SUPPRESSED)
    return not is_accounted_for and not (line.state is DeliveryState.SENT and copies[line.address])


def soak(run: Run, *, seed: int, kills: int, workers: int = 1, connections: int = 8) -> Outcome:
    """Kill random senders at random instants, each replaced at once; then let the rest finish."""
    chance, started = random.Random(seed), time.monotonic()
    with run.sink() as orders:
        orders = replace(orders, connections=connections, batch=40, is_alone=orders.is_alone and workers == 1)
        crew = [run.start(orders) for _ in range(workers)]
        while run.kills < kills and any(one.is_alive() for one in crew):
            run.wait_for_more(chance.randrange(20))  # in the midst of its work, not while it starts
            time.sleep(chance.uniform(0, 0.02))
            at = chance.randrange(workers)
            if crew[at].is_alive() and crew[at].pid:
                os.kill(crew[at].pid, signal.SIGKILL)
                crew[at].join()
                run.kills += crew[at].exitcode == -signal.SIGKILL
                crew[at] = run.start(orders)
        for one in crew:
            one.join(120)
    return replace(run.outcome(), seconds=time.monotonic() - started)
