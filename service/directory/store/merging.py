"""The SQL of making two people one: what is read to plan it, and the rows that move.

Whatever points at a person or at an invitation of theirs is in `scope`; a test walks the schema.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, exists, func, insert, or_, select, tuple_, update
from sqlmodel import Session

from service.db.types import columns
from service.directory.store import duplicates
from service.directory.store.standing import move_standing
from service.directory.tables import DifferentPeople, PersonMerge
from service.directory.values import Doubled, MergeView, OnList
from service.invitations.tables import (
    Commitment,
    Invitation,
    Reply,
    StandingInvitation,
    SubstituteRequest,
    SurveyAnswer,
    SurveyReturn,
)
from service.invitations.values import Invitation as Invited
from service.mail.tables import Delivery, IntakeMessage, Mailing, Suppression
from service.mail.values import WAITING, DeliveryState
from service.people.tables import ConsentRecord, ImportRow, Membership, MergedId, Person, PersonChange

_P, _H, _M, _C = columns(Person), columns(PersonChange), columns(Membership), columns(ConsentRecord)
_R, _I, _Y, _T = columns(ImportRow), columns(Invitation), columns(Reply), columns(SubstituteRequest)
_D, _N, _S, _G = columns(Delivery), columns(IntakeMessage), columns(Suppression), columns(Mailing)
_X, _A, _W = columns(DifferentPeople), columns(MergedId), columns(PersonMerge)
_SAID = (SurveyReturn, SurveyAnswer, Commitment)  # one of each an invitation
_VIEW = [_W[name] for name in MergeView.__dataclass_fields__]


# Reading


def lock(session: Session, person_ids: Sequence[str]) -> None:
    """Hold people until the transaction ends."""
    session.execute(select(_P.id).where(_P.id.in_(person_ids)).order_by(_P.id).with_for_update())


def read_lists(session: Session, person_id: str) -> list[OnList]:
    """Return the lists a person is on."""
    wanted = [_M[name] for name in OnList.__dataclass_fields__]
    rows = session.execute(select(*wanted).where(_M.person_id == person_id).order_by(_M.list_id))
    return [OnList(*row) for row in rows]


def read_left(session: Session, person_id: str) -> dict[str, datetime]:
    """Return the lists a person left and is not on, and when."""
    is_on = exists().where(_M.person_id == person_id, _M.list_id == _C.list_id)
    query = select(_C.list_id, func.max(_C.at)).where(_C.person_id == person_id, _C.withdrawn, ~is_on)
    rows = session.execute(query.where(_C.list_id.is_not(None)).group_by(_C.list_id))
    return {row[0]: row[1] for row in rows}


def has_left(session: Session, person_id: str, list_id: str, *, since: datetime) -> bool:
    """Tell whether a person left a list since."""
    where = (_C.person_id == person_id, _C.list_id == list_id, _C.withdrawn, _C.at > since)
    return session.execute(select(_C.id).where(*where).limit(1)).first() is not None


def read_file_rows(session: Session, person_ids: Collection[str]) -> list[tuple[str, int]]:
    """Return the rows of imported files that are about people: no index finds them, so they are looked for once."""
    query = select(_R.batch_id, _R.row).where(_R.person_id.in_(person_ids)).order_by(_R.batch_id, _R.row)
    return [(row.batch_id, row.row) for row in session.execute(query)]


def scope(
    person_ids: Collection[str],
    invited: Collection[Invited],
    hashes: Collection[str],
    file_rows: Collection[tuple[str, int]],
) -> dict[Table, Any]:
    """Return every table with rows about some people and their invitations, and the condition of those rows."""
    ids, event_ids = [one.id for one in invited], {one.event_id for one in invited}
    refs, contexts = [*person_ids, *ids], [f"invitation:{one}" for one in ids]
    # Who comes in their place, or in whose place they come.
    substitutes = and_(_I.event_id.in_(event_ids), or_(_I.substituted_by.in_(ids), _I.substitute_for.in_(ids)))
    found: dict[Any, Any] = {
        Person: _P.id.in_(person_ids),
        PersonChange: _H.person_id.in_(person_ids),
        Membership: _M.person_id.in_(person_ids),
        ConsentRecord: _C.person_id.in_(person_ids),
        ImportRow: _are(file_rows),
        DifferentPeople: or_(_X.first_id.in_(person_ids), _X.second_id.in_(person_ids)),
        MergedId: _A.new_id.in_(refs),
        Invitation: or_(_I.person_id.in_(person_ids), substitutes),
        Reply: _Y.invitation_id.in_(ids),
        SubstituteRequest: _T.invitation_id.in_(ids),
        **{table: columns(table).invitation_id.in_(ids) for table in _SAID},
        StandingInvitation: columns(StandingInvitation).person_id.in_(person_ids),
        Delivery: _D.recipient_ref.in_(refs),
        IntakeMessage: _N.context.in_(contexts),
        Suppression: _S.address_hash.in_(list(hashes)),
    }
    return {table.__table__: where for table, where in found.items()}


def _are(file_rows: Collection[tuple[str, int]]) -> Any:
    return tuple_(_R.batch_id, _R.row).in_(list(file_rows))


# Moving


def move(session: Session, taken: str, kept: str, file_rows: Collection[tuple[str, int]]) -> None:
    """Let what names one person name the other: consents, history, rows of files, letters to the person, keys."""
    for table, c in ((ConsentRecord, _C), (PersonChange, _H)):
        session.execute(update(table).where(c.person_id == taken).values(person_id=kept))
    _move_file_rows(session, taken, kept, file_rows)
    _lead_letters(session, taken, kept)
    _move_pairs(session, taken, kept)
    move_standing(session, taken, kept)
    lead_on(session, taken, kept)
    duplicates.write_keys(session, {taken: ()}, {})


def _move_file_rows(session: Session, taken: str, kept: str, file_rows: Collection[tuple[str, int]]) -> None:
    table = ImportRow.__table__  # type: ignore[attr-defined]
    is_one = and_(_R.batch_id == bindparam("of_batch"), _R.row == bindparam("of_row"), _R.person_id == taken)
    if file_rows:
        each = [{"of_batch": batch_id, "of_row": row} for batch_id, row in file_rows]
        session.connection().execute(update(table).where(is_one).values(person_id=kept), each)


def _lead_letters(session: Session, old: str, new: str) -> None:
    """Let letters name another recipient, but where one mailing, or one sent again to those added, wrote to both."""
    has_both = select(_D.mailing_id).where(_D.recipient_ref == new)
    has_words = select(_D.first_id).where(_D.recipient_ref == new, _D.first_id.is_not(None))
    is_alone = or_(_D.first_id.is_(None), _D.first_id.not_in(has_words))
    hit = (_D.recipient_ref == old, _D.mailing_id.not_in(has_both), is_alone)
    session.execute(update(Delivery).where(*hit).values(recipient_ref=new))


def _move_pairs(session: Session, taken: str, kept: str) -> None:
    """Let who was told apart from one be told apart from the other; of the two themselves nothing stays."""
    theirs = or_(_X.first_id == taken, _X.second_id == taken)
    rows = [dict(row) for row in session.execute(select(*_X).where(theirs)).mappings()]
    session.execute(delete(DifferentPeople).where(theirs))
    for row in rows:
        other = row["second_id"] if row["first_id"] == taken else row["first_id"]
        if other != kept:
            pair = (min(kept, other), max(kept, other))
            duplicates.add_different(session, pair, now=row["at"], actor=row["by"])


def lead_on(session: Session, old: str, new: str) -> None:
    """Let an id, and those that led to it, lead to another."""
    session.execute(update(MergedId).where(_A.new_id == old).values(new_id=new))
    session.execute(insert(MergedId).values(old_id=old, new_id=new))


def write_lists(session: Session, taken: str, kept: str, lists: Iterable[OnList]) -> None:
    """Put the person who stays on these lists and no others, and the other on none."""
    before = {one.list_id: one for one in read_lists(session, kept)}
    after = {one.list_id: one for one in lists}
    gone = [list_id for list_id, one in before.items() if after.get(list_id) != one]
    session.execute(
        delete(Membership).where(or_(_M.person_id == taken, and_(_M.person_id == kept, _M.list_id.in_(gone))))
    )
    rows = [
        {
            "list_id": one.list_id,
            "person_id": kept,
            "basis": one.basis,
            "source": one.source,
            "joined_at": one.joined_at,
        }
        for one in after.values()
        if before.get(one.list_id) != one
    ]
    if rows:
        session.execute(insert(Membership), rows)


def move_invitations(session: Session, invitation_ids: Sequence[str], kept: str) -> None:
    """Give invitations to another person."""
    session.execute(update(Invitation).where(_I.id.in_(invitation_ids)).values(person_id=kept))


def join_invitations(session: Session, pair: Doubled, *, now: datetime) -> None:
    """Let answers, wishes, letters and messages of an invitation that goes belong to the one that stays; delete it."""
    old, new = pair.goes.id, pair.stays.id
    session.execute(update(Reply).where(_Y.invitation_id == old).values(invitation_id=new))
    session.execute(update(SubstituteRequest).where(_T.invitation_id == old).values(invitation_id=new))
    _join_said(session, old, new)
    for column in (_I.substituted_by, _I.substitute_for):
        hit = (_I.event_id == pair.stays.event_id, column == old, _I.id != new)
        session.execute(update(Invitation).where(*hit).values({column.name: new}))
    context = {"context": f"invitation:{new}"}
    session.execute(update(IntakeMessage).where(_N.context == f"invitation:{old}").values(**context))
    waits = (_D.recipient_ref == old, _D.state.in_(WAITING))
    session.execute(update(Delivery).where(*waits).values(state=DeliveryState.CANCELLED.value, finished_at=now))
    _lead_letters(session, old, new)
    lead_on(session, old, new)
    session.execute(delete(Invitation).where(_I.id == old))


def _join_said(session: Session, old: str, new: str) -> None:
    """Let what was said after the event under one invitation belong to the other, which keeps what it has."""
    for table in _SAID:
        c = columns(table)
        if session.execute(select(c.invitation_id).where(c.invitation_id == new)).first() is None:
            session.execute(update(table).where(c.invitation_id == old).values(invitation_id=new))
        else:
            session.execute(delete(table).where(c.invitation_id == old))


def delete_person(session: Session, person_id: str) -> None:
    """Delete a person of whom nothing is left."""
    session.execute(delete(Person).where(_P.id == person_id))


# What can be undone


def add_merge(session: Session, values: Mapping[str, Any]) -> None:
    """Remember a merge."""
    session.execute(insert(PersonMerge).values(**values))


def write_letters(session: Session, merge_id: str, letters: Mapping[str, Any]) -> None:
    """Write down what a merge set off."""
    session.execute(update(PersonMerge).where(_W.id == merge_id).values(letters=dict(letters)))


def read_merge(session: Session, merge_id: str) -> tuple[MergeView, bytes | None] | None:
    """Return a merge with its sealed journal, held until the transaction ends; None when there is none."""
    query = select(*_VIEW, _W.journal).where(_W.id == merge_id).with_for_update()
    row = session.execute(query).first()
    return (MergeView(*row[:-1]), row[-1]) if row else None


def read_merges(session: Session, kept_id: str, *, since: datetime) -> list[MergeView]:
    """Return the merges of a person that can be undone, the newest first."""
    query = select(*_VIEW).where(_W.kept_id == kept_id, _W.at > since).order_by(_W.at.desc(), _W.id.desc())
    return [MergeView(*row) for row in session.execute(query)]


def delete_merge(session: Session, merge_id: str) -> None:
    """Forget a merge."""
    session.execute(delete(PersonMerge).where(_W.id == merge_id))


def delete_merges(session: Session, *, before: datetime) -> int:
    """Forget the merges that can be undone no more; return how many."""
    return len(session.execute(delete(PersonMerge).where(_W.at <= before).returning(_W.id)).all())


def find_new(session: Session, old_id: str) -> str | None:
    """Return the id that an old one leads to since a merge."""
    return session.execute(select(_A.new_id).where(_A.old_id == old_id)).scalar_one_or_none()


def read_open_mailings(session: Session, delivery_ids: Collection[str]) -> set[str]:
    """Return those of some letters whose mailing still sends."""
    still = ("draft", "approved", "running", "paused")
    query = select(_D.id).join(Mailing, _G.id == _D.mailing_id).where(_G.state.in_(still))
    return set(session.execute(query.where(_D.id.in_(list(delivery_ids)))).scalars())
