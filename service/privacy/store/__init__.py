"""The SQL of forgetting and of showing what is held: it may look into every table below."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Engine,
    LargeBinary,
    String,
    TypeDecorator,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlmodel import Session, SQLModel

from service.accounts.tables import IdempotencyRecord
from service.db.engine import is_sqlite
from service.db.types import columns
from service.directory.tables import DifferentPeople, PersonKey, PersonMerge
from service.events.tables import Event
from service.events.values import EventState
from service.invitations.tables import Invitation, Reply, SubstituteRequest
from service.invitations.values import Seat
from service.kernel.ids import new_id
from service.mail.tables import Delivery, IntakeMessage, MailboxLetter, Mailing, Suppression
from service.mail.values import WAITING, DeliveryState, SuppressionReason
from service.people.tables import (
    Audience,
    ConsentRecord,
    ImportBatch,
    ImportOriginal,
    ImportRow,
    MailingList,
    Membership,
    MergedId,
    Organisation,
    Person,
    PersonChange,
)
from service.people.values import Address
from service.privacy.store.surveys import forget_said, read_said
from service.privacy.values import Subject

_P, _I, _Y = columns(Person), columns(Invitation), columns(Reply)
_T = columns(SubstituteRequest)
_D, _G, _X = columns(Delivery), columns(Mailing), columns(MailboxLetter)
_N, _S, _K = columns(IntakeMessage), columns(Suppression), columns(IdempotencyRecord)
_M, _C, _R = columns(Membership), columns(ConsentRecord), columns(ImportRow)
_H = columns(PersonChange)
_W, _L = columns(PersonKey), columns(DifferentPeople)
_A, _U = columns(MergedId), columns(PersonMerge)

_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]\\]+@[^\s<>\"',;:()\[\]\\]+")
_IDENTITY = [_P.id, _P.name, _P.email, _P.email_key, _P.other_emails]


# Who it is about


def find_people(session: Session, address: Address) -> list[dict[str, Any]]:
    """Return who may have an address, as first or second one: id, name, email, email_key, other_emails."""
    is_second = _holds(session, _P.other_emails, [address.key, address.display])
    query = select(*_IDENTITY).where(or_(_P.email_key == address.key, is_second))
    return [dict(row) for row in session.execute(query).mappings()]


def read_identities(session: Session, person_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return who people are: id, name, email, email_key, other_emails."""
    return [dict(row) for row in session.execute(select(*_IDENTITY).where(_P.id.in_(person_ids))).mappings()]


def find_invitations(session: Session, person_ids: Sequence[str]) -> list[str]:
    """Return the ids of people's invitations."""
    return list(session.execute(select(_I.id).where(_I.person_id.in_(person_ids))).scalars())


def find_old_ids(session: Session, ids: Sequence[str]) -> list[str]:
    """Return the ids that lead to some people and invitations since a merge."""
    return list(session.execute(select(_A.old_id).where(_A.new_id.in_(ids)).order_by(_A.old_id)).scalars())


def events_with_seats(session: Session, invitation_ids: Sequence[str], *, after: datetime) -> list[str]:
    """Return the announced events yet to begin in which these invitations have a seat."""
    event = columns(Event)
    has_seat = and_(_I.id.in_(invitation_ids), _I.seat.in_((Seat.HELD.value, Seat.OFFERED.value)))
    is_ahead = and_(event.starts_at > after, event.state == EventState.ANNOUNCED.value)
    query = select(event.id).join(Invitation, _I.event_id == event.id).where(has_seat, is_ahead)
    return list(session.execute(query.order_by(event.id)).scalars())


def find_addresses(session: Session) -> set[str]:
    """Return every address that stands in any text of any table, in lower case: for a restored database only."""
    found: set[str] = set()
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if holds_text(column):
                found.update(_addresses_in(session, column))
    return found


def holds_text(column: Any) -> bool:
    """Tell whether a column holds text, JSON or bytes."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON | LargeBinary)


def _addresses_in(session: Session, column: Any) -> Iterator[str]:
    is_bytes = isinstance(column.type, LargeBinary)
    plain = column if is_bytes else cast(column, String)
    where = column.is_not(None) if is_bytes else plain.contains("@")
    for value in session.execute(select(plain).where(where)).scalars():
        words = value.decode("utf-8", "replace") if is_bytes else _unescaped(value)
        yield from (match.lower() for match in _ADDRESS.findall(words))


def _unescaped(value: str) -> str:
    """Return the text of JSON as it reads: on SQLite letters outside ASCII stand in it as escapes."""
    try:
        return json.dumps(json.loads(value), ensure_ascii=False)
    except ValueError:
        return value


def group_by_event(session: Session, invitation_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return invitations by their events."""
    found: dict[str, list[str]] = {}
    query = select(_I.event_id, _I.id).where(_I.id.in_(invitation_ids)).order_by(_I.event_id, _I.id)
    for event_id, invitation_id in session.execute(query):
        found.setdefault(event_id, []).append(invitation_id)
    return found


