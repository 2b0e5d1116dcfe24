"""The only SQL of invitations: this file of each by itself; guests, rosters, seats, answers and counts beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, and_, bindparam, insert, select, update
from sqlmodel import Session

from service.db.rows import read_row
from service.db.types import columns
from service.ical.values import PartStat
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.tables import Reply
from service.invitations.values import Attendance, Candidate, Invitation, LetterState, Seat
from service.kernel.errors import NotFound
from service.kernel.ids import new_id

_I = columns(InvitationRow)
COLUMNS = [_I[name] for name in Invitation.__dataclass_fields__]
_BY_ID = select(*COLUMNS).where(_I.id == bindparam("id"))
_EVENT_ID = select(_I.event_id).where(_I.id == bindparam("id"))
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
    row = session.execute(select(*COLUMNS).where(where)).mappings().first()
    return invitation_of(dict(row)) if row else None


def read_of_event(session: Session, event_id: str) -> list[Invitation]:
    """Return every invitation to an event, in the order they were made."""
    query = select(*COLUMNS).where(_I.event_id == event_id).order_by(_I.id)
    return [invitation_of(dict(row)) for row in session.execute(query).mappings()]


def read_many(session: Session, ids: Sequence[str]) -> list[Invitation]:
    """Return invitations by id; unknown ids are left out."""
    found: list[Invitation] = []
    for start in range(0, len(ids), CHUNK):
        query = select(*COLUMNS).where(_I.id.in_(ids[start : start + CHUNK])).order_by(_I.id)
        found += [invitation_of(dict(row)) for row in session.execute(query).mappings()]
    return found


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
