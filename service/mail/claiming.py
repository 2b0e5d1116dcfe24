"""Claims: letters that are due are taken into one sender's hands, with a lease, each looked at once more.

A claim goes round the mailings and, in each, round the recipients' domains, so that a big
mailing or a slow domain holds nobody up. Letters whose sender is gone are taken back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import ascii_lowercase, digits
from typing import Any

import structlog
from sqlalchemy import Engine, Row
from sqlmodel import Session

from service.db.engine import reading, writing
from service.mail import rules, store
from service.mail.routes import Openings, Routes
from service.mail.values import Delivery, DeliveryState, Mailing, MailingState, Semantics

LEASE = timedelta(seconds=60)
# How many mailings share one claim: an answer's confirmation does not wait behind 50,000 invitations.
MAILINGS_A_CLAIM = 12
DOMAINS_A_CLAIM = 24

OnRecorded = Callable[[Session, list[tuple[str, DeliveryState]]], None]
_NEW = MailingState.APPROVED
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """Letters in one sender's hands, their mailings by id, and by their own id the relay each goes through."""

    deliveries: tuple[Delivery, ...] = ()
    mailings: dict[str, Mailing] = field(default_factory=dict)
    relays: dict[str, str] = field(default_factory=dict)


def claim(
    engine: Engine,
    *,
    owner: str,
    now: datetime,
    size: int,
    routes: Routes,
    on_recorded: OnRecorded,
    lease: timedelta = LEASE,
) -> Claims:
    """Take up to `size` due letters into the hands of `owner`."""
    with reading(engine) as session:  # an idle look takes no write lock
        wanted, is_lost = _wanted(session, routes, size, now), bool(store.lost(session, now=now))
    if is_lost:
        with writing(engine) as session:
            recover(session, now=now, on_recorded=on_recorded)
            wanted = _wanted(session, routes, size, now)
    if not wanted:
        return Claims()
    # Nothing has left yet, and the gate's commit is durable: a claim lost with the power leaves its letters waiting.
    with writing(engine, durable=False) as session:
        openings = _openings(session, routes, now, is_claim=True)
        mailings, rows = _take(session, wanted, openings, size, now)
        verdicts = _verdicts(session, rows, mailings, now)
        _set_aside(session, rows, verdicts, now, on_recorded)
        leaving = [row for row in rows if verdicts[row.id] is DeliveryState.SENDING]
        relays = {row.id: road for row in leaving if (road := openings.take(row.domain)) is not None}
        store.lease(session, list(relays), owner=owner, until=now + lease)
        if openings.taken:
            store.write_due(session, openings.taken, now=now)
        store.start(session, {row.mailing_id for row in rows if mailings[row.mailing_id].state is _NEW})
    return Claims(tuple(row for row in leaving if row.id in relays), mailings, relays)


def _openings(session: Session, routes: Routes, now: datetime, *, is_claim: bool = False) -> Openings:
    if is_claim and routes.is_limited:
        store.hold_rates(session)
    due = store.read_due(session, now=now) if routes.is_limited else {}
    return Openings(routes, rests=store.read_rests(session, now=now), due=due, now=now)


Wanted = dict[str, str]  # letters to take, with their mailings


def _wanted(session: Session, routes: Routes, size: int, now: datetime) -> Wanted:
    """Return which letters to take: of some mailings that have any due."""
    due = store.due_mailings(session, now=now)
    if not due:
        return {}
    openings = _openings(session, routes, now)
    if openings.is_shut:
        return {}
    return _deal(session, random.sample(due, min(len(due), MAILINGS_A_CLAIM)), openings, size, now)


