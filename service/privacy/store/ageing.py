"""The SQL of what grows old: finding it, counting it for the preview, deleting a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, cast, delete, exists, func, literal, or_, select, union_all, update
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.campaign.tables import Introduction
from service.db.types import columns
from service.dissemination.tables.reports import Quote
from service.dissemination.tables.results import EvidenceFile
from service.events.tables import Event, Project
from service.invitations.tables import Invitation, Reply, StandingInvitation, SubstituteRequest
from service.letters import sign_ups
from service.mail.tables import Delivery, IntakeMessage, MailboxLetter, Mailing
from service.mail.values import DeliveryState
from service.people.tables import ImportBatch, ImportOriginal, ImportRow, Membership, Person, PersonChange
from service.privacy.retention import Held
from service.privacy.store.evidence import IS_SHEET, delete_files
from service.privacy.tables import RetentionPromise
from service.privacy.values import DueEvent

_E, _I, _Y, _Q = columns(Event), columns(Invitation), columns(Reply), columns(RetentionPromise)
_T, _J = columns(SubstituteRequest), columns(Project)
_D, _X, _N = columns(Delivery), columns(MailboxLetter), columns(IntakeMessage)
_B, _R, _U = columns(ImportBatch), columns(ImportRow), columns(AuditEntry)
_F, _G = columns(ImportOriginal), columns(Mailing)
_P, _M, _H = columns(Person), columns(Membership), columns(PersonChange)
_S, _O = columns(StandingInvitation), columns(Introduction)
_Z, _V = columns(Quote), columns(EvidenceFile)
_UNDER_WAY = ("applying", "undoing")


# By event


def read_events(session: Session, *, ended_before: datetime) -> list[DueEvent]:
    """Return the events that ended, or have a promise, and whose invitations or sheets are still held."""
    sheets = select(func.count(_V.id)).where(IS_SHEET, _V.record_id == _E.id).scalar_subquery()
    held = or_(exists(select(_I.id).where(_I.event_id == _E.id)), sheets > 0)
    query = (
        select(
            _E.id, _E.title, _E.kind, _E.state, _E.ends_at, _E.changed_at, _E.time_zone, _Q.due_on, _J.is_sample,
            _count_of(_I.id), _count_of(_I.id, _has_words()), sheets,
        )
        .join(Project, _J.id == _E.project_id)
        .outerjoin(RetentionPromise, _Q.event_id == _E.id)
        .where(or_(_E.ends_at < ended_before, _Q.due_on.is_not(None)), held)
        .order_by(_E.ends_at, _E.id)
    )  # fmt: skip
    return [DueEvent(*row) for row in session.execute(query)]


def _count_of(column: Any, *where: Any) -> Any:
    return select(func.count(column)).where(_I.event_id == _E.id, *where).scalar_subquery()


def find_invitations(session: Session, event_id: str, limit: int) -> list[str]:
    """Return some invitations of an event."""
    return _ids(session, select(_I.id).where(_I.event_id == event_id).order_by(_I.id).limit(limit))


def find_comments(session: Session, event_id: str, limit: int) -> list[str]:
    """Return some invitations of an event under which a guest wrote something, or named a colleague."""
    return _ids(session, select(_I.id).where(_I.event_id == event_id, _has_words()).limit(limit))


def _has_words() -> Any:
    wrote = exists(select(_Y.id).where(_Y.invitation_id == _I.id, _Y.comment != ""))
    named = exists(select(_T.id).where(_T.invitation_id == _I.id, or_(_T.email != "", _T.name != "")))
    return or_(_I.comment != "", _I.needs.is_not(None), wrote, named)


def empty_comments(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    """Empty what guests wrote beside their answers, and whom they named; the answers stay."""
    session.execute(update(SubstituteRequest).where(_T.invitation_id.in_(ids)).values(name="", email=""))
    session.execute(update(Reply).where(_Y.invitation_id.in_(ids)).values(comment=""))
    session.execute(update(Invitation).where(_I.id.in_(ids)).values(comment="", needs=None))
    return {"comments": list(ids)}


def find_letters(session: Session, invitation_ids: Sequence[str]) -> list[str]:
    """Return the letters about invitations."""
    return _ids(session, select(_D.id).where(_D.recipient_ref.in_(invitation_ids)))


def delete_mailbox_letters(session: Session, letter_ids: Sequence[str]) -> list[str]:
    """Delete letters from the local mailbox, by the deliveries they were."""
    gone = delete(MailboxLetter).where(_X.delivery_id.in_(letter_ids)).returning(_X.id)
    return _ids(session, gone)


def delete_received(session: Session, invitation_ids: Sequence[str]) -> list[str]:
    """Drop the text of messages about invitations, and that they were."""
    contexts = [f"invitation:{one}" for one in invitation_ids]
    empty = update(IntakeMessage).where(_N.context.in_(contexts)).values(raw=None, context=None)
    return _ids(session, empty.returning(_N.id))


def find_loose(session: Session, invitation_ids: Sequence[str]) -> list[str]:
    """Return who of those invited is on no list and invited to nothing else, no series either."""
    query = select(_I.person_id).where(_I.id.in_(invitation_ids))
    elsewhere = Invitation.__table__.alias()  # type: ignore[attr-defined]
    others = exists(
        select(elsewhere.c.id).where(elsewhere.c.person_id == _I.person_id, elsewhere.c.id.not_in(invitation_ids))
    )
    on_list = exists(select(_M.list_id).where(_M.person_id == _I.person_id))
    return _ids(session, query.where(~others, ~on_list, ~_stands(_I.person_id)))


def _stands(person_id: Any) -> Any:
    """Return the condition that someone stands invited to a series."""
    return exists(select(_S.id).where(_S.person_id == person_id, _S.ended_at.is_(None)))


def _ids(session: Session, statement: Any) -> list[str]:
    return [str(one) for one in session.execute(statement).scalars()]


# By age alone


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rows of one class: those still held, since when each is, and how a few of them are deleted.

    `key` names a row; rows are found in its order, a few at a time.
    """

    what: str
    key: Any
    since: Any
    is_held: Any
    remove: Callable[[Session, Sequence[str]], None]


