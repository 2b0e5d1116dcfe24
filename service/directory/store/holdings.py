"""The SQL of what is held on one person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.db.types import columns
from service.directory.values import HeldConsent, HeldExport, HeldInvitation, HeldLetter, Holdings
from service.events.tables import Event, Project
from service.invitations.store.of_person import current_id
from service.invitations.tables import Invitation
from service.mail.tables import Delivery
from service.people.tables import ConsentRecord, MailingList, Membership, Organisation, Person

_P, _I, _E, _D = columns(Person), columns(Invitation), columns(Event), columns(Delivery)
_A, _C, _M = columns(AuditEntry), columns(ConsentRecord), columns(Membership)
NEWEST_LETTERS = 50


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
        greeting=row["greeting"] or "",
        email=row["email"],
        organisation=row["organisation"] or "",
        language=row["language"] or "",
        country=row["country"] or "",
        time_zone=row["time_zone"] or "",
        source=row["source"] or "",
        sender=invited[0]["sender"] if invited else "",
        invitations=tuple(_held(row) for row in invited),
        letters=_count_letters(session, person_id),
        newest_letters=_letters(session, person_id),
        consents=_consents(session, person_id),
        exports=_exports(session, person_id, row["created_at"], is_at_risk=row["at_risk"]),
    )


def _person_columns() -> list[Any]:
    return [
        _P.name, _P.greeting, _P.email, _P.language, _P.country, _P.time_zone, _P.source, _P.at_risk, _P.created_at,
    ]  # fmt: skip


def _held(row: dict[str, Any]) -> HeldInvitation:
    first, after = (date.fromisoformat(row[name][:10]) for name in ("starts_local", "ends_local"))
    days = (first, after - timedelta(days=1)) if row["whole_day"] else None
    return HeldInvitation(row["title"], row["starts_at"], row["time_zone"], row["partstat"], days)


def _invitations(session: Session, person_id: str) -> list[dict[str, Any]]:
    project = columns(Project)
    query = (
        select(
            _E.title,
            _E.starts_at,
            _E.time_zone,
            _E.whole_day,
            _E.starts_local,
            _E.ends_local,
            _I.partstat,
            project.organisation.label("sender"),
        )
        .join(Event, _E.id == _I.event_id)
        .join(Project, project.id == _E.project_id)
        .where(_I.person_id == person_id)
        .order_by(_E.starts_at.desc())
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _is_theirs(person_id: str) -> Any:
    own = select(_I.id).where(_I.person_id == person_id).scalar_subquery()
    return and_(or_(_D.recipient_ref == person_id, _D.recipient_ref.in_(own)), _D.state == "sent")


def _count_letters(session: Session, person_id: str) -> int:
    return int(session.execute(select(func.count()).where(_is_theirs(person_id))).scalar_one())


def _letters(session: Session, person_id: str) -> tuple[HeldLetter, ...]:
    at = func.coalesce(_D.finished_at, _D.created_at)
    query = select(_D.id, _D.finished_at, _D.created_at).where(_is_theirs(person_id)).order_by(at.desc(), _D.id.desc())
    rows = session.execute(query.limit(NEWEST_LETTERS))
    return tuple(HeldLetter(row.id, row.finished_at or row.created_at) for row in rows)


def _consents(session: Session, person_id: str) -> tuple[HeldConsent, ...]:
    mailing_list = columns(MailingList)
    said = [_C.at, _C.purpose, _C.basis, _C.withdrawn]
    optional = [_C.source, _C.text_version, mailing_list.name.label("list_name")]
    query = select(*said, *(func.coalesce(one, "").label(one.name) for one in optional))
    query = query.outerjoin(MailingList, mailing_list.id == _C.list_id).where(_C.person_id == person_id)
    rows = session.execute(query.order_by(_C.at.desc(), _C.id.desc())).mappings()
    return tuple(HeldConsent(**row) for row in rows)


def _exports(session: Session, person_id: str, since: datetime, *, is_at_risk: bool) -> tuple[HeldExport, ...]:
    """Return the files that may hold the person: of everyone, or of a list they are on; noted without names."""
    lists = session.execute(select(_M.list_id).where(_M.person_id == person_id)).scalars()
    subjects = ["people", *(f"list:{list_id}" for list_id in lists)]
    query = select(_A.at, _A.actor, _A.details).where(_A.subject.in_(subjects), _A.action == "people.exported")
    rows = session.execute(query.where(_A.at >= since).order_by(_A.at.desc(), _A.id.desc()))
    return tuple(
        HeldExport(row.at, row.actor, row.details.get("format", ""))
        for row in rows
        if not is_at_risk or row.details.get("why")
    )
