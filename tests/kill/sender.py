"""A sender in a process of its own: our ledger, our adapter, our loop. It may kill itself at a named point."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from service.adapters.conversation import Timeouts
from service.adapters.relays import Relay
from service.adapters.smtp import SmtpTransport
from service.db.engine import make_engine, reading, writing
from service.kernel.clock import utc_now
from service.kernel.logs import set_up_logs
from service.mail import actions
from service.mail.ports import Ledger
from service.mail.values import DeliveryState, MailingState, Outgoing, Result
from tests.mail.cast import composer

COMPOSER = composer()  # made once, where the senders are forked from
TIMEOUTS = Timeouts(connect=5, command=5, dot=5, heartbeat=0.1)
OVER = (MailingState.DONE, MailingState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Orders:
    """What one sender is to do. `point` and `nth` say where it dies; the sink sees to "after dot" and "accepted"."""

    url: str
    port: int
    mailing_id: str
    point: str = ""
    nth: int = 1
    is_alone: bool = False
    connections: int = 4
    batch: int = 10
    lease: timedelta = timedelta(seconds=2)
    patience: float = 60.0


class DyingLedger:
    """Passes everything on to the ledger, and dies at its point."""

    def __init__(self, ledger: Ledger, death: Death) -> None:
        self._ledger, self._death = ledger, death

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        """Commit."""
        self._death.may_come("before dot mark", count=len(leaving))
        self._death.may_come("before result", count=len(results))
        allowed = self._ledger.commit(results, leaving)
        self._death.may_come("after dot mark", count=len(leaving))
        self._death.may_come("after result", count=len(results))
        return allowed

    def keep(self, letters: Sequence[Outgoing]) -> None:
        """Keep."""
        self._ledger.keep(letters)


class Death:
    """Counts letters at one point and kills this process at the n-th."""

    def __init__(self, point: str, nth: int) -> None:
        self._point, self._left = point, nth

    def may_come(self, point: str, *, count: int) -> None:
        """Die when this is the point and its letter is the n-th or beyond."""
        if point == self._point and count:
            self._left -= count
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DyingTransport:
    """The real adapter; dies when it is given letters ("after claim"), or where its ledger does."""

    def __init__(self, transport: SmtpTransport, death: Death) -> None:
        self._transport, self._death = transport, death

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Send."""
        self._death.may_come("after claim", count=len(letters))
        self._transport.send(letters, DyingLedger(ledger, self._death))

    def close(self) -> None:
        """Close."""
        self._transport.close()


def work(orders: Orders) -> None:
    """Deliver until the mailing is over; exit code 3 when that takes too long."""
    set_up_logs("error")
    engine = make_engine(orders.url)
    smtp = SmtpTransport(
        Relay("127.0.0.1", orders.port, "never"),
        hello=f"pid-{os.getpid()}.example.org",
        connections=orders.connections,
        timeouts=TIMEOUTS,
    )
    transport = DyingTransport(smtp, Death(orders.point, orders.nth))
    if orders.is_alone:
        with writing(engine) as session:
            actions.recover(session, now=utc_now(), on_recorded=_nobody, is_alone=True)
    until = time.monotonic() + orders.patience
    while time.monotonic() < until:
        report = actions.deliver_batch(
            engine,
            transport,
            COMPOSER,
            owner=f"pid-{os.getpid()}",
            now_fn=utc_now,
            on_recorded=_nobody,
            size=orders.batch,
            lease=orders.lease,
        )
        if report.claimed:
            continue
        with reading(engine) as session:
            if actions.read_mailing(session, orders.mailing_id).state in OVER:
                transport.close()
                return
        time.sleep(0.05)
    sys.exit(3)


def _nobody(_session: Session, _changes: list[tuple[str, DeliveryState]]) -> None:
    pass