def _empty_slots(session: Session, ids: Sequence[str]) -> None:
    session.execute(update(Delivery).where(_D.id.in_(ids)).values(slots={}, smtp_text=""))


def _empty_addresses(session: Session, ids: Sequence[str]) -> None:
    session.execute(update(Delivery).where(_D.id.in_(ids)).values(address="", domain="", address_hash=""))


def _delete_mailbox(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(MailboxLetter).where(_X.id.in_(ids)))


def _empty_received(session: Session, ids: Sequence[str]) -> None:
    session.execute(update(IntakeMessage).where(_N.id.in_(ids)).values(raw=None))


def _delete_audit(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(AuditEntry).where(_U.id.in_(ids)))


def _delete_history(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(PersonChange).where(_H.id.in_(ids)))


def _delete_introductions(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(Introduction).where(_O.id.in_(ids)))


def _delete_quotes(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(Quote).where(_Z.id.in_(ids)))


_SHELVES: dict[Held, Shelf] = {
    Held.SLOTS: Shelf(
        "letter slots", _D.id, _D.finished_at, or_(cast(_D.slots, String) != "{}", _D.smtp_text != ""), _empty_slots
    ),
    Held.ADDRESSES: Shelf("addresses on letters", _D.id, _D.finished_at, _D.address != "", _empty_addresses),
    Held.MAILBOX: Shelf("mailbox letters", _X.id, _X.at, _X.id != "", _delete_mailbox),
    Held.RECEIVED: Shelf("messages received", _N.id, _N.at, _N.raw.is_not(None), _empty_received),
    Held.HISTORY: Shelf("changes", _H.id, _H.at, _H.id != "", _delete_history),
    Held.INTRODUCTIONS: Shelf("introductions", _O.id, _O.noted_at, _O.id != "", _delete_introductions),
    Held.QUOTES: Shelf("quotes", _Z.id, _Z.ends_at, _Z.id != "", _delete_quotes),
    Held.EVIDENCE: Shelf("evidence", _V.id, _V.added_at, _V.names_people.is_(False), delete_files),
    Held.NAMING: Shelf("evidence that names people", _V.id, _V.added_at, _V.names_people.is_(True), delete_files),
    Held.AUDIT: Shelf("audit entries", _U.id, _U.at, _U.id != "", _delete_audit),
}
BY_AGE = (*_SHELVES, Held.IMPORTS)