def _holds(session: Session, column: Any, marks: Iterable[str]) -> Any:
    """Return the condition that a JSON column holds one of some texts; more rows than those may match."""
    plain = cast(column, String)
    # On SQLite letters outside ASCII stand in JSON as escapes.
    written = [json.dumps(mark)[1:-1] if is_sqlite(session) else mark for mark in marks]
    return or_(*(func.lower(plain).contains(mark.lower(), autoescape=True) for mark in written))


# Forgetting


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
    return _count(session, delete(MailboxLetter).where(func.lower(_X.to).in_(_lowered(subject))))


def forget_intake(session: Session, subject: Subject) -> int:
    """Drop the text of messages that came from someone or speak of them; the verdict stays."""
    contexts = _contexts(subject)
    rows = session.execute(select(_N.id, _N.context, _N.raw).where(or_(_N.raw.is_not(None), _N.context.in_(contexts))))
    theirs = [row.id for row in rows if row.context in contexts or _speaks_of(row.raw, subject)]
    return _count(session, update(IntakeMessage).where(_N.id.in_(theirs)).values(raw=None, context=None))


def _contexts(subject: Subject) -> list[str]:
    invited = [f"invitation:{invitation_id}" for invitation_id in subject.invitation_ids]
    return [*invited, *(f"person:{person_id}" for person_id in subject.person_ids)]


def forget_invitations(session: Session, subject: Subject) -> tuple[int, int]:
    """Delete someone's invitations with the answers; return how many answers and invitations."""
    ids = subject.invitation_ids
    for column in (_I.substituted_by, _I.substitute_for):
        session.execute(update(Invitation).where(column.in_(ids)).values({column.name: None}))
    wishes = or_(_T.invitation_id.in_(ids), func.lower(_T.email).in_(_lowered(subject)))
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
        "told apart": _count(session, delete(DifferentPeople).where(_is_told_apart(ids))),
        "people": _count(session, delete(Person).where(_P.id.in_(ids))),
    }


def _is_told_apart(person_ids: Sequence[str]) -> Any:
    return or_(_L.first_id.in_(person_ids), _L.second_id.in_(person_ids))


def _forget_changes(session: Session, subject: Subject) -> int:
    """Delete what changed of someone, and what others' history says of an address that was theirs too."""
    held = or_(*(_holds(session, column, _lowered(subject)) for column in (_H.before, _H.after)))
    rows = session.execute(select(_H.id, _H.before, _H.after).where(held))
    named = [row.id for row in rows if {*_words(row.before), *_words(row.after)} & set(_lowered(subject))]
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
    theirs = [(row.principal, row.key) for row in rows if _speaks_of(row.body, subject)]
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


def _lowered(subject: Subject) -> list[str]:
    return list({*subject.keys, *(address.lower() for address in subject.addresses)})


def _speaks_of(raw: bytes | None, subject: Subject) -> bool:
    content = (raw or b"").lower()
    return any(mark.encode() in content for mark in subject.marks)


