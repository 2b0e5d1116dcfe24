"""The SQL of forgetting: it may look into every table below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, func, insert, or_, select, text, update
from sqlmodel import Session

from service.accounts.tables import IdempotencyRecord
from service.db.types import columns
from service.directory.tables import DifferentPeople, PersonKey, PersonMerge
from service.invitations.tables import Invitation, Reply, SubstituteRequest
from service.kernel.ids import new_id
from service.mail.tables import Delivery, IntakeMessage, MailboxLetter, Suppression
from service.mail.values import WAITING, DeliveryState, SuppressionReason
from service.people.tables import ConsentRecord, ImportOriginal, ImportRow, Membership, MergedId, Person, PersonChange
from service.privacy.store.matching import contexts_of, find_import_rows, holds, is_told_apart, lowered, speaks_of
from service.privacy.store.surveys import forget_said
from service.privacy.values import Subject

_H, _W, _A = columns(PersonChange), columns(PersonKey), columns(MergedId)
_M, _C, _R = columns(Membership), columns(ConsentRecord), columns(ImportRow)
_N, _S, _K = columns(IntakeMessage), columns(Suppression), columns(IdempotencyRecord)
_P, _I, _Y = columns(Person), columns(Invitation), columns(Reply)
_T, _D, _X = columns(SubstituteRequest), columns(Delivery), columns(MailboxLetter)
_U = columns(PersonMerge)


def forget_deliveries(
    session: Session, subject: Subject, hashes: Sequence[str], *, now: datetime
) -> tuple[int, set[str]]:
    """Empty the letters to someone and call off those that wait; return how many, and their mailings."""
    theirs = or_(
        _D.recipient_ref.in_(subject.refs), _D.address_hash.in_(hashes), func.lower(_D.address).in_(subject.keys)
    )
    waits = and_(theirs, _D.state.in_(WAITING))
    called_off = update(Delivery).where(waits).values(state=DeliveryState.CANCELLED.value, finished_at=now)
    mailings = set(session.execute(called_off.returning(_D.mailing_id)).scalars())
    empty = {"address": "", "domain": "", "slots": {}, "smtp_text": ""}
    # One on its way keeps its hash: should it come back to be tried again, suppression stops it.
    on_its_way = update(Delivery).where(theirs, _D.state == DeliveryState.SENDING.value).values(**empty)
    at_rest = update(Delivery).where(theirs, _D.state != DeliveryState.SENDING.value, _D.address != "")
    count = _count(session, on_its_way) + _count(session, at_rest.values(**empty, address_hash=""))
    return count, mailings


def forget_mailbox(session: Session, subject: Subject) -> int:
    """Delete the letters to someone from the local mailbox."""
    return _count(session, delete(MailboxLetter).where(func.lower(_X.to).in_(lowered(subject))))


def forget_intake(session: Session, subject: Subject) -> int:
    """Drop the text of messages that came from someone or speak of them; the verdict stays."""
    contexts = contexts_of(subject)
    rows = session.execute(select(_N.id, _N.context, _N.raw).where(or_(_N.raw.is_not(None), _N.context.in_(contexts))))
    theirs = [row.id for row in rows if row.context in contexts or speaks_of(row.raw, subject)]
    return _count(session, update(IntakeMessage).where(_N.id.in_(theirs)).values(raw=None, context=None))


def forget_invitations(session: Session, subject: Subject) -> tuple[int, int]:
    """Delete someone's invitations with the answers; return how many answers and invitations."""
    ids = subject.invitation_ids
    for column in (_I.substituted_by, _I.substitute_for):
        session.execute(update(Invitation).where(column.in_(ids)).values({column.name: None}))
    wishes = or_(_T.invitation_id.in_(ids), func.lower(_T.email).in_(lowered(subject)))
    session.execute(delete(SubstituteRequest).where(wishes))
    forget_said(session, ids)
    replies = _count(session, delete(Reply).where(_Y.invitation_id.in_(ids)))
    session.execute(delete(MergedId).where(_A.new_id.in_(ids)))
    return replies, _count(session, delete(Invitation).where(_I.id.in_(ids)))


