"""The SQL of what guests said after events, counted by event: live, and as tallies that outlive the invitations.

A letter counts as sent when a relay took it. Nameless answers are counted where they lie: they go with no invitation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select, true
from sqlmodel import Session

from service.db.rows import unsought
from service.db.types import columns
from service.dissemination.proving import Claim
from service.dissemination.tables.results import EvidenceFile
from service.invitations.survey_form import Progress
from service.invitations.tables import Commitment, Invitation, SurveyAnswer, SurveyReturn
from service.letters.values import Kind
from service.mail.tables import Delivery, Mailing
from service.mail.values import DeliveryState
from service.people.tables import Audience, Person

_I, _R, _A, _C = columns(Invitation), columns(SurveyReturn), columns(SurveyAnswer), columns(Commitment)
_D, _G = columns(Delivery), columns(Mailing)
_P, _U, _F = columns(Person), columns(Audience), columns(EvidenceFile)
_PROMISED = ("committed", "commitments_asked", "commitments_kept", "commitments_shown", "commitments_bare")
_KEPT = (Progress.DONE.value, Progress.PARTLY.value)
PROOF = ("shown", "bare")
USEFUL = 4  # of 5, and more
# What is kept of invitations that are deleted; how many were asked stands in the letters that were sent.
TALLIED = (
    "surveys_returned",
    "usefulness_answers",
    "found_useful",
    "committed",
    "commitments_asked",
    "commitments_kept",
    "commitments_shown",
    "commitments_bare",
    "use_answers",
    "used_in_work",
)


def read(session: Session, held: Sequence[str], *, today: date) -> dict[str, Counter[str]]:
    """Return what guests said after events that were held, by event; events without anything are left out."""
    returned = _returns(unsought(_I.event_id.in_(held)))
    found = _count(session, returned, _answers(_A.event_id.in_(held)), _commitments(_C.event_id.in_(held), today))
    for context, sent in session.execute(_sent(Kind.SURVEY, [f"event:{one}" for one in held])):
        found[context.removeprefix("event:")]["surveys_sent"] = int(sent)
    return dict(found)


def read_by_audience(session: Session, held: Sequence[str], *, today: date) -> dict[str | None, Counter[str]]:
    """Return who was asked, and what was promised and kept, by the audience of each; None for those without one."""
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    keys = {row.id: row.key for row in session.execute(select(_U.id, _U.key))}
    promised = _promises(_P.audience_id, today).join(Invitation, _I.id == _C.invitation_id)
    promised = promised.join(Person, _P.id == _I.person_id).where(_C.event_id.in_(held))
    for audience, *numbers in session.execute(promised.group_by(_P.audience_id)):
        found[keys.get(audience)].update(dict(zip(_PROMISED, map(int, numbers), strict=True)))
    contexts = [f"event:{one}" for one in held]
    sent = select(_P.audience_id, func.count(_D.recipient_ref.distinct())).join(Mailing, _D.mailing_id == _G.id)
    sent = sent.outerjoin(Invitation, _I.id == _D.recipient_ref).outerjoin(Person, _P.id == _I.person_id)
    for audience, n in session.execute(sent.where(_was_sent(Kind.SURVEY, contexts)).group_by(_P.audience_id)):
        found[keys.get(audience)]["surveys_sent"] = int(n)
    return dict(found)


def sum_shown(by_event: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return of how many commitments that were kept a file shows it, and of how many none does; nothing of none."""
    found = {name: sum(counts.get(f"commitments_{name}", 0) for counts in by_event.values()) for name in PROOF}
    return found if any(found.values()) else {}


def read_marks(session: Session, held: Sequence[str]) -> dict[str, int]:
    """Return how many gave each mark for usefulness, from “1” to “5”."""
    query = select(_A.usefulness, func.count()).where(_A.event_id.in_(held), _A.usefulness.is_not(None))
    return {str(mark): int(n) for mark, n in session.execute(query.group_by(_A.usefulness))}


