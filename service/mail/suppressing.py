"""Stop letters to an address, those already queued too, and let them leave again. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Conflict, NotFound
from service.kernel.tokens import address_hash
from service.mail import rules, store
from service.mail.values import Ground, Stop, SuppressionReason


class UnknownDelivery(NotFound):
    """There is no such letter."""

    code = "unknown-delivery"

    def __init__(self) -> None:
        super().__init__("There is no such letter.")


class NothingStops(NotFound):
    """Letters of this scope are not stopped."""

    code = "nothing-stops"

    def __init__(self) -> None:
        super().__init__("Nothing stops these letters any more.")


class StaysStopped(Conflict):
    """Someone who was erased is written to again only when they come back by themselves."""

    code = "stays-stopped"

    def __init__(self) -> None:
        super().__init__("This person asked to be forgotten. Only they can come back, by signing up themselves.")


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


def lift_by_staff(
    session: Session, address: str, scope: str, why: Ground, *, address_key: bytes, now: datetime, actor: str
) -> None:
    """Let letters of one scope leave again, for a reason that the audit trail keeps.

    Raises:
        NothingStops: nothing stops them. StaysStopped: the person was erased.
    """
    hashed = hash_of(address, address_key)
    stop = next((one for one in store.read_suppressions(session, hashed) if one.scope == scope), None)
    if stop is None:
        raise NothingStops
    if stop.reason is SuppressionReason.ERASED:
        raise StaysStopped
    store.remove_suppressions(session, hashed, [scope], stop.reason)
    facts = {"reason": stop.reason.value, "why": why.value}
    log.record(session, actor=actor, action="address.lifted", subject=scope, now=now, **facts)


def unsubscribe(
    session: Session,
    delivery_id: str,
    *,
    now: datetime,
    actor: str,
    reason: SuppressionReason = SuppressionReason.UNSUBSCRIBED,
) -> str:
    """Stop letters like this one to its address, as its reader asked; return the scope. Twice is as once."""
    delivery = store.read_delivery(session, delivery_id)
    if delivery is None:
        raise UnknownDelivery
    mailing = store.read_mailings_by_id(session, [delivery.mailing_id])[delivery.mailing_id]
    scope = rules.way_out(mailing.purpose, mailing.list_id)
    _suppress(session, delivery.address_hash, scope, reason, now=now, actor=actor)
    return scope


def follow(session: Session, old: str, new: str, *, address_key: bytes, now: datetime, actor: str) -> None:
    """Let what a person said about letters to one address hold at another of theirs too.

    That an address is dead says nothing of the other.
    """
    for stop in read_stops(session, old, address_key=address_key):
        if stop.reason in rules.WILL:
            _suppress(session, hash_of(new, address_key), stop.scope, stop.reason, now=now, actor=actor)


def read_stops(session: Session, address: str, *, address_key: bytes) -> list[Stop]:
    """Return what stops letters to an address, by scope."""
    return store.read_suppressions(session, hash_of(address, address_key))


def stop_dead(session: Session, hashed: str, *, now: datetime) -> None:
    """Stop all letters to an address whose mailbox is not there; its person may have another."""
    _suppress(session, hashed, "all", SuppressionReason.BOUNCED, now=now, actor="system")


def _suppress(session: Session, hashed: str, scope: str, reason: str, *, now: datetime, actor: str) -> bool:
    is_news = store.add_suppression(session, hashed, scope, reason, now=now)
    if is_news:
        log.record(session, actor=actor, action="address.suppressed", subject=scope, now=now, reason=str(reason))
    return is_news


def suppressed_hashes(session: Session, hashes: Iterable[str], scopes: Iterable[str]) -> set[str]:
    """Return those of the address hashes that are suppressed in any of the scopes."""
    return store.suppressed(session, hashes, scopes)
