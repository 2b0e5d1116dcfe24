"""Write the audit trail, and read it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.db.rows import insert_row
from service.db.types import columns
from service.kernel.ids import new_id


def record(session: Session, *, actor: str, action: str, subject: str, now: datetime, **details: Any) -> None:
    """Append one act. `actor` is `staff:<id>`, `key:<id>`, `guest:<invitation>` or `system`."""
    values = {"at": now, "actor": actor, "action": action, "subject": subject, "details": details}
    insert_row(session, AuditEntry, {"id": new_id(), **values})


def trail(session: Session, subject: str, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was done to one subject, newest first."""
    c = columns(AuditEntry)
    query = select(c.at, c.actor, c.action, c.details).where(c.subject == subject)
    rows = session.execute(query.order_by(c.at.desc(), c.id.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]
