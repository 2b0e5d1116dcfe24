"""The use cases of mailings: make, queue, approve, take back, pause, cancel; suppress an address.

The caller commits. Delivering is in `delivering`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.mail import rules, store
from service.mail.claiming import recover
from service.mail.delivering import deliver_batch
from service.mail.fates import (
    apply_bounce,
    calm,
    mark_received,
    mark_unsure_received,
    readdress,
    resend,
    resend_unsure,
    was_reached,
)
from service.mail.suppressing import (
    UnknownDelivery,
    follow,
    hash_of,
    lift,
    lift_by_staff,
    read_stops,
    suppress,
    suppressed_hashes,
    unsubscribe,
)
from service.mail.values import (
    Delivery,
    DeliveryLine,
    DeliveryState,
    Letter,
    Mailing,
    MailingState,
    MailingView,
    NewMailing,
)

__all__ = [
    "UnknownDelivery",
    "apply_bounce",
    "approve",
    "calm",
    "cancel",
    "count_letters",
    "create_mailing",
    "deliver_batch",
    "follow",
    "hash_of",
    "lift",
    "lift_by_staff",
    "mark_received",
    "mark_unsure_received",
    "pause",
    "queue",
    "read_deliveries",
    "read_delivery",
    "read_first",
    "read_languages",
    "read_mailing",
    "read_mailings",
    "read_plain",
    "read_repeated",
    "read_stops",
    "read_these",
    "readdress",
    "recover",
    "resend",
    "resend_unsure",
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

    Doing it twice adds nothing: a mailing has one letter a recipient, and so have all together that bring the words of
    one `first` (in their facts) to those who came since. `address_key` is the installation's suppression key.

    Raises:
        MailingClosed: the mailing is done or cancelled.
    """
    mailing = _lock(session, mailing_id)
    rules.takes_letters(mailing.state)
    own = {"first_id": mailing.facts.get("first")}
    return store.add_deliveries(session, [_row(mailing_id, letter, address_key, now) | own for letter in letters])


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
        "first_id": None,
    }


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


def call_off_to(session: Session, recipient_refs: Sequence[str], *, now: datetime, actor: str) -> list[str]:
    """Cancel the letters that wait for some recipients; return who gets nothing. A draft without any other goes."""
    mailing_ids = store.read_waiting_mailings(session, recipient_refs)
    held = [_lock(session, mailing_id) for mailing_id in mailing_ids]
    stopped = store.call_off_to(session, recipient_refs, now=now)
    for mailing in held:
        if mailing.state is MailingState.DRAFT and not store.has_open(session, mailing.id):
            cancel(session, mailing.id, now=now, actor=actor)
    store.finish(session, mailing_ids, now=now)
    return stopped


def read_mailing(session: Session, mailing_id: str) -> MailingView:
    """Return a mailing with its counts."""
    if view := store.read_mailing(session, mailing_id):
        return view
    raise UnknownMailing


def read_mailings(
    session: Session,
    context: str | None = None,
    states: Iterable[MailingState] | None = None,
    kind: str | None = None,
) -> list[MailingView]:
    """Return mailings, newest first, of one context, in some states and of one kind, or all."""
    return store.read_mailings(session, context, states, kind)


def _lock(session: Session, mailing_id: str) -> Mailing:
    if mailing := store.lock_mailing(session, mailing_id):
        return mailing
    raise UnknownMailing


def _note(session: Session, mailing_id: str, what: str, now: datetime, actor: str, **details: Any) -> None:
    log.record(session, actor=actor, action=f"mailing.{what}", subject=f"mailing:{mailing_id}", now=now, **details)


def read_these(session: Session, mailing_ids: Sequence[str]) -> list[MailingView]:
    """Return some mailings with their counts, in the order of the ids given."""
    return store.read_these(session, mailing_ids)


def read_plain(session: Session, mailing_ids: Iterable[str]) -> dict[str, Mailing]:
    """Return some mailings by id, without counts."""
    return store.read_mailings_by_id(session, mailing_ids)


def count_letters(session: Session, mailing_ids: Sequence[str]) -> dict[str, int]:
    """Return how many letters each of some mailings has."""
    return store.count_letters(session, mailing_ids)


# Single letters


def read_first(session: Session, mailing_id: str, *, limit: int) -> list[DeliveryLine]:
    """Return the first letters of a mailing, however many it has, in the order of their recipients."""
    return store.read_first(session, mailing_id, limit=limit)


def read_repeated(session: Session, mailing_id: str, *, limit: int) -> tuple[int, list[DeliveryLine]]:
    """Return how many letters of a mailing may be there twice and are settled, and the first of them."""
    return store.read_repeated(session, mailing_id, limit=limit)


def read_languages(session: Session, mailing_id: str, *, limit: int) -> list[str]:
    """Return the languages of the first letters of a mailing."""
    return store.read_languages(session, mailing_id, limit=limit)


def read_deliveries(
    session: Session,
    mailing_id: str,
    *,
    after: str = "",
    limit: int | None = None,
    states: Collection[DeliveryState] = tuple(DeliveryState),
) -> list[DeliveryLine]:
    """Return the letters of a mailing in the order of their ids, those after one or in some states when given."""
    return store.read_deliveries(session, mailing_id, after=after, limit=limit, states=states)


def read_delivery(session: Session, delivery_id: str) -> Delivery:
    """Return one letter with its slots."""
    if delivery := store.read_delivery(session, delivery_id):
        return delivery
    raise UnknownDelivery
