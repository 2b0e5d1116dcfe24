"""Whose letters showed the link to join: they hold it, and must learn of another."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.letters.rules import SHOWS_LINK
from service.mail.meeting import is_discreet, join_url
from service.mail.tables import Delivery, Mailing
from service.mail.values import DeliveryState

_D, _G = columns(Delivery), columns(Mailing)
_KINDS = [kind.value for kind in SHOWS_LINK]


def read_link_holders(session: Session, event_id: str, *, only: str | None = None) -> dict[str, bool]:
    """Return the invitations of an event whose guests hold its link, each with whether it was told in discretion.

    A letter that waits to leave counts: what it says is frozen. `only` asks for one invitation.
    """
    wanted = select(_G.id, _G.facts).where(_G.context == f"event:{event_id}", _G.kind.in_(_KINDS))
    facts = {row.id: row.facts for row in session.execute(wanted)}
    letters = select(_D.mailing_id, _D.recipient_ref, _D.slots).where(_D.mailing_id.in_(list(facts)))
    if only:
        letters = letters.where(_D.recipient_ref == only)
    held: dict[str, bool] = {}
    for mailing_id, ref, slots in session.execute(letters.where(_D.state != DeliveryState.CANCELLED.value)):
        if slots and join_url(facts[mailing_id], slots):
            held[ref] = held.get(ref, False) or is_discreet(facts[mailing_id], slots)
    return held
