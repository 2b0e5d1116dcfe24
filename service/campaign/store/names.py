"""The SQL of what records name: organisations by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.people.bulk import among
from service.people.tables import Organisation

_O = columns(Organisation)


def organisation_names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of organisations by their ids."""
    wanted = sorted({one for one in ids if one})
    query = select(_O.id, _O.name).where(among(session, _O.id, wanted))
    return {row.id: row.name for row in session.execute(query)} if wanted else {}
