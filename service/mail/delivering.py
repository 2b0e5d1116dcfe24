"""The duty "deliver letters": claim, compose, send, record.

A run claims some due letters with a lease, makes their bytes outside any transaction, hands
them to the transport, and writes what happened. Killed anywhere, the next run finds the rest:
before the dot mark a letter is queued again, after it the mailing's semantics decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from service.kernel.errors import FarsowError
from service.mail.claiming import LEASE, Claims, OnRecorded, claim
from service.mail.compose import Composer
from service.mail.ports import Transport
from service.mail.recording import DeliveryLedger
from service.mail.routes import Routes
from service.mail.values import BatchReport, DeliveryState, Fate, Outcome, Outgoing, Result

BATCH = 100
_LETTERS_A_LINE = 10
ANY_ROUTE = Routes()

_log = structlog.get_logger(__name__)


def batch_for(connections: int) -> int:
    """Return how many letters to claim at once for so many connections: none is to wait for the next claim."""
    return max(BATCH, _LETTERS_A_LINE * connections)


def deliver_batch(
    engine: Engine,
    transport: Transport,
    composer: Composer,
    *,
    owner: str,
    now_fn: Callable[[], datetime],
    on_recorded: OnRecorded,
    size: int = BATCH,
    routes: Routes = ANY_ROUTE,
    lease: timedelta = LEASE,
) -> BatchReport:
    """Send up to `size` due letters and say what became of them; `claimed` is 0 when none was due.

    `owner` names this process and no other; `routes` are the relays that the transport knows; a `lease`
    not renewed for so long is another's to take.
    `on_recorded(session, [(recipient_ref, state)])` is called in the transaction that writes
    results. Opens its own transactions.
    """
    tally: Counter[DeliveryState] = Counter()

    def recorded(session: Session, changes: list[tuple[str, DeliveryState]]) -> None:
        tally.update(state for _, state in changes)
        on_recorded(session, changes)

    claims = claim(engine, owner=owner, now=now_fn(), size=size, routes=routes, on_recorded=recorded, lease=lease)
    if claims.deliveries:
        ledger = DeliveryLedger(engine, claims, routes, owner=owner, now_fn=now_fn, on_recorded=recorded, lease=lease)
        transport.send(_compose(composer, claims, ledger), ledger)
    return BatchReport(len(claims.deliveries), dict(tally))


def _compose(composer: Composer, claims: Claims, ledger: DeliveryLedger) -> list[Outgoing]:
    """Make the letters; one that cannot be made fails alone and takes no other with it."""
    outgoing, failed = [], []
    for delivery in claims.deliveries:
        mailing = claims.mailings[delivery.mailing_id]
        try:
            letter = composer.make(mailing, delivery)
            outgoing.append(Outgoing(delivery.id, mailing.kind, letter, claims.relays[delivery.id]))
        except FarsowError as error:
            _log.error("letter.not-composed", delivery_id=delivery.id, mailing_id=mailing.id, code=error.code)
            failed.append(Result(delivery.id, Outcome(Fate.REFUSED, None, error.sentence)))
    if failed:
        ledger.commit(failed)
    return outgoing
