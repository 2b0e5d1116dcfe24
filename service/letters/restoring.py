"""After a backup was restored: what waited then may have left since, so nothing of it leaves by itself.

Each such letter becomes one of unknown fate, for people to send again or to mark as received. What has its day still
to come waits for a look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.letters.actions import note_deliveries
from service.letters.store import planned_letters
from service.mail import actions as mail
from service.mail.values import DeliveryState

REASON = "This comes from a backup. Look at it, then let it go on."


@dataclass(frozen=True, slots=True)
class Calmed:
    """What was found waiting: letters that may have left, mailings paused, planned letters held."""

    unsure: int
    paused: int
    held: int


def calm(session: Session, *, now: datetime, actor: str) -> Calmed:
    """Let nothing of a restored database leave by itself that may have left before; a second time changes nothing."""
    unsure, paused = mail.calm(session, REASON, now=now)
    note_deliveries(session, [(ref, DeliveryState.UNKNOWN) for ref in unsure])
    held = planned_letters.hold_due(session, now=now)
    facts = {"unsure": len(unsure), "paused": paused, "held": held}
    log.record(session, actor=actor, action="database.restored", subject="database", now=now, **facts)
    return Calmed(**facts)
