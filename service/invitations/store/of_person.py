"""The SQL of one person's invitations."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.invitations import store
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Invitation

_I = columns(InvitationRow)
_COLUMNS = [_I[name] for name in Invitation.__dataclass_fields__]


def read_of_person(session: Session, person_id: str) -> list[Invitation]:
    """Return every invitation of a person, in the order they were made."""
    query = select(*_COLUMNS).where(_I.person_id == person_id).order_by(_I.id)
    return [store.invitation_of(dict(row)) for row in session.execute(query).mappings()]
