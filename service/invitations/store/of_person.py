"""The SQL of one person's invitations, and of those that became one with another."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.invitations import store
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Invitation
from service.people.tables import MergedId

_I, _A = columns(InvitationRow), columns(MergedId)
_COLUMNS = [_I[name] for name in Invitation.__dataclass_fields__]


def read_of_person(session: Session, person_id: str) -> list[Invitation]:
    """Return every invitation of a person, in the order they were made."""
    query = select(*_COLUMNS).where(_I.person_id == person_id).order_by(_I.id)
    return [store.invitation_of(dict(row)) for row in session.execute(query).mappings()]


def current_id(session: Session, invitation_id: str) -> str:
    """Return the id of an invitation as it is now: since a merge of people it may be one with another."""
    found = session.execute(select(_A.new_id).where(_A.old_id == invitation_id)).scalar_one_or_none()
    return found or invitation_id
