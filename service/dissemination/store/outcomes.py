"""The SQL of outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.facts import RecordFact
from service.dissemination.harvest import COUNTED, ChangeKind, Outcome, OutcomeState
from service.dissemination.snapshots import Period
from service.dissemination.tables.results import Outcome as OutcomeRow
from service.dissemination.values.figures import NOT_STATED, Dimension
from service.kernel.errors import NotFound

_O = columns(OutcomeRow)
_OUTCOME = [_O[name] for name in Outcome.__dataclass_fields__]


class UnknownOutcome(NotFound):
    """The project has no such outcome."""

    code = "unknown-outcome"


def add_outcome(session: Session, project_id: str, outcome: Outcome) -> None:
    """Insert an outcome."""
    insert_row(session, OutcomeRow, {**asdict(outcome), "project_id": project_id})


def write_outcome(session: Session, outcome: Outcome) -> None:
    """Write what an outcome says and how far it is."""
    values = {name: value for name, value in asdict(outcome).items() if name != "id"}
    session.execute(update(OutcomeRow).where(_O.id == outcome.id).values(values))


def read_outcomes(session: Session, project_id: str) -> list[Outcome]:
    """Return the outcomes of a project, the latest change first, those without a day before them."""
    query = select(*_OUTCOME).where(_O.project_id == project_id)
    rows = session.execute(query.order_by(_O.changed_on.is_not(None), _O.changed_on.desc(), _O.id.desc())).mappings()
    return [_outcome(row) for row in rows]


def read_confirmed(session: Session, project_id: str, period: Period | None) -> list[Outcome]:
    """Return the outcomes that are agreed or substantiated, the latest first; those that changed in a period."""
    return [
        one
        for one in read_outcomes(session, project_id)
        if one.state in (OutcomeState.AGREED, OutcomeState.SUBSTANTIATED)
        and (period is None or (one.changed_on and period.starts_on <= one.changed_on < period.ends_on))
    ]


def read_outcome(session: Session, project_id: str, outcome_id: str) -> Outcome:
    """Return one outcome, held until the transaction ends.

    Raises:
        UnknownOutcome: the project has none of this id.
    """
    query = select(*_OUTCOME).where(_O.project_id == project_id, _O.id == outcome_id)
    row = session.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise UnknownOutcome("There is no such outcome.")
    return _outcome(row)


def find_proposed(session: Session, project_id: str, source: str) -> Outcome | None:
    """Return the outcome that was proposed of a source, or None."""
    query = select(*_OUTCOME).where(_O.project_id == project_id, _O.source == source)
    row = session.execute(query).mappings().first()
    return _outcome(row) if row else None


def count_proposed(session: Session, project_id: str) -> int:
    """Count the proposals that wait for someone."""
    waits = (_O.project_id == project_id, _O.state == OutcomeState.PROPOSED.value)
    return int(session.execute(select(func.count()).where(*waits)).scalar_one())


def read_facts(session: Session, project_id: str, period: Period | None) -> list[RecordFact]:
    """Return the outcomes that count, those that changed on the days of a period."""
    query = select(_O.state, _O.kind, _O.audience_key).where(_O.project_id == project_id)
    query = query.where(_O.state.in_([state.value for state in COUNTED])).order_by(_O.id)
    if period:
        query = query.where(_O.changed_on >= period.starts_on, _O.changed_on < period.ends_on)
    return [
        RecordFact(
            1, {Dimension.STATE: state, Dimension.KIND: kind or NOT_STATED, Dimension.AUDIENCE: who or NOT_STATED}
        )
        for state, kind, who in session.execute(query)
    ]


def _outcome(row: Mapping[Any, Any]) -> Outcome:
    kind = ChangeKind(row["kind"]) if row["kind"] else None
    return Outcome(**{**row, "state": OutcomeState(row["state"]), "kind": kind})