def _deal(session: Session, mailing_ids: Sequence[str], openings: Openings, size: int, now: datetime) -> Wanted:
    """Choose letters in fair shares; what some domains leave over goes to those that have more."""
    each, shut = max(2, DOMAINS_A_CLAIM // len(mailing_ids)), openings.shut_domains()
    start = "".join(random.choices(ascii_lowercase + digits, k=2))  # another one is first each time
    wanted: Wanted = {}
    for share in (-(-size // DOMAINS_A_CLAIM), size):
        offers = store.offers(session, mailing_ids, start=start, domains=each, share=share, shut=shut, now=now)
        offers = [offer.cut(openings.room(offer.domain)) for offer in offers]
        wanted = rules.deal(offers, size)
        if len(wanted) == size or all(len(offer.delivery_ids) < share for offer in offers):
            break
    return wanted


def _take(
    session: Session, wanted: Wanted, openings: Openings, size: int, now: datetime
) -> tuple[dict[str, Mailing], list[Delivery]]:
    """Lock the mailings still active and the letters that still wait, others where another sender was faster."""
    mailings = store.hold(session, set(wanted.values()))
    rows = store.take(session, [key for key, mailing_id in wanted.items() if mailing_id in mailings])
    if len(rows) < len(wanted) and mailings:
        rows = store.take(session, list(_deal(session, list(mailings), openings, size, now)))
    return mailings, rows


def _verdicts(
    session: Session, rows: Sequence[Delivery], mailings: dict[str, Mailing], now: datetime
) -> dict[str, DeliveryState]:
    pairs = store.suppressed_pairs(session, {row.address_hash for row in rows})
    scopes = {mailing.id: rules.scopes(mailing.purpose, mailing.list_id) for mailing in mailings.values()}
    return {
        row.id: rules.at_claim(
            suppressed=any((row.address_hash, scope) in pairs for scope in scopes[row.mailing_id]),
            give_up_at=row.give_up_at,
            now=now,
        )
        for row in rows
    }


def _set_aside(
    session: Session,
    rows: Sequence[Delivery],
    verdicts: dict[str, DeliveryState],
    now: datetime,
    on_recorded: OnRecorded,
) -> None:
    texts = {DeliveryState.SUPPRESSED: "", DeliveryState.FAILED: rules.EXPIRED}
    for state, text in texts.items():
        ids = [row.id for row in rows if verdicts[row.id] is state]
        if ids:
            store.set_states(session, ids, state, finished_at=now, smtp_text=text)
    aside = [(row.recipient_ref, verdicts[row.id]) for row in rows if verdicts[row.id] in texts]
    if aside:
        store.finish(session, {row.mailing_id for row in rows}, now=now)
        on_recorded(session, aside)


# Recovery


def recover(
    session: Session, *, now: datetime, on_recorded: OnRecorded, owner: str | None = None, is_alone: bool = False
) -> int:
    """Take back letters whose sender is gone; return how many.

    Those whose lease ran out; or, when `owner` is known to be dead, all of that owner's; or all
    that anyone holds, for a sender that `is_alone`.
    """
    lost = store.lost(session, now=now, owner=owner, is_alone=is_alone)
    if not lost:
        return 0
    changes = [(row, _after_crash(row, now)) for row in lost]
    for state in {state for _, state in changes}:
        ids = [row.id for row, next_state in changes if next_state is state]
        finished_at = None if state is DeliveryState.QUEUED else now
        store.set_states(session, ids, state, next_attempt_at=now, finished_at=finished_at)
    store.note_repeats(session, _leaving_again(changes))
    for row, state in changes:
        if row.dot_at is not None:
            _log.warning("delivery.in-doubt", delivery_id=row.id, state=str(state))
    _log.info("deliveries.recovered", count=len(changes))
    store.finish(session, {row.mailing_id for row in lost}, now=now)
    on_recorded(session, [(row.recipient_ref, state) for row, state in changes])
    return len(lost)


def _leaving_again(changes: Collection[tuple[Row[Any], DeliveryState]]) -> list[str]:
    return [row.id for row, state in changes if state is DeliveryState.QUEUED and row.dot_at is not None]


def _after_crash(row: Row[Any], now: datetime) -> DeliveryState:
    return rules.after_crash(
        row.dot_at,
        semantics=Semantics(row.semantics),
        mailing=MailingState(row.mailing),
        give_up_at=row.give_up_at,
        now=now,
    )
