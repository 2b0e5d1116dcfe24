"""The SQL of mail domains: those of the people held, and the rows of an import that have one of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.people import tables
from service.people.bulk import among
from service.people.store import import_rows
from service.people.values import Ruling, Verdict

_P, _R = columns(tables.Person), columns(tables.ImportRow)


def count_held_domains(session: Session) -> dict[str, int]:
    """Return how many people have an address of each domain, as it is shown."""
    domain = _domain(session, _P.email)
    rows = session.execute(select(domain, func.count()).group_by(domain))
    return {host: count for host, count in rows if host}


def read_rows_of(session: Session, import_id: str, domains: Collection[str], *, limit: int) -> list[Ruling]:
    """Return the first rows of an import that have an address of one of the domains, but for those refused."""
    is_wanted = among(session, _domain(session, _R.fields["email"].as_string()), domains)
    where = (_R.batch_id == import_id, _R.verdict != Verdict.REFUSE.value, is_wanted)
    return import_rows.select_rulings(session, *where, limit=limit)


def _domain(session: Session, email: Any) -> Any:
    if is_sqlite(session):
        return func.substr(email, func.instr(email, "@") + 1)
    return func.split_part(email, "@", 2)
