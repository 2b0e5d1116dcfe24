"""The SQL of what records name: organisations and people by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.people.bulk import among
from service.people.store import read_these
from service.people.tables import MergedId, Organisation
from service.people.values import Person

_O, _M = columns(Organisation), columns(MergedId)


def organisation_names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of organisations by their ids."""
    wanted = sorted({one for one in ids if one})
    query = select(_O.id, _O.name).where(among(session, _O.id, wanted))
    return {row.id: row.name for row in session.execute(query)} if wanted else {}


def people_now(session: Session, ids: Iterable[str]) -> dict[str, Person]:
    """Return people by ids that may be those of before a merge."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    led = {row.old_id: row.new_id for row in session.execute(select(_M).where(among(session, _M.old_id, wanted)))}
    found = read_these(session, {led.get(one, one) for one in wanted})
    return {one: found[now] for one in wanted if (now := led.get(one, one)) in found}