def read_used(session: Session, held: Sequence[str]) -> dict[str, int]:
    """Return how many named each output as the one that they used in their work, by its key."""
    query = select(_A.chapter, func.count()).where(_A.event_id.in_(held), _A.used.is_(true()), _A.chapter != "")
    return {key: int(n) for key, n in session.execute(query.group_by(_A.chapter))}


def count_of(session: Session, invitation_ids: Sequence[str], *, today: date) -> Mapping[str, Counter[str]]:
    """Return what those invited said under their names, by event: what is kept when they are deleted."""
    said = _answers(_A.invitation_id.in_(invitation_ids))
    promised = _commitments(_C.invitation_id.in_(invitation_ids), today)
    return _count(session, _returns(_I.id.in_(invitation_ids)), said, promised)


def _count(session: Session, *queries: Select[Any]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for query in queries:
        for event_id, *numbers in session.execute(query):
            names = query.selected_columns.keys()[1:]
            said = {name: int(n) for name, n in zip(names, numbers, strict=True) if n}
            if said:
                found[event_id].update(said)
    return found


def _sent(kind: Kind, contexts: Sequence[str]) -> Select[Any]:
    """Return the query of how many got a letter of a kind, by the context of its mailings."""
    query = select(_G.context, func.count(_D.recipient_ref.distinct())).join(Delivery, _D.mailing_id == _G.id)
    return query.where(_was_sent(kind, contexts)).group_by(_G.context)


def _was_sent(kind: Kind, contexts: Sequence[str]) -> ColumnElement[bool]:
    return and_(_G.kind == kind.value, _G.context.in_(contexts), _D.state == DeliveryState.SENT.value)


def _got(kind: Kind, invitation_id: Any) -> ColumnElement[bool]:
    """Return the condition that an invitation got a letter of a kind."""
    of_kind = _D.mailing_id.in_(select(_G.id).where(_G.kind == kind.value))
    query = select(_D.recipient_ref).where(of_kind, _D.state == DeliveryState.SENT.value)
    return invitation_id.in_(query)  # type: ignore[no-any-return]


def _returns(invited: ColumnElement[bool]) -> Select[Any]:
    query = select(_I.event_id, func.count().label("surveys_returned")).join(SurveyReturn, _R.invitation_id == _I.id)
    return query.where(invited, _R.answered.is_(true()), _got(Kind.SURVEY, _R.invitation_id)).group_by(_I.event_id)


def _answers(answered: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            _A.event_id,
            func.count(_A.usefulness).label("usefulness_answers"),
            func.sum(case((_A.usefulness >= USEFUL, 1), else_=0)).label("found_useful"),
            func.count(_A.used).label("use_answers"),
            func.sum(case((_A.used.is_(true()), 1), else_=0)).label("used_in_work"),
        )
        .where(answered)
        .group_by(_A.event_id)
    )


def _commitments(theirs: ColumnElement[bool], today: date) -> Select[Any]:
    return _promises(_C.event_id, today).where(theirs).group_by(_C.event_id)


def _promises(by: Any, today: date) -> Select[Any]:
    """Return the query of what was promised and kept beside a column, in the order of `_PROMISED`; not grouped yet."""
    is_asked = and_(_C.due_on <= today, _got(Kind.COMMITMENT_CHECK, _C.invitation_id))
    is_kept = and_(is_asked, _C.state.in_(_KEPT))
    is_shown = _C.id.in_(select(_F.record_id).where(_F.kind == Claim.COMMITMENT.value))
    parts = (and_(is_kept, is_shown), and_(is_kept, not_(is_shown)))
    said = (_got(Kind.SURVEY, _C.invitation_id), is_asked, is_kept, *parts)
    sums = [func.sum(case((one, 1), else_=0)).label(name) for name, one in zip(_PROMISED, said, strict=True)]
    return select(by, *sums).select_from(Commitment)
