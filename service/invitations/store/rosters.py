"""The SQL of who could be invited: people as seen from an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlmodel import Session

from service.db.types import columns
from service.invitations.store import CHUNK
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Candidate
from service.people.tables import MailingList, Membership, Person

_I, _P, _M = columns(InvitationRow), columns(Person), columns(Membership)


def read_list_roster(session: Session, event_id: str, list_id: str) -> list[Candidate]:
    """Return the members of a list as seen from an event: one SELECT."""
    return _roster(session, event_id, _M.basis, (Membership, and_(_M.person_id == _P.id, _M.list_id == list_id)))


def read_named_roster(session: Session, event_id: str, person_ids: Sequence[str], basis: str) -> list[Candidate]:
    """Return people named one by one as seen from an event; unknown ids are left out."""
    found: list[Candidate] = []
    for start in range(0, len(person_ids), CHUNK):
        chosen = _P.id.in_(person_ids[start : start + CHUNK])
        found += _roster(session, event_id, None, None, where=chosen, basis=basis)
    return found


def read_consented_roster(session: Session, event_id: str, person_ids: Sequence[str], purpose: str) -> list[Candidate]:
    """Return people as seen from an event, each with the basis they have on any list of a purpose."""
    lists = columns(MailingList)
    of_purpose = select(lists.id).where(lists.purpose == purpose)
    own = select(func.min(_M.basis)).where(_M.person_id == _P.id, _M.list_id.in_(of_purpose)).scalar_subquery()
    found: list[Candidate] = []
    for start in range(0, len(person_ids), CHUNK):
        found += _roster(session, event_id, own, None, where=_P.id.in_(person_ids[start : start + CHUNK]))
    return found


def _roster(
    session: Session, event_id: str, basis_column: Any, join: Any, *, where: Any = True, basis: str | None = None
) -> list[Candidate]:
    chosen = [_P.id, _P.email_key, _I.id.label("invitation_id"), _I.withdrawn_at]
    query = select(*chosen, *([basis_column.label("basis")] if basis_column is not None else []))
    if join:
        query = query.join(*join)
    invited = and_(_I.person_id == _P.id, _I.event_id == event_id)
    query = query.outerjoin(InvitationRow, invited).where(where).order_by(_P.id)
    return [
        Candidate(
            person_id=row["id"],
            address=row["email_key"],
            basis=row.get("basis", basis),
            invitation_id=row["invitation_id"],
            is_withdrawn=row["withdrawn_at"] is not None,
        )
        for row in (dict(r) for r in session.execute(query).mappings())
    ]
