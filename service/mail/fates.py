"""Single letters: where they go, whether they went, and what is known of them later. The caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.mail import rules, store
from service.mail.suppressing import UnknownDelivery, hash_of, stop_dead
from service.mail.values import Delivery, DeliveryState, MailingState


def readdress(
    session: Session, recipient_refs: Sequence[str], address: str, *, but: Iterable[str], address_key: bytes
) -> None:
    """Let the letters that wait for some recipients go to another address, `but` those of some kinds."""
    to = {"address": address, "address_hash": hash_of(address, address_key), "domain": rules.domain_of(address)}
    store.readdress(session, recipient_refs, but, **to)


def was_reached(session: Session, recipient_refs: Sequence[str], address: str, *, address_key: bytes) -> bool:
    """Tell whether a letter for a recipient went to an address, or may have; one whose address was deleted counts."""
    return store.was_reached(session, recipient_refs, hash_of(address, address_key))


def resend(session: Session, delivery_id: str, *, now: datetime, actor: str) -> str:
    """Send a letter of unknown fate again, byte for byte; return its recipient.

    Raises:
        FateIsKnown: it was not of unknown fate.
        MailingClosed: its mailing was cancelled.
    """
    delivery = _unknown(session, delivery_id)
    mailing = store.lock_mailing(session, delivery.mailing_id)
    if mailing is None:
        raise UnknownDelivery
    if mailing.state is MailingState.CANCELLED:
        raise rules.MailingClosed(mailing.state, "sent again")
    if mailing.state is MailingState.DONE:
        store.change_mailing(session, mailing.id, state=MailingState.RUNNING, done_at=None)
    waiting = {"state": DeliveryState.QUEUED, "next_attempt_at": now, "attempts": 0, "finished_at": None}
    store.change_delivery(session, delivery_id, **waiting, repeats=delivery.repeats + 1)
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


def resend_unsure(session: Session, mailing_id: str, *, now: datetime, actor: str) -> int:
    """Send all letters of unknown fate of a mailing again, byte for byte; return how many.

    Raises:
        MailingClosed: the mailing was cancelled.
    """
    mailing = store.lock_mailing(session, mailing_id)
    if mailing is None:
        raise UnknownDelivery
    if mailing.state is MailingState.CANCELLED:
        raise rules.MailingClosed(mailing.state, "sent again")
    waiting = {"state": DeliveryState.QUEUED, "next_attempt_at": now, "attempts": 0, "finished_at": None}
    count = len(store.settle_unsure(session, mailing_id, repeats=1, **waiting))
    if count and mailing.state is MailingState.DONE:
        store.change_mailing(session, mailing_id, state=MailingState.RUNNING, done_at=None)
    subject = f"mailing:{mailing_id}"
    log.record(session, actor=actor, action="mailing.unsure-resent", subject=subject, now=now, count=count)
    return count


def mark_unsure_received(session: Session, mailing_id: str, *, now: datetime, actor: str) -> list[str]:
    """Note that all letters of unknown fate of a mailing did arrive; return their recipients."""
    refs = store.settle_unsure(session, mailing_id, state=DeliveryState.SENT, finished_at=now)
    subject = f"mailing:{mailing_id}"
    log.record(session, actor=actor, action="mailing.unsure-received", subject=subject, now=now, count=len(refs))
    return refs


def calm(session: Session, reason: str, *, now: datetime) -> tuple[list[str], int]:
    """Let nothing leave by itself that may have left before this database was restored.

    Returns the recipients of letters that are of unknown fate now, and how many mailings wait for a look.
    """
    unsure = store.doubt_waiting(session, now=now)
    active = store.read_active(session)
    store.finish(session, active, now=now)
    waiting = store.read_active(session)
    store.pause(session, waiting, reason=reason)
    return unsure, len(waiting)


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

    When there is no such mailbox, nothing more is sent to this address until staff say otherwise.
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
    if rules.is_dead_mailbox(status):
        stop_dead(session, delivery.address_hash, now=now)
    return delivery.recipient_ref
