"""The only SQL of invitations, answers and seats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, and_, bindparam, func, insert, select, update
from sqlmodel import Session

from service.db.rows import insert_row, read_row
from service.db.types import columns
from service.events.store import event_of
from service.events.tables import Event as EventRow
from service.events.tables import Project
from service.events.values import Event
from service.ical.values import PartStat
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.tables import Reply
from service.invitations.values import (
    Answer,
    Attendance,
    Candidate,
    Decision,
    Guest,
    Invitation,
    LetterState,
    Seat,
    Seating,
)
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.people.tables import Audience, MailingList, Membership, Organisation, Person

_I = columns(InvitationRow)
_P = columns(Person)
_M = columns(Membership)
_COLUMNS = [_I[name] for name in Invitation.__dataclass_fields__]
_IN_USE = (Seat.HELD.value, Seat.OFFERED.value)
_BY_ID = select(*_COLUMNS).where(_I.id == bindparam("id"))
_EVENT_ID = select(_I.event_id).where(_I.id == bindparam("id"))
_SEATING = select(
    func.count().filter(_I.seat.in_(_IN_USE), _I.id != bindparam("without")), func.coalesce(func.max(_I.seat_order), 0)
).where(_I.event_id == bindparam("event_id"))
CHUNK = 500  # bind parameters a statement, well under SQLite's limit


class UnknownInvitation(NotFound):
    """There is no such invitation."""

    code = "unknown-invitation"


def invitation_of(row: dict[str, Any]) -> Invitation:
    """Return the value of one row's columns."""
    return Invitation(
        **{
            **row,
            "letter": LetterState(row["letter"]),
            "partstat": PartStat(row["partstat"]),
            "seat": Seat(row["seat"]),
            "attendance": Attendance(row["attendance"]),
        }
    )


def read(session: Session, invitation_id: str) -> Invitation:
    """Return one invitation.

    Raises:
        UnknownInvitation: there is none of this id.
    """
    row = read_row(session, _BY_ID, id=invitation_id)
    if row is None:
        raise UnknownInvitation("There is no such invitation.")
    return invitation_of(row)


def read_event_id(session: Session, invitation_id: str) -> str:
    """Return the event of an invitation.

    Raises:
        UnknownInvitation: there is none of this id.
    """
    row = read_row(session, _EVENT_ID, id=invitation_id)
    if row is None:
        raise UnknownInvitation("There is no such invitation.")
    return str(row["event_id"])


def find(session: Session, event_id: str, person_id: str) -> Invitation | None:
    """Return the invitation of one person to one event."""
    where = and_(_I.event_id == event_id, _I.person_id == person_id)
    row = session.execute(select(*_COLUMNS).where(where)).mappings().first()
    return invitation_of(dict(row)) if row else None


def read_guest(session: Session, invitation_id: str) -> Guest | None:
    """Return one invitee with the event and how to address them: one SELECT, the answer page's."""
    row = session.connection().execute(_guest_query(), {"invitation_id": invitation_id}).mappings().first()
    return _guest_of(dict(row)) if row else None


@cache
def _guest_query() -> Select[Any]:
    """Return the answer page's SELECT; making it anew costs as much as running it."""
    event, project = columns(EventRow), columns(Project)
    labelled = [event[name].label(f"of_{name}") for name in Event.__dataclass_fields__]
    person = [_P.name, _P.greeting, _P.language, _P.time_zone, _P.at_risk, project.organisation]
    return (
        select(*_COLUMNS, *labelled, *person)
        .join(Person, _P.id == _I.person_id)
        .join(EventRow, event.id == _I.event_id)
        .join(Project, project.id == event.project_id)
        .where(_I.id == bindparam("invitation_id"))
    )


def _guest_of(row: dict[str, Any]) -> Guest:
    event = event_of({name: row[f"of_{name}"] for name in Event.__dataclass_fields__})
    return Guest(
        invitation=invitation_of({name: row[name] for name in Invitation.__dataclass_fields__}),
        event=event,
        name=row["name"],
        greeting=row["greeting"] or row["name"],
        language=row["language"] or event.language,
        time_zone=row["time_zone"],
        at_risk=row["at_risk"],
        organisation=row["organisation"],
    )


def read_of_event(session: Session, event_id: str) -> list[Invitation]:
    """Return every invitation to an event, in the order they were made."""
    query = select(*_COLUMNS).where(_I.event_id == event_id).order_by(_I.id)
    return [invitation_of(dict(row)) for row in session.execute(query).mappings()]


def read_many(session: Session, ids: Sequence[str]) -> list[Invitation]:
    """Return invitations by id; unknown ids are left out."""
    found: list[Invitation] = []
    for start in range(0, len(ids), CHUNK):
        query = select(*_COLUMNS).where(_I.id.in_(ids[start : start + CHUNK])).order_by(_I.id)
        found += [invitation_of(dict(row)) for row in session.execute(query).mappings()]
    return found


