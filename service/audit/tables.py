"""The audit trail: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.db.types import json_dict, moment, row_id


class AuditEntry(SQLModel, table=True):
    """One act: ids and kinds only, never an address, a name or a letter."""

    __tablename__ = "audit_entry"
    id: str = row_id()
    at: datetime = moment(index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=60, index=True)
    details: dict[str, Any] = json_dict()
