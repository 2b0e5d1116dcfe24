"""The duty "deliver letters": claim, compose, send, record.

A run claims some due letters with a lease, makes their bytes outside any transaction, hands
them to the transport, and writes what happened. Killed anywhere, the next run finds the rest:
before the dot mark a letter is queued again, after it the mailing's semantics decide.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, Row
from sqlmodel import Session

from service.audit import log as audit
from service.db.engine import reading, writing
from service.kernel.errors import FarsowError
from service.mail import rules, store
from service.mail.compose import Composer
from service.mail.ports import Transport
from service.mail.values import (
    BatchReport,
    Delivery,
    DeliveryState,
    Fate,
    Lease,
    Mailing,
    MailingState,
    Outcome,
    Outgoing,
    Result,
    Semantics,
)

LEASE = timedelta(seconds=60)
BATCH = 100
# How many mailings share one claim: an answer's confirmation does not wait behind 50,000 invitations.
MAILINGS_A_CLAIM = 12

OnRecorded = Callable[[Session, list[tuple[str, DeliveryState]]], None]
_log = structlog.get_logger(__name__)


def deliver_batch(
    engine: Engine,
    transport: Transport,
    composer: Composer,
    *,
    owner: str,
    now_fn: Callable[[], datetime],
    on_recorded: OnRecorded,
    size: int = BATCH,
) -> BatchReport:
    """Send up to `size` due letters and say what became of them; `claimed` is 0 when none was due.

    `owner` names this process and no other. `on_recorded(session, [(recipient_ref, state)])`
    is called in the transaction that writes results. Opens its own transactions.
    """
    tally: Counter[DeliveryState] = Counter()

    def recorded(session: Session, changes: list[tuple[str, DeliveryState]]) -> None:
        tally.update(state for _, state in changes)
        on_recorded(session, changes)

    claims, mailings = _claim(engine, owner, now_fn(), size, recorded)
    if claims:
        ledger = DeliveryLedger(engine, claims, mailings, owner=owner, now_fn=now_fn, on_recorded=recorded)
        transport.send(_compose(composer, claims, mailings, ledger), ledger)
    return BatchReport(len(claims), dict(tally))


def recover(session: Session, *, now: datetime, on_recorded: OnRecorded, owner: str | None = None) -> int:
    """Take back letters whose sender is gone; return how many.

    Those whose lease ran out, or, when `owner` is known to be dead, all of that owner's.
    """
    lost = store.lost(session, now=now, owner=owner)
    if not lost:
        return 0
    changes = [(row, _after_crash(row, now)) for row in lost]
    for state in {state for _, state in changes}:
        ids = [row.id for row, next_state in changes if next_state is state]
        finished_at = None if state is DeliveryState.QUEUED else now
        store.set_states(session, ids, state, next_attempt_at=now, finished_at=finished_at)
    for row, state in changes:
        _log.warning("delivery.recovered", delivery_id=row.id, after_dot=row.dot_at is not None, state=str(state))
    store.finish(session, {row.mailing_id for row in lost}, now=now)
    on_recorded(session, [(row.recipient_ref, state) for row, state in changes])
    return len(lost)


def _after_crash(row: Row[Any], now: datetime) -> DeliveryState:
    return rules.after_crash(
        row.dot_at,
        semantics=Semantics(row.semantics),
        mailing=MailingState(row.mailing),
        give_up_at=row.give_up_at,
        now=now,
    )


# Claim


def _claim(
    engine: Engine, owner: str, now: datetime, size: int, on_recorded: OnRecorded
) -> tuple[list[Delivery], dict[str, Mailing]]:
    """Take due letters into our hands, each looked at once more: suppressed, cancelled or too late."""
    with reading(engine) as session:  # an idle look takes no write lock
        due, is_lost = store.due_mailings(session, now=now), bool(store.lost(session, now=now))
    if is_lost:
        with writing(engine) as session:
            recover(session, now=now, on_recorded=on_recorded)
            due = store.due_mailings(session, now=now)
    if not due:
        return [], {}
    with writing(engine) as session:
        chosen = random.sample(due, min(len(due), MAILINGS_A_CLAIM))
        rows = store.take_due(session, store.hold(session, chosen), limit=size, now=now)
        mailings = store.read_mailings_by_id(session, {row.mailing_id for row in rows})
        verdicts = _verdicts(session, rows, mailings, now)
        claims = [row for row in rows if verdicts[row.id] is DeliveryState.SENDING]
        _set_aside(session, rows, verdicts, now, on_recorded)
        store.lease(session, [row.id for row in claims], owner=owner, until=now + LEASE)
        store.start(session, mailings)
        store.finish(session, mailings, now=now)
    return claims, mailings


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


# Compose


def _compose(
    composer: Composer, claims: Iterable[Delivery], mailings: dict[str, Mailing], ledger: DeliveryLedger
) -> list[Outgoing]:
    """Make the letters; one that cannot be made fails alone and takes no other with it."""
    outgoing, failed = [], []
    for claim in claims:
        mailing = mailings[claim.mailing_id]
        try:
            outgoing.append(Outgoing(claim.id, mailing.kind, composer.compose(mailing, claim)))
        except FarsowError as error:
            _log.error("letter.not-composed", delivery_id=claim.id, mailing_id=mailing.id, code=error.code)
            failed.append(Result(claim.id, Outcome(Fate.REFUSED, None, error.sentence)))
    if failed:
        ledger.commit(failed)
    return outgoing


# Record


class DeliveryLedger:
    """The ledger of one batch: the gate before the dot, and the place where results are written.

    Only the holder of the lease writes; a result that comes after the lease was lost is noted
    in the audit trail and changes nothing.
    """

    def __init__(
        self,
        engine: Engine,
        claims: Sequence[Delivery],
        mailings: dict[str, Mailing],
        *,
        owner: str,
        now_fn: Callable[[], datetime],
        on_recorded: OnRecorded,
    ) -> None:
        self._engine, self._owner, self._now, self._on_recorded = engine, owner, now_fn, on_recorded
        self._claims = {claim.id: claim for claim in claims}
        self._leases = {claim.id: Lease(owner, claim.lease_epoch + 1) for claim in claims}
        self._mailings = mailings
        self._renewed_at = now_fn()

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        """Write results, mark the deliveries about to leave, and return those of them that may."""
        now = self._now()
        is_stale = now - self._renewed_at >= LEASE / 3
        if not results and not leaving and not is_stale:
            return frozenset()
        with writing(self._engine) as session:
            held = self._held(session, [*(result.delivery_id for result in results), *leaving])
            self._write(session, results, held, now)
            allowed = [key for key in leaving if held.get(key) in (MailingState.APPROVED, MailingState.RUNNING)]
            store.mark_dot(session, allowed, now=now)
            if is_stale:
                store.renew(session, list(self._claims), owner=self._owner, until=now + LEASE)
        self._renewed_at = now if is_stale else self._renewed_at
        return frozenset(allowed)

    def keep(self, letters: Sequence[Outgoing]) -> None:
        """Put letters into the local mailbox and write their results, in one transaction."""
        now = self._now()
        with writing(self._engine) as session:
            held = self._held(session, [outgoing.delivery_id for outgoing in letters])
            leaves = {key for key, state in held.items() if state in (MailingState.APPROVED, MailingState.RUNNING)}
            store.keep_letters(session, [outgoing for outgoing in letters if outgoing.delivery_id in leaves], now=now)
            fates = {outgoing.delivery_id: Fate.ACCEPTED for outgoing in letters if outgoing.delivery_id in leaves}
            results = [
                Result(outgoing.delivery_id, Outcome(fates.get(outgoing.delivery_id, Fate.HELD)))
                for outgoing in letters
            ]
            self._write(session, results, held, now)

    def _held(self, session: Session, delivery_ids: Sequence[str]) -> dict[str, MailingState]:
        """Return the deliveries whose lease is still ours, locked, and the state of the mailing of each."""
        held = {}
        for row in store.lock_claims(session, delivery_ids):
            is_sending = row.state == DeliveryState.SENDING
            if is_sending and Lease(row.lease_owner, row.lease_epoch) == self._leases[row.id]:
                held[row.id] = MailingState(row.mailing)
        return held

    def _write(self, session: Session, results: Sequence[Result], held: dict[str, MailingState], now: datetime) -> None:
        rows, changes = [], []
        pauses: dict[str, str] = {}
        cools: set[str] = set()
        for result in results:
            claim = self._claims[result.delivery_id]
            if claim.id not in held:
                _note_late(session, result, now)
                continue
            after = self._decide(claim, result.outcome, held[claim.id], now)
            rows.append(_result_row(claim.id, result.outcome, after, now))
            changes.append((claim.recipient_ref, after.state))
            if after.pauses:
                pauses[claim.mailing_id] = f"{result.outcome.code or ''} {result.outcome.text}".strip()
            if after.cools:
                cools.add(claim.domain)
        if rows:
            store.write_results(session, rows)
            self._reach_out(session, pauses, cools, now)
            store.finish(session, {self._claims[row["b_id"]].mailing_id for row in rows}, now=now)
            self._on_recorded(session, changes)

    def _decide(self, claim: Delivery, outcome: Outcome, mailing: MailingState, now: datetime) -> rules.Next:
        return rules.after_attempt(
            outcome,
            attempts=claim.attempts,
            semantics=self._mailings[claim.mailing_id].semantics,
            mailing=mailing,
            give_up_at=claim.give_up_at,
            now=now,
            chance=random.random(),
        )

    def _reach_out(self, session: Session, pauses: dict[str, str], cools: set[str], now: datetime) -> None:
        if cools:  # first: whoever holds deliveries may be waiting for the mailing
            store.cool_down(session, cools, until=now + rules.COOL_DOWN)
        for mailing_id, words in pauses.items():
            _log.error("mailing.paused-by-relay", mailing_id=mailing_id)
            store.pause(session, [mailing_id], reason=words)


def _result_row(delivery_id: str, outcome: Outcome, after: rules.Next, now: datetime) -> dict[str, Any]:
    is_open = after.state in (DeliveryState.QUEUED, DeliveryState.DEFERRED)
    return {
        "b_id": delivery_id,
        "state": after.state,
        "attempts": after.attempts,
        "next_attempt_at": after.next_attempt_at,
        "finished_at": None if is_open else now,
        "smtp_code": outcome.code,
        "smtp_text": outcome.text[:500],
    }


def _note_late(session: Session, result: Result, now: datetime) -> None:
    _log.warning("delivery.late-result", delivery_id=result.delivery_id, fate=str(result.outcome.fate))
    subject, fate = f"delivery:{result.delivery_id}", str(result.outcome.fate)
    audit.record(session, actor="system", action="delivery.late-result", subject=subject, now=now, fate=fate)