def read_guests(session: Session, event_id: str) -> list[dict[str, Any]]:
    """Return the invitees of an event for a list: `invitation` and what is shown of the person.

    Each: invitation, name, at_risk, pseudonym, organisation, audience, rank, country, language, email.
    """
    person = [_P.name, _P.email, _P.at_risk, _P.pseudonym, _P.country, _P.language]
    organisation, audience = columns(Organisation), columns(Audience)
    shown = [organisation.name.label("organisation"), audience.name.label("audience"), audience.rank]
    query = (
        select(*_COLUMNS, *person, *shown)
        .join(Person, _P.id == _I.person_id)
        .outerjoin(Organisation, organisation.id == _P.organisation_id)
        .outerjoin(Audience, audience.id == _P.audience_id)
        .where(_I.event_id == event_id)
        .order_by(_P.name, _I.id)
    )
    return [_guest(dict(row)) for row in session.execute(query).mappings()]


def _guest(row: dict[str, Any]) -> dict[str, Any]:
    own = {name: row.pop(name) for name in Invitation.__dataclass_fields__}
    return {"invitation": invitation_of(own), **row}


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


def add(
    session: Session,
    event_id: str,
    candidates: Iterable[Candidate],
    *,
    list_id: str | None,
    revision: int,
    sequence: int,
    now: datetime,
    actor: str,
) -> list[str]:
    """Insert invitations in one statement, their letter queued; return their ids in order."""
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "person_id": candidate.person_id,
            "list_id": list_id,
            "basis": candidate.basis,
            "created_at": now,
            "created_by": actor,
            "letter": LetterState.QUEUED.value,
            "revision_told": revision,
            "sequence_sent": sequence,
        }
        for candidate in candidates
    ]
    if rows:
        session.execute(insert(InvitationRow).values(_DEFAULTS), rows)
    return [str(row["id"]) for row in rows]


_DEFAULTS = {
    "walk_in": False,
    "partstat": PartStat.NEEDS_ACTION.value,
    "online": False,
    "comment": "",
    "asked_again": False,
    "seat": Seat.NONE.value,
    "seat_order": 0,
    "attendance": Attendance.UNKNOWN.value,
    "token_version": 1,
    "unsubscribed": False,
}


def add_walk_in(session: Session, event_id: str, person_id: str, *, now: datetime, actor: str) -> str:
    """Insert someone who came without an invitation; present at once."""
    invitation_id = new_id()
    values = {
        **_DEFAULTS,
        "id": invitation_id,
        "event_id": event_id,
        "person_id": person_id,
        "basis": "legitimate_interest",
        "created_at": now,
        "created_by": actor,
        "letter": LetterState.NONE.value,
        "walk_in": True,
        "attendance": Attendance.PRESENT.value,
        "revision_told": 0,
    }
    session.execute(insert(InvitationRow).values(**values))
    return invitation_id


def write(session: Session, invitation: Invitation, names: Iterable[str]) -> None:
    """Write the named columns of one invitation."""
    columns = tuple(names)
    values = {name: getattr(invitation, name) for name in columns}
    session.connection().execute(_update(columns), {**values, "of_id": invitation.id})


@cache
def _update(names: tuple[str, ...]) -> Update:
    table = InvitationRow.__table__  # type: ignore[attr-defined]
    return update(table).where(_I.id == bindparam("of_id")).values({name: bindparam(name) for name in names})


def write_all(session: Session, ids: Sequence[str], **values: Any) -> None:
    """Write the same values to many invitations."""
    for start in range(0, len(ids), CHUNK):
        chosen = _I.id.in_(ids[start : start + CHUNK])
        session.execute(update(InvitationRow).where(chosen).values(**values))


def write_unsent(session: Session, ids: Sequence[str]) -> None:
    """Note on invitations whose first letter could not be sent that it did not arrive."""
    for start in range(0, len(ids), CHUNK):
        chosen = and_(_I.id.in_(ids[start : start + CHUNK]), _I.letter == LetterState.QUEUED.value)
        session.execute(update(InvitationRow).where(chosen).values(letter=LetterState.BOUNCED.value))


def write_told(session: Session, told: Sequence[tuple[str, int, int]]) -> None:
    """Note what each invitation has been told: (id, revision, SEQUENCE)."""
    rows = [{"of_id": i, "revision_told": revision, "sequence_sent": sequence} for i, revision, sequence in told]
    if rows:
        session.connection().execute(_update(("revision_told", "sequence_sent")), rows)


def delete(session: Session, ids: Sequence[str]) -> None:
    """Remove invitations whose letter never left, and any answers to them."""
    replies, table = Reply.__table__, InvitationRow.__table__  # type: ignore[attr-defined]
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        session.execute(replies.delete().where(columns(Reply).invitation_id.in_(part)))
        session.execute(table.delete().where(_I.id.in_(part)))


