"""Ids of people as records of results keep them: an id that leads on since a merge still finds the person.

No foreign key: a merge, and its undoing, leaves these rows as they are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from service.db.types import columns
from service.people.tables import MergedId

_A = columns(MergedId)


def refs_of(session: Session, person_id: str) -> list[str]:
    """Return the ids under which a person may stand: their own and those of whom they took in."""
    return [person_id, *session.execute(select(_A.old_id).where(_A.new_id == person_id)).scalars()]


def now_called(ref: Any) -> Any:
    """Return, as an expression, whom the id in a column leads to by now."""
    led = select(_A.new_id).where(_A.old_id == ref).correlate(ref.table).scalar_subquery()
    return func.coalesce(led, ref)
