"""The use cases of mailings: make, queue, approve, take back, pause, cancel; suppress an address.

The caller commits. Delivering is in `delivering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.kernel.tokens import address_hash
from service.mail import rules, store
from service.mail.delivering import deliver_batch, recover
from service.mail.values import (
    Delivery,
    DeliveryLine,
    DeliveryState,
    Letter,
    Mailing,
    MailingState,
    MailingView,
    NewMailing,
    SuppressionReason,
)

__all__ = [
    "apply_bounce",
    "approve",
    "cancel",
    "create_mailing",
    "deliver_batch",
    "follow",
    "mark_received",
    "pause",
    "queue",
    "read_deliveries",
    "read_delivery",
    "read_mailing",
    "read_mailings",
    "readdress",
    "recover",
    "resend",
    "resume",
    "rewrite",
    "suppress",
    "suppressed_hashes",
    "undo",
    "unsubscribe",
    "was_reached",
]


class UnknownMailing(NotFound):
    """There is no such mailing."""

    code = "unknown-mailing"

    def __init__(self) -> None:
        super().__init__("There is no such mailing.")


class UnknownDelivery(NotFound):
    """There is no such letter."""

    code = "unknown-delivery"

    def __init__(self) -> None:
        super().__init__("There is no such letter.")


# Mailings


def create_mailing(session: Session, new: NewMailing, *, now: datetime, actor: str) -> str:
    """Make a draft and return its id."""
    mailing_id = store.add_mailing(session, new, now=now, actor=actor)
    _note(session, mailing_id, "created", now, actor, kind=new.kind)
    return mailing_id


def dispatch(
    session: Session,
    new: NewMailing,
    letters: Sequence[Letter],
    *,
    address_key: bytes,
    undo_seconds: int,
    now: datetime,
    actor: str,
) -> str:
    """Make a mailing that is approved from the start; return its id. Without letters it is done at once."""
    leaves_at = now + timedelta(seconds=undo_seconds)
    state = {"state": MailingState.APPROVED} if letters else {"state": MailingState.DONE, "done_at": now}
    approval = {"approved_by": actor, "approved_at": now, "send_at": leaves_at}
    mailing_id = store.add_mailing(session, new, now=now, actor=actor, **state, **approval)
    store.add_deliveries(session, [_row(mailing_id, letter, address_key, now) for letter in letters])
    _note(session, mailing_id, "dispatched", now, actor, kind=new.kind)
    return mailing_id


def queue(session: Session, mailing_id: str, letters: Iterable[Letter], *, address_key: bytes, now: datetime) -> int:
    """Add letters to a mailing, frozen as they are; return how many are new.

    Doing it twice adds nothing: a mailing has one letter a recipient. `address_key` is the
    installation's suppression key.

    Raises:
        MailingClosed: the mailing is done or cancelled.
    """
    rules.takes_letters(_lock(session, mailing_id).state)
    return store.add_deliveries(session, [_row(mailing_id, letter, address_key, now) for letter in letters])


def rewrite(session: Session, mailing_id: str, facts: dict[str, Any], letters: Sequence[Letter]) -> None:
    """Freeze a draft anew: its facts, and the slots of its letters, whose recipients stay the same.

    Raises:
        MailingClosed: the mailing is no draft any more.
    """
    rules.may_be_rewritten(_lock(session, mailing_id).state)
    store.change_mailing(session, mailing_id, facts=facts)
    store.rewrite_slots(session, mailing_id, letters)


def _row(mailing_id: str, letter: Letter, address_key: bytes, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "mailing_id": mailing_id,
        "recipient_ref": letter.recipient_ref,
        "address": letter.address,
        "address_hash": hash_of(letter.address, address_key),
        "domain": rules.domain_of(letter.address),
        "language": letter.language,
        "slots": letter.slots,
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": now,
        "give_up_at": letter.give_up_at,
        "lease_epoch": 0,
        "smtp_text": "",
    }


def readdress(
    session: Session, recipient_refs: Sequence[str], address: str, *, but: Iterable[str], address_key: bytes
) -> None:
    """Let the letters that wait for some recipients go to another address, `but` those of some kinds."""
    to = {"address": address, "address_hash": hash_of(address, address_key), "domain": rules.domain_of(address)}
    store.readdress(session, recipient_refs, but, **to)


def was_reached(session: Session, recipient_ref: str, address: str, *, address_key: bytes) -> bool:
    """Tell whether a letter for a recipient went to an address, or may have; one whose address was deleted counts."""
    return store.was_reached(session, recipient_ref, hash_of(address, address_key))


def follow(session: Session, old: str, new: str, *, address_key: bytes, now: datetime, actor: str) -> None:
    """Let what a person said about letters to one address hold at another of theirs too.

    That an address is dead says nothing of the other.
    """
    for scope, reason in store.read_suppressions(session, hash_of(old, address_key)):
        if reason in rules.WILL:
            _suppress(session, hash_of(new, address_key), scope, reason, now=now, actor=actor)


def approve(
    session: Session,
    mailing_id: str,
    *,
    undo_seconds: int,
    now: datetime,
    actor: str,
    send_at: datetime | None = None,
) -> None:
    """Let a draft leave: after the undo window, or at `send_at` when that is later.

    A mailing without letters is done at once.
    """
    state = rules.approved(_lock(session, mailing_id).state)
    leaves_at = max(now + timedelta(seconds=undo_seconds), send_at or now)
    store.change_mailing(session, mailing_id, state=state, approved_by=actor, approved_at=now, send_at=leaves_at)
    store.finish(session, [mailing_id], now=now)
    _note(session, mailing_id, "approved", now, actor)


def undo(session: Session, mailing_id: str, *, now: datetime, actor: str) -> None:
    """Take an approval back while no letter was taken up.

    Raises:
        AlreadyLeaving: one was.
    """
    state = rules.undone(_lock(session, mailing_id).state)
    store.change_mailing(session, mailing_id, state=state, approved_by=None, approved_at=None, send_at=None)
    _note(session, mailing_id, "taken-back", now, actor)


def pause(session: Session, mailing_id: str, *, now: datetime, actor: str, reason: str = "") -> None:
    """Stop sending; letters whose last dot was not sent stay."""
    state = rules.paused(_lock(session, mailing_id).state)
    store.change_mailing(session, mailing_id, state=state, pause_reason=reason[:300])
    _note(session, mailing_id, "paused", now, actor)


def resume(session: Session, mailing_id: str, *, now: datetime, actor: str) -> None:
    """Go on after a pause."""
    mailing = _lock(session, mailing_id)
    state = rules.resumed(mailing.state, mailing.send_at, now)
    store.change_mailing(session, mailing_id, state=state, pause_reason="")
    store.finish(session, [mailing_id], now=now)
    _note(session, mailing_id, "resumed", now, actor)


def cancel(session: Session, mailing_id: str, *, now: datetime, actor: str) -> list[str]:
    """Cancel what has not left; return the recipients who get nothing."""
    state = rules.cancelled(_lock(session, mailing_id).state)
    store.change_mailing(session, mailing_id, state=state, done_at=now)
    stopped = store.call_off(session, mailing_id, now=now)
    _note(session, mailing_id, "cancelled", now, actor, letters=len(stopped))
    return stopped


def read_mailing(session: Session, mailing_id: str) -> MailingView:
    """Return a mailing with its counts."""
    if view := store.read_mailing(session, mailing_id):
        return view
    raise UnknownMailing


def read_mailings(
    session: Session, context: str | None = None, states: Iterable[MailingState] | None = None
) -> list[MailingView]:
    """Return mailings, newest first, of one context and in some states, or all."""
    return store.read_mailings(session, context, states)


def _lock(session: Session, mailing_id: str) -> Mailing:
    if mailing := store.lock_mailing(session, mailing_id):
        return mailing
    raise UnknownMailing


def _note(session: Session, mailing_id: str, what: str, now: datetime, actor: str, **details: Any) -> None:
    log.record(session, actor=actor, action=f"mailing.{what}", subject=f"mailing:{mailing_id}", now=now, **details)


# Single letters


def read_deliveries(
    session: Session, mailing_id: str, *, after: str = "", limit: int | None = None
) -> list[DeliveryLine]:
    """Return the letters of a mailing in the order of their ids, those after one when it is given."""
    return store.read_deliveries(session, mailing_id, after=after, limit=limit)


def read_delivery(session: Session, delivery_id: str) -> Delivery:
    """Return one letter with its slots."""
    if delivery := store.read_delivery(session, delivery_id):
        return delivery
    raise UnknownDelivery


def resend(session: Session, delivery_id: str, *, now: datetime, actor: str) -> str:
    """Send a letter of unknown fate again, byte for byte; return its recipient.

    Raises:
        FateIsKnown: it was not of unknown fate.
        MailingClosed: its mailing was cancelled.
    """
    delivery = _unknown(session, delivery_id)
    mailing = _lock(session, delivery.mailing_id)
    if mailing.state is MailingState.CANCELLED:
        raise rules.MailingClosed(mailing.state, "sent again")
    if mailing.state is MailingState.DONE:
        store.change_mailing(session, mailing.id, state=MailingState.RUNNING, done_at=None)
    waiting = {"state": DeliveryState.QUEUED, "next_attempt_at": now, "attempts": 0, "finished_at": None}
    store.change_delivery(session, delivery_id, **waiting)
    log.record(session, actor=actor, action="delivery.resent", subject=f"delivery:{delivery_id}", now=now)
    return delivery.recipient_ref


def mark_received(session: Session, delivery_id: str, *, now: datetime, actor: str) -> str:
    """Note that a letter of unknown fate did arrive; return its recipient.

    Raises:
        FateIsKnown: it was not of unknown fate.
    """
    delivery = _unknown(session, delivery_id)
    store.change_delivery(session, delivery_id, state=DeliveryState.SENT, finished_at=now)
    log.record(session, actor=actor, action="delivery.marked-received", subject=f"delivery:{delivery_id}", now=now)
    return delivery.recipient_ref


def _unknown(session: Session, delivery_id: str) -> Delivery:
    delivery = store.lock_delivery(session, delivery_id)
    if delivery is None:
        raise UnknownDelivery
    if delivery.state is not DeliveryState.UNKNOWN:
        raise rules.FateIsKnown(delivery.state)
    return delivery


def apply_bounce(
    session: Session, delivery_id: str, status: str, *, now: datetime, action: str = "failed"
) -> str | None:
    """Note that a sent letter came back; return its recipient, or None when nothing changed.

    Only call it for an id that `addresses.read_bounce_tag` vouches for: anyone can write a DSN.
    """
    delivery = store.lock_delivery(session, delivery_id)
    may_return = (DeliveryState.SENT, DeliveryState.UNKNOWN)
    if delivery is None or delivery.state not in may_return or not rules.is_failed_return(action, status):
        return None
    store.change_delivery(
        session, delivery_id, state=DeliveryState.BOUNCED, finished_at=now, smtp_text=f"{status} came back"
    )
    log.record(session, actor="system", action="delivery.bounced", subject=f"delivery:{delivery_id}", now=now)
    return delivery.recipient_ref


# Suppression


def suppress(
    session: Session,
    address: str,
    scope: str,
    reason: SuppressionReason,
    *,
    address_key: bytes,
    now: datetime,
    actor: str,
) -> bool:
    """Stop letters to an address, those already queued too; tell whether this is news.

    `scope` is `all`, `purpose:<purpose>` or `list:<id>`.
    """
    hashed = hash_of(address, address_key)
    return _suppress(session, hashed, scope, reason, now=now, actor=actor)


def hash_of(address: str, address_key: bytes) -> str:
    """Return the keyed hash under which suppression and deliveries know an address."""
    return address_hash(address_key, rules.normalised(address))


def lift(
    session: Session, address: str, scopes: Sequence[str], *, address_key: bytes, now: datetime, actor: str
) -> None:
    """Let letters of some scopes leave again, where the reader alone had stopped them and now asks for them."""
    reason = SuppressionReason.UNSUBSCRIBED
    lifted = store.remove_suppressions(session, hash_of(address, address_key), scopes, reason)
    for scope in lifted:
        log.record(session, actor=actor, action="address.lifted", subject=scope, now=now, reason=reason.value)


def unsubscribe(
    session: Session,
    delivery_id: str,
    *,
    now: datetime,
    actor: str,
    reason: SuppressionReason = SuppressionReason.UNSUBSCRIBED,
) -> str:
    """Stop letters like this one to its address, as its reader asked; return the scope. Twice is as once."""
    delivery = read_delivery(session, delivery_id)
    mailing = store.read_mailings_by_id(session, [delivery.mailing_id])[delivery.mailing_id]
    scope = rules.way_out(mailing.purpose, mailing.list_id)
    _suppress(session, delivery.address_hash, scope, reason, now=now, actor=actor)
    return scope


def _suppress(session: Session, hashed: str, scope: str, reason: str, *, now: datetime, actor: str) -> bool:
    is_news = store.add_suppression(session, hashed, scope, reason, now=now)
    if is_news:
        log.record(session, actor=actor, action="address.suppressed", subject=scope, now=now, reason=str(reason))
    return is_news


def suppressed_hashes(session: Session, hashes: Iterable[str], scopes: Iterable[str]) -> set[str]:
    """Return those of the address hashes that are suppressed in any of the scopes."""
    return store.suppressed(session, hashes, scopes)