def seating(session: Session, event_id: str, capacity: int | None, *, without: str = "") -> Seating:
    """Count the chairs of an event, leaving one invitation out of the count."""
    row = session.connection().execute(_SEATING, {"event_id": event_id, "without": without}).one()
    return Seating(capacity, row[0], row[1])


def read_waiting(session: Session, event_id: str) -> list[Invitation]:
    """Return those who wait for a seat, first in the queue first."""
    where = and_(_I.event_id == event_id, _I.seat == Seat.WAITING.value)
    query = select(*_COLUMNS).where(where).order_by(_I.seat_order, _I.replied_at, _I.id)
    return [invitation_of(dict(row)) for row in session.execute(query).mappings()]


def place_in_queue(session: Session, invitation: Invitation) -> int:
    """Return 1 for the first who waits."""
    ahead = select(func.count()).where(
        _I.event_id == invitation.event_id, _I.seat == Seat.WAITING.value, _I.seat_order < invitation.seat_order
    )
    return int(session.execute(ahead).scalar_one()) + 1


def add_reply(
    session: Session, invitation_id: str, answer: Answer, decision: Decision, *, actor: str, now: datetime
) -> None:
    """Append an answer to the history, counted or not."""
    values = {
        "id": new_id(),
        "invitation_id": invitation_id,
        "at": now,
        "partstat": answer.partstat.value,
        "online": decision.after.online,
        "source": answer.source.value,
        "actor": actor,
        "comment": answer.comment[:1000],
        "dtstamp": answer.dtstamp,
        "sequence": answer.sequence,
        "applied": decision.applied,
        "reason": decision.reason,
    }
    insert_row(session, Reply, values)


def read_replies(session: Session, invitation_id: str) -> list[dict[str, Any]]:
    """Return the answers of an invitation as they came, oldest first."""
    c = columns(Reply)
    query = select(*c).where(c.invitation_id == invitation_id).order_by(c.at, c.id)
    return [dict(row) for row in session.execute(query).mappings()]


def funnel(session: Session, event_id: str) -> dict[str, int]:
    """Return the people of an event: invited, delivered, came_back, accepted, in_room, online, tentative,
    declined, no_answer, waiting, present.
    """
    invited = and_(_I.withdrawn_at.is_(None), _I.walk_in.is_(False), _I.letter != LetterState.NONE.value)
    yes = _I.partstat == PartStat.ACCEPTED.value
    said = {
        "invited": invited,
        "delivered": and_(invited, _I.letter == LetterState.SENT.value),
        "came_back": and_(invited, _I.letter == LetterState.BOUNCED.value),
        "accepted": and_(invited, yes),
        "in_room": and_(invited, yes, _I.seat.in_(_IN_USE)),
        "online": and_(invited, yes, _I.online.is_(True)),
        "waiting": and_(invited, _I.seat == Seat.WAITING.value),
        "tentative": and_(invited, _I.partstat == PartStat.TENTATIVE.value),
        "declined": and_(invited, _I.partstat == PartStat.DECLINED.value),
        "no_answer": and_(invited, _I.partstat == PartStat.NEEDS_ACTION.value),
        "present": _I.attendance == Attendance.PRESENT.value,
        "walk_ins": and_(_I.walk_in.is_(True), _I.attendance == Attendance.PRESENT.value),
    }
    counted = [func.count().filter(condition).label(name) for name, condition in said.items()]
    row = session.execute(select(*counted).where(_I.event_id == event_id)).mappings().one()
    return {name: int(row[name]) for name in said}


def funnels(session: Session, event_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return of several events in one SELECT: invited, coming (those who wait for a seat left out), no_answer,
    came_back, in_room and waiting.
    """
    live = and_(_I.withdrawn_at.is_(None), _I.walk_in.is_(False), _I.letter != LetterState.NONE.value)
    yes = _I.partstat == PartStat.ACCEPTED.value
    coming = and_(yes, _I.seat != Seat.WAITING.value)
    query = (
        select(
            _I.event_id,
            func.count().filter(live).label("invited"),
            func.count().filter(live, coming).label("coming"),
            func.count().filter(live, _I.partstat == PartStat.NEEDS_ACTION.value).label("no_answer"),
            func.count().filter(live, _I.letter == LetterState.BOUNCED.value).label("came_back"),
            func.count().filter(live, yes, _I.seat.in_(_IN_USE)).label("in_room"),
            func.count().filter(live, _I.seat == Seat.WAITING.value).label("waiting"),
        )
        .where(_I.event_id.in_(event_ids))
        .group_by(_I.event_id)
    )
    found = {row["event_id"]: dict(row) for row in session.execute(query).mappings()}
    none = dict.fromkeys(("invited", "coming", "no_answer", "came_back", "in_room", "waiting"), 0)
    return {event_id: found.get(event_id, none) for event_id in event_ids}
