"""The SQL of editing the plan: its lines, outputs, targets and approved versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.store import milestone_row
from service.dissemination.tables.plan import IndicatorTarget, PlanVersion
from service.dissemination.tables.plan import Output as OutputRow
from service.dissemination.tables.plan import PlanLine as PlanRow
from service.dissemination.values.plan import Output, PlanLine, Target
from service.dissemination.versions import Version
from service.events.tables import Event
from service.kernel.errors import NotFound
from service.kernel.ids import new_id

_L, _O, _T, _V = columns(PlanRow), columns(OutputRow), columns(IndicatorTarget), columns(PlanVersion)
_OUTPUT = [_O[name] for name in Output.__dataclass_fields__]
_VERSION = [_V[name] for name in Version.__dataclass_fields__]


class UnknownOutput(NotFound):
    """There is no such output in the project."""

    code = "unknown-output"


class UnknownVersion(NotFound):
    """The plan has no approved version of this number."""

    code = "unknown-version"


class UnknownTarget(NotFound):
    """The plan promises nothing for this indicator."""

    code = "unknown-target"


def read_event_keys(session: Session, project_id: str) -> dict[str, str]:
    """Return what a plan line may call an event, and its title, in order of start."""
    c = columns(Event)
    query = select(c.slug, c.title).where(c.project_id == project_id).order_by(c.starts_at, c.id)
    return {row.slug: row.title for row in session.execute(query)}


def add_line(session: Session, project_id: str, line: PlanLine) -> None:
    """Insert a line of the plan."""
    insert_row(session, PlanRow, {**asdict(line), "status": line.status.value, "project_id": project_id})


def write_line(session: Session, line: PlanLine) -> None:
    """Write a whole line."""
    values = asdict(line) | {"status": line.status.value}
    session.execute(update(PlanRow).where(_L.id == line.id).values({k: v for k, v in values.items() if k != "id"}))


def read_outputs(session: Session, project_id: str) -> list[Output]:
    """Return the outputs of a project by kind, number and key."""
    query = select(*_OUTPUT).where(_O.project_id == project_id).order_by(_O.kind, _O.number, _O.key)
    return [_output(row) for row in session.execute(query).mappings()]


def read_output(session: Session, project_id: str, output_id: str) -> Output:
    """Return one output.

    Raises:
        UnknownOutput: the project has none of this id.
    """
    query = select(*_OUTPUT).where(_O.project_id == project_id, _O.id == output_id)
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownOutput("There is no such output.")
    return _output(row)


def _output(row: Mapping[Any, Any]) -> Output:
    return Output(**{**row, "languages": tuple(row["languages"]), "tags": tuple(row["tags"])})


def add_output(session: Session, project_id: str, output: Output) -> None:
    """Insert an output."""
    insert_row(session, OutputRow, {**_values(output), "project_id": project_id})


def write_output(session: Session, output: Output) -> None:
    """Write a whole output."""
    values = {name: value for name, value in _values(output).items() if name != "id"}
    session.execute(update(OutputRow).where(_O.id == output.id).values(values))


def _values(output: Output) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(output).items()}


def put_target(session: Session, project_id: str, target: Target) -> None:
    """Write what the plan promises for an indicator, in place of what it promised."""
    values = asdict(target)
    values["milestones"] = [milestone_row(one) for one in values["milestones"]]
    mine = (_T.project_id == project_id, _T.indicator == target.indicator)
    if not session.execute(update(IndicatorTarget).where(*mine).values(values)).rowcount:  # type: ignore[attr-defined]
        insert_row(session, IndicatorTarget, {**values, "project_id": project_id})


def remove_target(session: Session, project_id: str, indicator: str) -> None:
    """Take a promise out of the plan.

    Raises:
        UnknownTarget: there is none.
    """
    mine = (_T.project_id == project_id, _T.indicator == indicator)
    if not session.execute(delete(IndicatorTarget).where(*mine)).rowcount:  # type: ignore[attr-defined]
        raise UnknownTarget("The plan promises nothing for this indicator.")


def add_version(session: Session, version: Version) -> None:
    """Insert an approved version."""
    insert_row(session, PlanVersion, {"id": new_id(), **asdict(version)})


def read_versions(session: Session, project_id: str) -> list[Version]:
    """Return the approved versions of a plan, the newest first."""
    query = select(*_VERSION).where(_V.project_id == project_id).order_by(_V.number.desc())
    return [Version(**row) for row in session.execute(query).mappings()]


def read_version(session: Session, project_id: str, number: int) -> Version:
    """Return one approved version.

    Raises:
        UnknownVersion: there is none of this number.
    """
    query = select(*_VERSION).where(_V.project_id == project_id, _V.number == number)
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownVersion("The plan has no approved version of this number.")
    return Version(**row)