def forget_merges(session: Session, subject: Subject, hashes: Sequence[str]) -> int:
    """Delete what merges of someone remember for their undoing, on either side; return how many."""
    ids = [row.id for row in session.execute(select(_U.id, _U.hashes)) if {*row.hashes} & {*hashes}]
    of_them = or_(_U.id.in_(ids), _U.kept_id.in_(subject.refs), _U.taken_id.in_(subject.refs))
    return _count(session, delete(PersonMerge).where(of_them))


def forget_person(session: Session, subject: Subject) -> dict[str, int]:
    """Delete someone with memberships and consent; return how many of each."""
    ids = subject.person_ids
    return {
        "memberships": _count(session, delete(Membership).where(_M.person_id.in_(ids))),
        "consents": _count(session, delete(ConsentRecord).where(_C.person_id.in_(ids))),
        "changes": _forget_changes(session, subject),
        "keys": _count(session, delete(PersonKey).where(_W.person_id.in_(ids))),
        "ids that led on": _count(session, delete(MergedId).where(_A.new_id.in_(ids))),
        "told apart": _count(session, delete(DifferentPeople).where(is_told_apart(ids))),
        "people": _count(session, delete(Person).where(_P.id.in_(ids))),
    }


def _forget_changes(session: Session, subject: Subject) -> int:
    """Delete what changed of someone, and what others' history says of an address that was theirs too."""
    held = or_(*(holds(session, column, lowered(subject)) for column in (_H.before, _H.after)))
    rows = session.execute(select(_H.id, _H.before, _H.after).where(held))
    named = [row.id for row in rows if {*_words(row.before), *_words(row.after)} & set(lowered(subject))]
    return _count(session, delete(PersonChange).where(or_(_H.person_id.in_(subject.person_ids), _H.id.in_(named))))


def _words(value: Any) -> list[str]:
    return [str(one).lower() for one in (value if isinstance(value, list) else [value])]


def forget_import_rows(session: Session, subject: Subject) -> int:
    """Delete the rows of imported files that are about someone, and every file that is kept for a preview.

    A file may speak of anyone in any cell and any encoding; without it a preview only cannot be read again.
    """
    found = find_import_rows(session, subject)
    session.execute(delete(ImportOriginal))
    for row in found:
        session.execute(delete(ImportRow).where(_R.batch_id == row["batch_id"], _R.row == row["row"]))
    return len(found)


def forget_answers(session: Session, subject: Subject) -> int:
    """Delete remembered answers to programs that speak of someone."""
    rows = session.execute(select(_K.principal, _K.key, _K.body))
    theirs = [(row.principal, row.key) for row in rows if speaks_of(row.body, subject)]
    for principal, key in theirs:
        session.execute(delete(IdempotencyRecord).where(_K.principal == principal, _K.key == key))
    return len(theirs)


def forget_suppressions(session: Session, hashes: Iterable[str]) -> None:
    """Forget whatever was remembered of addresses, by their hashes."""
    session.execute(delete(Suppression).where(_S.address_hash.in_(sorted(set(hashes)))))


def suppress_erased(session: Session, hashes: Iterable[str], *, now: datetime) -> None:
    """Remember addresses as erased, by their hashes."""
    wanted = sorted(set(hashes))
    same = {"scope": "all", "reason": SuppressionReason.ERASED.value, "at": now}
    session.execute(insert(Suppression), [{"id": new_id(), "address_hash": hashed, **same} for hashed in wanted])


def _count(session: Session, statement: Any) -> int:
    return int(session.connection().execute(statement).rowcount)


def empty_journal(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log, which may still hold what was erased; tell whether it is empty now."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            return True
        is_busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        return not is_busy
