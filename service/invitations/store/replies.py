"""The SQL of answers as they came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.invitations.tables import Reply
from service.invitations.values import Answer, Decision
from service.kernel.ids import new_id


def add_reply(
    session: Session, invitation_id: str, answer: Answer, decision: Decision, *, actor: str, now: datetime
) -> None:
    """Append an answer to the history, counted or not."""
    values = {
        "id": new_id(),
        "invitation_id": invitation_id,
        "at": now,
        "partstat": answer.partstat.value,
        "online": decision.after.online,
        "source": answer.source.value,
        "actor": actor,
        "comment": answer.comment[:1000],
        "dtstamp": answer.dtstamp,
        "sequence": answer.sequence,
        "applied": decision.applied,
        "reason": decision.reason,
    }
    insert_row(session, Reply, values)


def read_replies(session: Session, invitation_id: str) -> list[dict[str, Any]]:
    """Return the answers of an invitation as they came, oldest first."""
    c = columns(Reply)
    query = select(*c).where(c.invitation_id == invitation_id).order_by(c.at, c.id)
    return [dict(row) for row in session.execute(query).mappings()]
