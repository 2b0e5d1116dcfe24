"""The SQL of what follows an event: its plan, who has answered, and what was said."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.invitations.survey_form import Answer, Commitment, Plan, Progress, Return
from service.invitations.tables import Commitment as CommitmentRow
from service.invitations.tables import FollowUp, Invitation, SurveyAnswer, SurveyReturn
from service.kernel.errors import NotFound
from service.kernel.ids import from_bytes

_F, _R, _A, _C, _I = (
    columns(FollowUp),
    columns(SurveyReturn),
    columns(SurveyAnswer),
    columns(CommitmentRow),
    columns(Invitation),
)
_PLAN = [_F[name] for name in Plan.__dataclass_fields__]
_RETURN = [_R[name] for name in Return.__dataclass_fields__]
_ANSWER = [_A[name] for name in Answer.__dataclass_fields__]
_COMMITMENT = [_C[name] for name in Commitment.__dataclass_fields__]
CHUNK = 500


class UnknownCommitment(NotFound):
    """There is no such commitment."""

    code = "unknown-commitment"


# The plan


def read_plan(session: Session, event_id: str) -> Plan:
    """Return what follows an event; nothing is approved as long as nobody looked."""
    row = session.execute(select(*_PLAN).where(_F.event_id == event_id)).mappings().first()
    return Plan(**{**row, "materials": tuple(row["materials"])}) if row else Plan(event_id)


def write_plan(session: Session, plan: Plan) -> None:
    """Write what follows an event."""
    values = {**asdict(replace(plan, materials=())), "materials": [dict(one) for one in plan.materials]}
    _put(session, FollowUp, _F.event_id, values)


# Who has answered


def read_return(session: Session, invitation_id: str) -> Return:
    """Return whether a guest has answered, and what they wish to get."""
    row = session.execute(select(*_RETURN).where(_R.invitation_id == invitation_id)).mappings().first()
    return Return(**row) if row else Return(invitation_id)


def read_returns(session: Session, event_id: str) -> dict[str, Return]:
    """Return who of an event has answered or wishes something, by invitation."""
    query = select(*_RETURN).join(Invitation, _I.id == _R.invitation_id).where(_I.event_id == event_id)
    return {row["invitation_id"]: Return(**row) for row in session.execute(query).mappings()}


def write_return(session: Session, one: Return) -> None:
    """Write that a guest has answered, and what they wish to get."""
    _put(session, SurveyReturn, _R.invitation_id, asdict(one))


# What was said


def chance_id() -> str:
    """Return an identifier of pure chance: it says nothing of when it was made."""
    return from_bytes(secrets.randbits(48), secrets.token_bytes(10))


def read_answer(session: Session, invitation_id: str) -> Answer | None:
    """Return what a guest said under their name."""
    row = session.execute(select(*_ANSWER).where(_A.invitation_id == invitation_id)).mappings().first()
    return Answer(**row) if row else None


def read_answers(session: Session, event_id: str) -> list[Answer]:
    """Return what was said of an event, in no order that tells anything."""
    rows = session.execute(select(*_ANSWER).where(_A.event_id == event_id).order_by(_A.id))
    return [Answer(**row) for row in rows.mappings()]


def write_answer(session: Session, answer: Answer) -> None:
    """Write what a guest said under their name."""
    _put(session, SurveyAnswer, _A.id, asdict(answer))


def add_nameless(session: Session, answer: Answer) -> None:
    """Put a nameless answer among the others of its event, and shake them.

    All of them are written anew in an order of chance: neither ids nor the places of rows in a file say which came
    last. The event's row is held meanwhile.
    """
    nameless = (_A.event_id == answer.event_id, _A.invitation_id.is_(None))
    rows = [dict(row) for row in session.execute(select(*_ANSWER).where(*nameless)).mappings()]
    rows = [{**row, "id": chance_id()} for row in [*rows, asdict(answer)]]
    random.SystemRandom().shuffle(rows)
    session.execute(delete(SurveyAnswer).where(*nameless))
    session.execute(insert(SurveyAnswer), rows)


# What they will do


def read_commitment(session: Session, commitment_id: str) -> Commitment:
    """Return one commitment.

    Raises:
        UnknownCommitment: there is none of this id.
    """
    row = session.execute(select(*_COMMITMENT).where(_C.id == commitment_id)).mappings().first()
    if row is None:
        raise UnknownCommitment("There is no such commitment.")
    return _commitment(row)


def find_commitment(session: Session, invitation_id: str) -> Commitment | None:
    """Return what a guest will do."""
    row = session.execute(select(*_COMMITMENT).where(_C.invitation_id == invitation_id)).mappings().first()
    return _commitment(row) if row else None


def read_commitments(session: Session, event_ids: Sequence[str]) -> list[Commitment]:
    """Return what guests of some events will do, by day."""
    found: list[Commitment] = []
    for start in range(0, len(event_ids), CHUNK):
        query = select(*_COMMITMENT).where(_C.event_id.in_(event_ids[start : start + CHUNK]))
        found += [_commitment(row) for row in session.execute(query).mappings()]
    return sorted(found, key=lambda one: (one.due_on, one.id))


def _commitment(row: Mapping[Any, Any]) -> Commitment:
    return Commitment(**{**row, "state": Progress(row["state"])})


def write_commitment(session: Session, one: Commitment) -> None:
    """Write what a guest will do."""
    _put(session, CommitmentRow, _C.id, {**asdict(one), "state": one.state.value})


def delete_commitment(session: Session, invitation_id: str) -> None:
    """Take away what a guest said they would do."""
    session.execute(delete(CommitmentRow).where(_C.invitation_id == invitation_id))


def _put(session: Session, table: Any, key: Any, values: Mapping[str, Any]) -> None:
    """Write a row, there or not; the caller holds the event's row."""
    done = session.execute(update(table).where(key == values[key.name]).values(**values))
    if not done.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(table).values(**values))
