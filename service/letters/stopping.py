"""A reader stops letters by one of them: mail stops them, and the figures of its event learn that one did.

The caller commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.invitations import store as invitations
from service.letters import rules
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Delivery, SuppressionReason


def stop_like(session: Session, delivery_id: str, *, now: datetime, actor: str) -> str:
    """Stop letters like this one to its address; return the scope. Twice is as once.

    Raises:
        UnknownDelivery: there is no such letter.
    """
    scope = mail.unsubscribe(session, delivery_id, now=now, actor=actor)
    if delivery := mail_store.read_delivery(session, delivery_id):
        _count(session, delivery, now=now)
    return scope


def stop_all(session: Session, delivery: Delivery, *, address_key: bytes, now: datetime, actor: str) -> None:
    """Stop every letter to the address of this one. Twice is as once."""
    reason = SuppressionReason.UNSUBSCRIBED
    mail.suppress(session, delivery.address, "all", reason, address_key=address_key, now=now, actor=actor)
    _count(session, delivery, now=now)


def _count(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """Note on the invitation that a letter about it ended in a stop; a letter to a list has none."""
    if rules.is_stop_counted(delivery.finished_at, now=now):
        invitations.write_all(session, [delivery.recipient_ref], unsubscribed=True)
