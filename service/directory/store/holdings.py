"""The SQL of what is held on one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.directory.values import HeldInvitation, Holdings
from service.events.tables import Event, Project
from service.invitations.store.of_person import current_id
from service.invitations.tables import Invitation
from service.mail.tables import Delivery
from service.people.tables import MailingList, Membership, Organisation, Person

_P, _I, _E, _D = columns(Person), columns(Invitation), columns(Event), columns(Delivery)


def find_person(session: Session, recipient_ref: str) -> str | None:
    """Return the person behind a recipient of mail: an invitation's id, or a person's; old ones lead on."""
    recipient_ref = current_id(session, recipient_ref)
    by_invitation = session.execute(select(_I.person_id).where(_I.id == recipient_ref)).scalar_one_or_none()
    return by_invitation or session.execute(select(_P.id).where(_P.id == recipient_ref)).scalar_one_or_none()


def read_holdings(session: Session, person_id: str) -> Holdings | None:
    """Return what is held on one person, or None when nothing is."""
    organisation = columns(Organisation)
    query = (
        select(*_person_columns(), organisation.name.label("organisation"))
        .outerjoin(Organisation, organisation.id == _P.organisation_id)
        .where(_P.id == person_id)
    )
    row = session.execute(query).mappings().first()
    if row is None:
        return None
    invited = _invitations(session, person_id)
    return Holdings(
        person_id=person_id,
        name=row["name"],
        email=row["email"],
        organisation=row["organisation"] or "",
        language=row["language"] or "",
        country=row["country"] or "",
        source=row["source"] or "",
        sender=invited[0]["sender"] if invited else "",
        lists=_lists(session, person_id),
        invitations=tuple(HeldInvitation(r["title"], r["starts_at"], r["time_zone"], r["partstat"]) for r in invited),
        letters=_letters(session, person_id),
    )


def _person_columns() -> list[Any]:
    return [_P.name, _P.email, _P.language, _P.country, _P.source]


def _invitations(session: Session, person_id: str) -> list[dict[str, Any]]:
    project = columns(Project)
    query = (
        select(_E.title, _E.starts_at, _E.time_zone, _I.partstat, project.organisation.label("sender"))
        .join(Event, _E.id == _I.event_id)
        .join(Project, project.id == _E.project_id)
        .where(_I.person_id == person_id)
        .order_by(_E.starts_at.desc())
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _lists(session: Session, person_id: str) -> tuple[tuple[str, Any], ...]:
    member, mailing_list = columns(Membership), columns(MailingList)
    query = (
        select(mailing_list.name, member.joined_at)
        .join(Membership, member.list_id == mailing_list.id)
        .where(member.person_id == person_id)
        .order_by(mailing_list.name)
    )
    return tuple((row[0], row[1]) for row in session.execute(query))


def _letters(session: Session, person_id: str) -> int:
    own = select(_I.id).where(_I.person_id == person_id).scalar_subquery()
    where = or_(_D.recipient_ref == person_id, _D.recipient_ref.in_(own))
    return int(session.execute(select(func.count()).where(where, _D.state == "sent")).scalar_one())
