"""The SQL of showing what is held on someone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.directory.tables import DifferentPeople, PersonKey, PersonMerge
from service.events.tables import Event
from service.invitations.tables import Invitation, Reply, SubstituteRequest
from service.mail.tables import Delivery, IntakeMessage, MailboxLetter, Mailing, Suppression
from service.people.tables import (
    Audience,
    ConsentRecord,
    MailingList,
    Membership,
    MergedId,
    Organisation,
    Person,
    PersonChange,
)
from service.privacy.store.matching import contexts_of, is_told_apart, lowered, rows_of, speaks_of
from service.privacy.store.surveys import read_said
from service.privacy.values import Subject

_M, _C, _H = columns(Membership), columns(ConsentRecord), columns(PersonChange)
_P, _I, _Y = columns(Person), columns(Invitation), columns(Reply)
_T, _D, _G = columns(SubstituteRequest), columns(Delivery), columns(Mailing)
_U = columns(PersonMerge)
_W, _L, _A = columns(PersonKey), columns(DifferentPeople), columns(MergedId)
_X, _N, _S = columns(MailboxLetter), columns(IntakeMessage), columns(Suppression)


def read_people(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return all columns of the people, with the names of organisation and audience."""
    organisation, audience = columns(Organisation), columns(Audience)
    query = select(*_P, organisation.name.label("organisation"), audience.name.label("audience"))
    query = query.outerjoin(Organisation, organisation.id == _P.organisation_id)
    query = query.outerjoin(Audience, audience.id == _P.audience_id).where(_P.id.in_(subject.person_ids))
    return rows_of(session, query)


def read_merges(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what merges of someone remember for their undoing, sealed where it is kept so."""
    query = select(_U.id, _U.kept_id, _U.taken_id, _U.at, _U.by, _U.journal).order_by(_U.at, _U.id)
    return rows_of(session, query.where(or_(_U.kept_id.in_(subject.refs), _U.taken_id.in_(subject.refs))))


def read_old_ids(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the ids that lead to someone, or to their invitations, since a merge."""
    return rows_of(session, select(*_A).where(_A.new_id.in_(subject.refs)).order_by(_A.old_id))


def read_lists(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the lists someone is on, and why."""
    listed = columns(MailingList)
    query = select(listed.name, listed.purpose, _M.basis, _M.source, _M.joined_at)
    return rows_of(
        session, query.join(MailingList, listed.id == _M.list_id).where(_M.person_id.in_(subject.person_ids))
    )


def read_consents(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what someone agreed to, oldest first."""
    return rows_of(session, select(*_C).where(_C.person_id.in_(subject.person_ids)).order_by(_C.at, _C.id))


def read_changes(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what changed of someone, oldest first, sealed where it is kept so."""
    return rows_of(session, select(*_H).where(_H.person_id.in_(subject.person_ids)).order_by(_H.at, _H.id))


def read_keys(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the hashes by which someone is looked up as a possible duplicate."""
    return rows_of(
        session, select(_W.kind, _W.key).where(_W.person_id.in_(subject.person_ids)).order_by(_W.kind, _W.key)
    )


def read_told_apart(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return when staff said that someone who looks like them is another; not who that is."""
    return rows_of(session, select(_L.at, _L.by).where(is_told_apart(subject.person_ids)).order_by(_L.at))


def read_invitations(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return invitations with the event's title and time, each with its `replies` and what was said afterwards."""
    event = columns(Event)
    query = select(*_I, event.title, event.whole_day, event.starts_local, event.time_zone).join(
        Event, event.id == _I.event_id
    )
    found = rows_of(session, query.where(_I.id.in_(subject.invitation_ids)).order_by(_I.id))
    answers = rows_of(session, select(*_Y).where(_Y.invitation_id.in_(subject.invitation_ids)).order_by(_Y.at, _Y.id))
    wished = select(_T.invitation_id, _T.at, _T.state).where(_T.invitation_id.in_(subject.invitation_ids))
    wishes = rows_of(session, wished.order_by(_T.at, _T.id))
    said = read_said(session, subject.invitation_ids)
    named = [{**one, "replies": _of(one, answers), "colleagues named": _of(one, wishes)} for one in found]
    return [{**one, **said.get(one["id"], {})} for one in named]


def read_named(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return where an invitee named someone to be invited instead, and nobody has decided yet."""
    wanted = [_T.at, _T.name, _T.email, _T.state]
    return rows_of(session, select(*wanted).where(func.lower(_T.email).in_(lowered(subject))).order_by(_T.at, _T.id))


def _of(invitation: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["invitation_id"] == invitation["id"]]


def read_deliveries(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the letters to someone, with what was filled in for them."""
    wanted = [_G.kind, _D.id, _D.state, _D.created_at, _D.finished_at, _D.address, _D.language, _D.slots]
    query = select(*wanted).join(Mailing, _G.id == _D.mailing_id).order_by(_D.id)
    return rows_of(
        session, query.where(or_(_D.recipient_ref.in_(subject.refs), func.lower(_D.address).in_(lowered(subject))))
    )


def read_mailbox(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the letters to someone in the local mailbox."""
    query = select(_X.id, _X.to, _X.subject, _X.kind, _X.at).where(func.lower(_X.to).in_(lowered(subject)))
    return rows_of(session, query.order_by(_X.id))


def read_intake(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return what came from someone by mail, with the text while it is kept."""
    contexts = contexts_of(subject)
    query = select(_N.at, _N.verdict, _N.applied, _N.reason, _N.context, _N.raw).order_by(_N.at)
    rows = rows_of(session, query.where(or_(_N.raw.is_not(None), _N.context.in_(contexts))))
    theirs = [row for row in rows if row["context"] in contexts or speaks_of(row["raw"], subject)]
    return [{**row, "raw": (row["raw"] or b"").decode("utf-8", "replace")} for row in theirs]


def read_suppressions(session: Session, hashes: Sequence[str]) -> list[dict[str, Any]]:
    """Return what addresses are not written to, and why."""
    return rows_of(session, select(_S.scope, _S.reason, _S.at).where(_S.address_hash.in_(hashes)).order_by(_S.at))
