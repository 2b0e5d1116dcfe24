"""The ledger of one batch: the gate before the dot, and the place where results are written.

Only the holder of the lease writes; a result that comes after the lease was lost is noted in
the audit trail and changes nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log as audit
from service.db.engine import writing
from service.mail import rules, store
from service.mail.claiming import LEASE, Claims, OnRecorded
from service.mail.routes import WHOLE, Key, Openings, Routes
from service.mail.suppressing import stop_dead
from service.mail.values import Delivery, DeliveryState, Fate, MailingState, Outcome, Outgoing, Result

_log = structlog.get_logger(__name__)
_STATES = {str(state): state for state in MailingState}
_LEAVES = (MailingState.APPROVED, MailingState.RUNNING)


@dataclass(slots=True)
class _Reach:
    """What results mean beyond their own letters."""

    rests: dict[Key, datetime] = field(default_factory=dict)
    pauses: dict[str, str] = field(default_factory=dict)  # mailing -> the relay's words
    barred: dict[str, str] = field(default_factory=dict)  # the same, if no other relay is open


class DeliveryLedger:
    """The ledger of one batch, as `ports.Ledger` asks for it."""

    def __init__(
        self,
        engine: Engine,
        claims: Claims,
        routes: Routes,
        *,
        owner: str,
        now_fn: Callable[[], datetime],
        on_recorded: OnRecorded,
        lease: timedelta = LEASE,
    ) -> None:
        self._lease = lease
        self._engine, self._owner, self._now, self._on_recorded = engine, owner, now_fn, on_recorded
        self._claims = {claim.id: claim for claim in claims.deliveries}
        self._epochs = {claim.id: claim.lease_epoch + 1 for claim in claims.deliveries}
        self._open = Counter(claim.mailing_id for claim in claims.deliveries)
        self._mailings, self._relays, self._routes = claims.mailings, claims.relays, routes
        self._renewed_at = now_fn()

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        """Write results, mark the deliveries about to leave, and return those of them that may."""
        now = self._now()
        is_stale = now - self._renewed_at >= self._lease / 3
        if not results and not leaving and not is_stale:
            return frozenset()
        with writing(self._engine) as session:
            held = self._held(session, [*(result.delivery_id for result in results), *leaving])
            self._write(session, results, held, now)
            allowed = [key for key in leaving if held.get(key) in _LEAVES]
            store.mark_dot(session, allowed, now=now)
            if is_stale:
                store.renew(session, list(self._claims), owner=self._owner, until=now + self._lease)
        self._renewed_at = now if is_stale else self._renewed_at
        return frozenset(allowed)

    def keep(self, letters: Sequence[Outgoing]) -> None:
        """Put letters into the local mailbox and write their results, in one transaction."""
        now = self._now()
        with writing(self._engine) as session:
            held = self._held(session, [outgoing.delivery_id for outgoing in letters])
            leaves = {key for key, state in held.items() if state in _LEAVES}
            store.keep_letters(session, [outgoing for outgoing in letters if outgoing.delivery_id in leaves], now=now)
            fates = dict.fromkeys(leaves, Fate.ACCEPTED)
            results = [
                Result(outgoing.delivery_id, Outcome(fates.get(outgoing.delivery_id, Fate.HELD)))
                for outgoing in letters
            ]
            self._write(session, results, held, now)

    def _held(self, session: Session, delivery_ids: Sequence[str]) -> dict[str, MailingState]:
        """Return the deliveries whose lease is still ours, locked, and the state of the mailing of each."""
        rows = store.lock_claims(session, delivery_ids, owner=self._owner)
        return {key: _STATES[state] for key, epoch, state in rows if epoch == self._epochs[key]}

    def _write(self, session: Session, results: Sequence[Result], held: dict[str, MailingState], now: datetime) -> None:
        rows, changes, reach = [], [], _Reach()
        for result in results:
            claim = self._claims[result.delivery_id]
            self._open[claim.mailing_id] -= 1
            if claim.id not in held:
                _note_late(session, result, now)
                continue
            after = self._decide(claim, result.outcome, held[claim.id], now)
            rows.append(_result_row(claim, result.outcome, after, now))
            changes.append((claim.recipient_ref, after.state))
            if after.state is DeliveryState.BOUNCED and rules.is_dead_mailbox(
                rules.enhanced_status(result.outcome.text)
            ):
                stop_dead(session, claim.address_hash, now=now)
            self._note_reach(reach, claim, result.outcome, after, now)
        if rows:
            store.write_results(session, rows)
            self._reach_out(session, reach, now)
            self._finish(session, now)
            self._on_recorded(session, changes)

    def _finish(self, session: Session, now: datetime) -> None:
        """See whether mailings are done of which no letter is left here: with one in hand, none can be."""
        if over := [mailing_id for mailing_id, count in self._open.items() if not count]:
            store.finish(session, over, now=now)
            for mailing_id in over:
                del self._open[mailing_id]

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

    def _note_reach(self, reach: _Reach, claim: Delivery, outcome: Outcome, after: rules.Next, now: datetime) -> None:
        relay, words = self._relays[claim.id], rules.pause_reason(outcome)
        if after.cools:
            reach.rests[relay, claim.domain] = now + rules.COOL_DOWN
        if after.avoids:
            reach.rests[relay, WHOLE] = now + after.avoids
        if after.pauses:
            reach.pauses[claim.mailing_id] = words
        if outcome.fate is Fate.BARRED:
            reach.barred[claim.mailing_id] = words

    def _reach_out(self, session: Session, reach: _Reach, now: datetime) -> None:
        if reach.rests:  # first: whoever holds deliveries may be waiting for the mailing
            store.write_rests(session, reach.rests, now=now)
        if reach.barred:
            rests = store.read_rests(session, now=now)
            if Openings(self._routes, rests=rests, due={}, now=now).is_shut:
                reach.pauses |= reach.barred
        for mailing_id, words in reach.pauses.items():
            _log.error("mailing.paused-by-relay", mailing_id=mailing_id)
            store.pause(session, [mailing_id], reason=words)


def _result_row(claim: Delivery, outcome: Outcome, after: rules.Next, now: datetime) -> dict[str, Any]:
    is_open = after.state in (DeliveryState.QUEUED, DeliveryState.DEFERRED)
    return {
        "id": claim.id,
        "state": after.state,
        "attempts": after.attempts,
        "repeats": claim.repeats + after.repeats,
        "next_attempt_at": after.next_attempt_at,
        "finished_at": None if is_open else now,
        "smtp_code": outcome.code,
        "smtp_text": outcome.text[:500],
    }


def _note_late(session: Session, result: Result, now: datetime) -> None:
    _log.warning("delivery.late-result", delivery_id=result.delivery_id, fate=str(result.outcome.fate))
    subject, fate = f"delivery:{result.delivery_id}", str(result.outcome.fate)
    audit.record(session, actor="system", action="delivery.late-result", subject=subject, now=now, fate=fate)