def find_old(session: Session, held: Held, *, before: datetime, after: str, limit: int) -> list[str]:
    """Return some rows of a class that are older than an instant, in order, after the last one found."""
    if held is Held.IMPORTS:
        return [f"{batch}:{row}" for batch, row in session.execute(_old_import_rows(before).limit(limit))]
    shelf = _SHELVES[held]
    query = select(shelf.key).where(shelf.key > after, shelf.since < before, shelf.is_held)
    return _ids(session, query.order_by(shelf.key).limit(limit))


def remove_old(session: Session, held: Held, ids: Sequence[str]) -> dict[str, list[str]]:
    """Delete or empty rows of a class; return them by what they were."""
    if held is Held.IMPORTS:
        for batch, row in (one.split(":") for one in ids):
            session.execute(delete(ImportOriginal).where(_F.batch_id == batch))
            session.execute(delete(ImportRow).where(_R.batch_id == batch, _R.row == int(row)))
        return {"import rows": list(ids)}
    _SHELVES[held].remove(session, ids)
    return {_SHELVES[held].what: list(ids)}


def _old_import_rows(before: datetime) -> Any:
    """Return the query of rows of imports read before an instant, but for those being carried out.

    The file that is kept for a preview is row 0.
    """
    is_old = and_(_B.created_at < before, _B.state.not_in(_UNDER_WAY))
    rows = select(_R.batch_id, _R.row).join(ImportBatch, _B.id == _R.batch_id).where(is_old)
    files = select(_F.batch_id, literal(0).label("row")).join(ImportBatch, _B.id == _F.batch_id).where(is_old)
    return union_all(rows, files).order_by("batch_id", "row")


def count_old(session: Session, held: Held, *, before: datetime) -> int:
    """Count the rows of a class that are older than an instant."""
    if held is Held.IMPORTS:
        query = select(func.count()).select_from(_old_import_rows(before).subquery())
    else:
        shelf = _SHELVES[held]
        query = select(func.count(shelf.key)).where(shelf.since < before, shelf.is_held)
    return int(session.execute(query).scalar_one())


def oldest(session: Session, held: Held) -> datetime | None:
    """Return since when the oldest row of a class is held."""
    if held is Held.IMPORTS:
        rows = or_(exists().where(_R.batch_id == _B.id), exists().where(_F.batch_id == _B.id))
        query = select(func.min(_B.created_at)).where(_B.state.not_in(_UNDER_WAY), rows)
    else:
        shelf = _SHELVES[held]
        query = select(func.min(shelf.since)).where(shelf.is_held)
    found: datetime | None = session.execute(query).scalar_one()
    return found


# People who belong to nothing


def _belongs_to_nothing(before: datetime) -> Any:
    on_list = exists(select(_M.list_id).where(_M.person_id == _P.id))
    invited = exists(select(_I.id).where(_I.person_id == _P.id))
    return and_(_P.updated_at < before, ~on_list, ~invited, ~_stands(_P.id))


def count_leftover(session: Session, *, before: datetime) -> int:
    """Count the people on no list, invited to nothing, untouched since an instant."""
    return int(session.execute(select(func.count(_P.id)).where(_belongs_to_nothing(before))).scalar_one())


def read_leftover(session: Session, *, before: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the people on no list, invited to nothing, untouched since an instant, longest first."""
    wanted = select(_P.id, _P.name, _P.pseudonym, _P.at_risk, _P.email, _P.updated_at)
    query = wanted.where(_belongs_to_nothing(before)).order_by(_P.updated_at, _P.id).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def empty_sign_ups(session: Session, *, before: datetime) -> int:
    """Empty what strangers asked for and nobody confirmed in time: the address, its hash and the name."""
    asked = select(_G.id).where(_G.kind == sign_ups.KIND, _G.created_at < before)
    is_still = _D.state != DeliveryState.SENDING.value
    theirs = update(Delivery).where(_D.mailing_id.in_(asked), _D.address != "", is_still)
    done = session.execute(theirs.values(address="", address_hash="", domain="", slots={}, smtp_text=""))
    return int(done.rowcount)  # type: ignore[attr-defined]
