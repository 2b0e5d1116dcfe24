"""The SQL of letters: recipients' slots, and what the desk must look up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlmodel import Session

from service.accounts.tables import Staff
from service.db.rows import read_row
from service.db.types import columns
from service.events.tables import Event, Project
from service.invitations.tables import Invitation
from service.kernel.errors import NotFound
from service.letters.values import Kind, Recipient
from service.mail.tables import Delivery, Mailing
from service.mail.values import DeliveryState
from service.people.tables import MailingList, Person

_P, _I = columns(Person), columns(Invitation)
_D, _G = columns(Delivery), columns(Mailing)
_PERSON = [_P.name, _P.greeting, _P.email, _P.email_key, _P.language, _P.time_zone, _P.source, _P.at_risk]
CHUNK = 500

_RECENT = (
    select(func.count().label("n"))
    .select_from(Delivery)
    .join(Mailing, _G.id == _D.mailing_id)
    .where(_D.recipient_ref == bindparam("ref"), _D.created_at >= bindparam("since"), _G.kind == bindparam("kind"))
)
_UID_OF = select(columns(Event).uid).join(Invitation, _I.event_id == columns(Event).id).where(_I.id == bindparam("id"))


def read_recipients(session: Session, invitation_ids: Sequence[str]) -> dict[str, Recipient]:
    """Return the people behind invitations, by invitation id."""
    found: dict[str, Recipient] = {}
    for start in range(0, len(invitation_ids), CHUNK):
        ids = {"ids": list(invitation_ids[start : start + CHUNK])}
        for row in session.connection().execute(_recipients(), ids).mappings():
            found[row["invitation_id"]] = recipient_of(dict(row))
    return found


@cache
def _recipients() -> Select[Any]:
    return _recipient_query().where(_I.id.in_(bindparam("ids", expanding=True)))


def _recipient_query() -> Select[Any]:
    chosen = [_I.id.label("invitation_id"), _P.id.label("person_id"), *_PERSON]
    return select(*chosen).join(Person, _P.id == _I.person_id)


def read_readers(session: Session, person_ids: Sequence[str]) -> dict[str, Recipient]:
    """Return people who get a letter as one of a list, by their ids."""
    found: dict[str, Recipient] = {}
    for start in range(0, len(person_ids), CHUNK):
        query = select(_P.id.label("person_id"), *_PERSON).where(_P.id.in_(person_ids[start : start + CHUNK]))
        for row in session.execute(query).mappings():
            found[row["person_id"]] = recipient_of({**row, "invitation_id": ""})
    return found


def read_refs_of_family(session: Session, context: str, first: str) -> list[str]:
    """Return who has a letter of a mailing, or of one written after it with the same words to those who came since.

    One that was called off before it left counts for nothing.
    """
    query = select(_G.id, _G.facts).where(_G.context == context)
    family = [row.id for row in session.execute(query) if first in (row.id, row.facts.get("first"))]
    has_it = (_D.mailing_id.in_(family), _D.state != DeliveryState.CANCELLED.value)
    return list(session.execute(select(_D.recipient_ref).where(*has_it)).scalars())


def find_without_letter(session: Session, refs: Sequence[str]) -> list[str]:
    """Return those of some recipients whose letters were all called off."""
    found: list[str] = []
    for start in range(0, len(refs), CHUNK):
        part = list(refs[start : start + CHUNK])
        stands = select(_D.recipient_ref).where(_D.recipient_ref.in_(part), _D.state != DeliveryState.CANCELLED.value)
        has_one = set(session.execute(stands).scalars())
        found += [ref for ref in part if ref not in has_one]
    return found


def recipient_of(row: dict[str, Any]) -> Recipient:
    """Return the value of a recipient row; a person without a greeting is greeted by the whole name."""
    return Recipient(
        invitation_id=row["invitation_id"],
        person_id=row["person_id"],
        name=row["name"],
        greeting=row["greeting"] or row["name"],
        address=row["email"],
        address_key=row["email_key"],
        language=row["language"] or "",
        time_zone=row["time_zone"],
        source=row["source"] or "",
        at_risk=row["at_risk"],
    )


def find_by_address(session: Session, uid: str, address_key: str) -> str | None:
    """Return the invitation of an address to the event of a UID."""
    query = (
        select(_I.id)
        .join(Person, _P.id == _I.person_id)
        .join(Event, columns(Event).id == _I.event_id)
        .where(columns(Event).uid == uid, _P.email_key == address_key)
    )
    return session.execute(query).scalar_one_or_none()


def read_staff_name(session: Session, actor: str) -> str:
    """Return the name a letter is signed with, or nothing when no one person sends it."""
    kind, _, staff_id = actor.partition(":")
    if kind != "staff":
        return ""
    return session.execute(select(columns(Staff).name).where(columns(Staff).id == staff_id)).scalar_one_or_none() or ""


def read_drafts(session: Session, event_id: str) -> dict[str, str]:
    """Return invitations whose letter waits in a mailing not yet approved: invitation id -> mailing id."""
    where = and_(_G.context == f"event:{event_id}", _G.state == "draft", _G.kind == Kind.INVITATION.value)
    query = select(_D.recipient_ref, _G.id).join(Mailing, _G.id == _D.mailing_id).where(where)
    return {str(row[0]): str(row[1]) for row in session.execute(query)}


def count_recent(session: Session, invitation_id: str, kind: Kind, *, since: datetime) -> int:
    """Return how many letters of a kind one invitee was sent since an instant."""
    row = read_row(session, _RECENT, ref=invitation_id, since=since, kind=kind.value)
    return int(row["n"]) if row else 0


def read_letters_of(session: Session, recipient_ref: str) -> list[dict[str, Any]]:
    """Return every delivery to one recipient, oldest first.

    Keys: id, mailing_id, kind, state, created_at, finished_at, attempts, smtp_code, smtp_text.
    """
    chosen = [_D.id, _D.mailing_id, _G.kind, _D.state, _D.created_at, _D.finished_at]
    chosen += [_D.attempts, _D.smtp_code, _D.smtp_text]
    query = select(*chosen).join(Mailing, _G.id == _D.mailing_id).where(_D.recipient_ref == recipient_ref)
    return [dict(row) for row in session.execute(query.order_by(_D.created_at, _D.id)).mappings()]


def count_letters(session: Session, kind: str, *, since: datetime, address_hash: str = "") -> int:
    """Return how many letters of a kind were queued since an instant, to everyone or to one address."""
    query = select(func.count()).select_from(Delivery).join(Mailing, _G.id == _D.mailing_id)
    query = query.where(_G.kind == kind, _G.created_at >= since)
    if address_hash:
        query = query.where(_D.address_hash == address_hash)
    return int(session.execute(query).scalar_one())


def count_tests(session: Session, actor: str, *, since: datetime) -> int:
    """Return how many letters a member of staff sent to themselves as a test since an instant."""
    query = select(func.count()).select_from(Mailing).where(_G.context.like("test:%"), _G.created_by == actor)
    return int(session.execute(query.where(_G.created_at >= since)).scalar_one())


def read_sign_up(session: Session, delivery_id: str, *, since: datetime) -> dict[str, Any] | None:
    """Return the address, language and slots of a letter that asks to confirm a sign-up, queued since an instant."""
    query = select(_D.address, _D.language, _D.slots).join(Mailing, _G.id == _D.mailing_id)
    where = (_D.id == delivery_id, _G.kind == "sign_up", _D.created_at >= since)
    row = session.execute(query.where(*where)).mappings().first()
    return dict(row) if row else None


def is_sample(session: Session, project_id: str) -> bool:
    """Tell whether a project was seeded: such a one sends nothing by itself."""
    return bool(session.execute(select(columns(Project).is_sample).where(columns(Project).id == project_id)).scalar())


def find_event_uid(session: Session, invitation_id: str) -> str | None:
    """Return the calendar UID of the event behind an invitation."""
    row = read_row(session, _UID_OF, id=invitation_id)
    return row["uid"] if row else None


def find_event_of(session: Session, invitation_id: str, uid: str) -> str | None:
    """Return the event of an invitation, else the one whose calendar UID it is."""
    event = columns(Event)
    query = (
        select(_I.event_id).where(_I.id == invitation_id) if invitation_id else select(event.id).where(event.uid == uid)
    )
    return session.execute(query).scalar_one_or_none()


def is_at_risk(session: Session, invitation_id: str) -> bool:
    """Tell whether the person behind an invitation is at risk."""
    query = select(_P.at_risk).join(Invitation, _I.person_id == _P.id).where(_I.id == invitation_id)
    return bool(session.execute(query).scalar_one_or_none())


def is_person_at_risk(session: Session, person_id: str) -> bool:
    """Tell whether a person is at risk; nobody is not."""
    return bool(session.execute(select(_P.at_risk).where(_P.id == person_id)).scalar_one_or_none())


def require_people(session: Session, person_ids: Sequence[str]) -> None:
    """Refuse ids that are nobody's.

    Raises:
        UnknownPerson: the first of them is named.
    """
    known: set[str] = set()
    for start in range(0, len(person_ids), CHUNK):
        chosen = _P.id.in_(person_ids[start : start + CHUNK])
        known |= set(session.execute(select(_P.id).where(chosen)).scalars())
    for person_id in person_ids:
        if person_id not in known:
            raise UnknownPerson("There is no such person.", person_id=person_id[:60])


def require_list(session: Session, list_id: str) -> None:
    """Refuse an id that is no list's.

    Raises:
        UnknownList: there is none.
    """
    c = columns(MailingList)
    if session.execute(select(c.id).where(c.id == list_id)).first() is None:
        raise UnknownList("There is no such list.")


class UnknownPerson(NotFound):
    """There is no such person."""

    code = "unknown-person"


class UnknownList(NotFound):
    """There is no such mailing list."""

    code = "unknown-list"