def empty_journal(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log, which may still hold what was erased; tell whether it is empty now."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            return True
        is_busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        return not is_busy


# Showing what is held


def find_import_rows(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the rows of imported files that are about someone, with the file's name."""
    batch = columns(ImportBatch)
    wanted = [
        _R.batch_id,
        _R.row,
        _R.verdict,
        _R.reason,
        _R.fields,
        _R.before,
        _R.notes,
        _R.person_id,
        _R.sealed,
        batch.filename,
        batch.created_at,
    ]
    query = select(*wanted).join(ImportBatch, batch.id == _R.batch_id).order_by(_R.batch_id, _R.row)
    marks = _lowered(subject)
    query = query.where(
        or_(_R.person_id.in_(subject.person_ids), *(_holds(session, c, marks) for c in (_R.fields, _R.notes)))
    )
    return [row for row in _rows(session, query) if _is_theirs(row, subject)]


def _is_theirs(row: Mapping[str, Any], subject: Subject) -> bool:
    """Tell whether a row names one of the addresses whole, not as the end of a longer one."""
    if row["person_id"] in subject.person_ids:
        return True
    said = [row["fields"].get("email", ""), row["fields"].get("email_key", ""), *row["fields"].get("other_emails", ())]
    said += [part for _code, detail in row["notes"] for part in detail.replace(",", " ").split()]
    return bool({one.strip("<>").lower() for one in said} & set(_lowered(subject)))


def read_people(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return all columns of the people, with the names of organisation and audience."""
    organisation, audience = columns(Organisation), columns(Audience)
    query = select(*_P, organisation.name.label("organisation"), audience.name.label("audience"))
    query = query.outerjoin(Organisation, organisation.id == _P.organisation_id)
    query = query.outerjoin(Audience, audience.id == _P.audience_id).where(_P.id.in_(subject.person_ids))
    return _rows(session, query)


def read_merges(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what merges of someone remember for their undoing, sealed where it is kept so."""
    query = select(_U.id, _U.kept_id, _U.taken_id, _U.at, _U.by, _U.journal).order_by(_U.at, _U.id)
    return _rows(session, query.where(or_(_U.kept_id.in_(subject.refs), _U.taken_id.in_(subject.refs))))


def read_old_ids(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the ids that lead to someone, or to their invitations, since a merge."""
    return _rows(session, select(*_A).where(_A.new_id.in_(subject.refs)).order_by(_A.old_id))


def read_lists(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the lists someone is on, and why."""
    listed = columns(MailingList)
    query = select(listed.name, listed.purpose, _M.basis, _M.source, _M.joined_at)
    return _rows(session, query.join(MailingList, listed.id == _M.list_id).where(_M.person_id.in_(subject.person_ids)))


def read_consents(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what someone agreed to, oldest first."""
    return _rows(session, select(*_C).where(_C.person_id.in_(subject.person_ids)).order_by(_C.at, _C.id))


def read_changes(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what changed of someone, oldest first, sealed where it is kept so."""
    return _rows(session, select(*_H).where(_H.person_id.in_(subject.person_ids)).order_by(_H.at, _H.id))


def read_keys(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the hashes by which someone is looked up as a possible duplicate."""
    return _rows(session, select(_W.kind, _W.key).where(_W.person_id.in_(subject.person_ids)).order_by(_W.kind, _W.key))


def read_told_apart(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return when staff said that someone who looks like them is another; not who that is."""
    return _rows(session, select(_L.at, _L.by).where(_is_told_apart(subject.person_ids)).order_by(_L.at))


def read_invitations(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return invitations with the event's title and time, each with its `replies` and what was said afterwards."""
    event = columns(Event)
    query = select(*_I, event.title, event.whole_day, event.starts_local, event.time_zone).join(
        Event, event.id == _I.event_id
    )
    found = _rows(session, query.where(_I.id.in_(subject.invitation_ids)).order_by(_I.id))
    answers = _rows(session, select(*_Y).where(_Y.invitation_id.in_(subject.invitation_ids)).order_by(_Y.at, _Y.id))
    wished = select(_T.invitation_id, _T.at, _T.state).where(_T.invitation_id.in_(subject.invitation_ids))
    wishes = _rows(session, wished.order_by(_T.at, _T.id))
    said = read_said(session, subject.invitation_ids)
    named = [{**one, "replies": _of(one, answers), "colleagues named": _of(one, wishes)} for one in found]
    return [{**one, **said.get(one["id"], {})} for one in named]


def read_named(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return where an invitee named someone to be invited instead, and nobody has decided yet."""
    wanted = [_T.at, _T.name, _T.email, _T.state]
    return _rows(session, select(*wanted).where(func.lower(_T.email).in_(_lowered(subject))).order_by(_T.at, _T.id))


def _of(invitation: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["invitation_id"] == invitation["id"]]


def read_deliveries(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the letters to someone, with what was filled in for them."""
    wanted = [_G.kind, _D.id, _D.state, _D.created_at, _D.finished_at, _D.address, _D.language, _D.slots]
    query = select(*wanted).join(Mailing, _G.id == _D.mailing_id).order_by(_D.id)
    return _rows(
        session, query.where(or_(_D.recipient_ref.in_(subject.refs), func.lower(_D.address).in_(_lowered(subject))))
    )


def read_mailbox(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the letters to someone in the local mailbox."""
    query = select(_X.id, _X.to, _X.subject, _X.kind, _X.at).where(func.lower(_X.to).in_(_lowered(subject)))
    return _rows(session, query.order_by(_X.id))


def read_intake(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what came from someone by mail, with the text while it is kept."""
    contexts = _contexts(subject)
    query = select(_N.at, _N.verdict, _N.applied, _N.reason, _N.context, _N.raw).order_by(_N.at)
    rows = _rows(session, query.where(or_(_N.raw.is_not(None), _N.context.in_(contexts))))
    theirs = [row for row in rows if row["context"] in contexts or _speaks_of(row["raw"], subject)]
    return [{**row, "raw": (row["raw"] or b"").decode("utf-8", "replace")} for row in theirs]


def read_suppressions(session: Session, hashes: Sequence[str]) -> list[dict[str, Any]]:
    """Return what addresses are not written to, and why."""
    return _rows(session, select(_S.scope, _S.reason, _S.at).where(_S.address_hash.in_(hashes)).order_by(_S.at))


def _rows(session: Session, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(query).mappings()]
