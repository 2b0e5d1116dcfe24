"""The SQL of what is held on one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.directory.values import HeldInvitation, HeldList, Holdings
from service.events.tables import Event, Project
from service.invitations.store.of_person import current_id
from service.invitations.tables import Invitation
from service.mail import store as mail
from service.mail.tables import Delivery
from service.mail.values import SuppressionReason
from service.people.tables import MailingList, Membership, Organisation, Person

_P, _I, _E, _D = columns(Person), columns(Invitation), columns(Event), columns(Delivery)


def find_person(session: Session, recipient_ref: str) -> str | None:
    """Return the person behind a recipient of mail: an invitation's id, or a person's; old ones lead on."""
    recipient_ref = current_id(session, recipient_ref)
    by_invitation = session.execute(select(_I.person_id).where(_I.id == recipient_ref)).scalar_one_or_none()
    return by_invitation or session.execute(select(_P.id).where(_P.id == recipient_ref)).scalar_one_or_none()


def read_email(session: Session, person_id: str) -> str:
    """Return the address of a person."""
    return str(session.execute(select(_P.email).where(_P.id == person_id)).scalar_one())


def read_holdings(session: Session, person_id: str, address_hash: str = "") -> Holdings | None:
    """Return what is held on one person, or None when nothing is.

    `address_hash`: of the person's address, to tell which lists they left.
    """
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
        greeting=row["greeting"] or "",
        email=row["email"],
        organisation=row["organisation"] or "",
        language=row["language"] or "",
        country=row["country"] or "",
        source=row["source"] or "",
        sender=invited[0]["sender"] if invited else "",
        lists=_lists(session, person_id, address_hash),
        invitations=tuple(HeldInvitation(r["title"], r["starts_at"], r["time_zone"], r["partstat"]) for r in invited),
        letters=_letters(session, person_id),
    )


def _person_columns() -> list[Any]:
    return [_P.name, _P.greeting, _P.email, _P.language, _P.country, _P.source]


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


def _lists(session: Session, person_id: str, address_hash: str) -> tuple[HeldList, ...]:
    member, mailing_list = columns(Membership), columns(MailingList)
    query = (
        select(mailing_list.id, mailing_list.name, member.joined_at)
        .join(Membership, member.list_id == mailing_list.id)
        .where(member.person_id == person_id)
        .order_by(mailing_list.name)
    )
    stops = dict(mail.read_suppressions(session, address_hash)) if address_hash else {}
    why = {scope: reason == SuppressionReason.UNSUBSCRIBED for scope, reason in stops.items()}
    found = []
    for list_id, name, since in session.execute(query).tuples():
        by_them = why.get(f"list:{list_id}")
        found.append(HeldList(list_id, name, since, by_them is True, by_them is False))
    return tuple(found)


def _letters(session: Session, person_id: str) -> int:
    own = select(_I.id).where(_I.person_id == person_id).scalar_subquery()
    where = or_(_D.recipient_ref == person_id, _D.recipient_ref.in_(own))
    return int(session.execute(select(func.count()).where(where, _D.state == "sent")).scalar_one())
