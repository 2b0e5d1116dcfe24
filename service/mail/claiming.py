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
        wanted, is_lost = _wanted(session, routes, now), bool(store.lost(session, now=now))
    if is_lost:
        with writing(engine) as session:
            recover(session, now=now, on_recorded=on_recorded)
            wanted = _wanted(session, routes, now)
    if not wanted:
        return Claims()
    with writing(engine) as session:
        openings = _openings(session, routes, now, is_claim=True)
        rows = _take(session, wanted, openings, size, now)
        mailings = store.read_mailings_by_id(session, {row.mailing_id for row in rows})
        verdicts = _verdicts(session, rows, mailings, now)
        _set_aside(session, rows, verdicts, now, on_recorded)
        leaving = [row for row in rows if verdicts[row.id] is DeliveryState.SENDING]
        relays = {row.id: road for row in leaving if (road := openings.take(row.domain)) is not None}
        store.lease(session, list(relays), owner=owner, until=now + lease)
        if openings.taken:
            store.write_due(session, openings.taken, now=now)
        store.start(session, mailings)
        store.finish(session, mailings, now=now)
    return Claims(tuple(row for row in leaving if row.id in relays), mailings, relays)


def _openings(session: Session, routes: Routes, now: datetime, *, is_claim: bool = False) -> Openings:
    if is_claim and routes.is_limited:
        store.hold_rates(session)
    due = store.read_due(session, now=now) if routes.is_limited else {}
    return Openings(routes, rests=store.read_rests(session, now=now), due=due, now=now)


Pair = tuple[str, str]  # a mailing's id, a domain


def _wanted(session: Session, routes: Routes, now: datetime) -> list[Pair]:
    """Return where to take letters from: some mailings, and of each some domains that are open."""
    due = store.due_mailings(session, now=now)
    if not due:
        return []
    openings = _openings(session, routes, now)
    if openings.is_shut:
        return []
    chosen = random.sample(due, min(len(due), MAILINGS_A_CLAIM))
    each, shut = max(2, DOMAINS_A_CLAIM // len(chosen)), openings.shut_domains()
    start = "".join(random.choices(ascii_lowercase + digits, k=2))  # another one is first each time
    return [
        (mailing_id, domain)
        for mailing_id in chosen
        for domain in store.due_domains(session, mailing_id, start=start, count=each, shut=shut, now=now)
    ]


def _take(session: Session, wanted: Sequence[Pair], openings: Openings, size: int, now: datetime) -> list[Delivery]:
    """Take letters in fair shares; what some domains leave over goes to those that have more."""
    held = set(store.hold(session, list(dict.fromkeys(mailing_id for mailing_id, _ in wanted))))
    pairs = [pair for pair in wanted if pair[0] in held]
    taken: dict[str, Delivery] = {}
    eager: list[tuple[Pair, int]] = []
    for at, pair in enumerate(pairs):
        share = -(-(size - len(taken)) // (len(pairs) - at))
        rows = _rows_of(session, pair, share, openings, now)
        taken |= {row.id: row for row in rows}
        if len(rows) == share:
            eager.append((pair, share))
    for pair, had in eager:
        if (more := size - len(taken)) > 0:
            taken |= {row.id: row for row in _rows_of(session, pair, had + more, openings, now)}
    return list(taken.values())[:size]


def _rows_of(session: Session, pair: Pair, count: int, openings: Openings, now: datetime) -> list[Delivery]:
    mailing_id, domain = pair
    room = min(count, openings.room(domain))
    return store.take_due(session, mailing_id, domain, limit=room, now=now) if room else []


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
