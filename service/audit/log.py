"""Write the audit trail, and read it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.kernel.ids import new_id


def record(session: Session, *, actor: str, action: str, subject: str, now: datetime, **details: Any) -> None:
    """Append one act. `actor` is `staff:<id>`, `key:<id>`, `guest:<invitation>` or `system`."""
    session.execute(
        insert(AuditEntry).values(id=new_id(), at=now, actor=actor, action=action, subject=subject, details=details)
    )


def trail(session: Session, subject: str, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was done to one subject, newest first."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.actor, AuditEntry.action, AuditEntry.details)
        .where(AuditEntry.subject == subject)
        .order_by(AuditEntry.at.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]
