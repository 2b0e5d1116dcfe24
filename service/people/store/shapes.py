"""Which columns staff chose for files of one shape, by a hash of the headings: no word of a file is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from service.db.types import columns
from service.people import tables
from service.people.headings import Layout, plain_heading

_S = columns(tables.ImportShape)


def fingerprint(layout: Layout) -> str | None:
    """Return what files with the same headings in the same order have in common; None without headings."""
    if layout.heading_at is None:
        return None
    headings = "\x1f".join(plain_heading(column.heading) for column in layout.columns)
    return hashlib.sha256(headings.encode()).hexdigest()


def read_chosen(session: Session, shape: str | None) -> dict[int, str | None] | None:
    """Return the fields chosen last for a shape, by column from 0; None when nobody chose."""
    found = session.execute(select(_S.fields).where(_S.fingerprint == shape)).scalar_one_or_none() if shape else None
    return None if found is None else dict(enumerate(found))


def write_chosen(session: Session, shape: str | None, fields: Mapping[int, str | None], *, now: datetime) -> None:
    """Remember the fields chosen for a shape in place of those before."""
    if shape is None:
        return
    session.execute(delete(tables.ImportShape).where(_S.fingerprint == shape))
    values = {"fingerprint": shape, "fields": [fields[index] for index in sorted(fields)], "chosen_at": now}
    session.execute(insert(tables.ImportShape).values(values))
