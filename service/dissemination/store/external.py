"""The SQL of what others count: sources, and their numbers by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.external import Provider, Reading, Source, lines
from service.dissemination.snapshots import ExternalLine, ExternalMetric, Period
from service.dissemination.tables.figures import ExternalFigure, ExternalSource
from service.events.tables import Project
from service.kernel.errors import NotFound
from service.people.store.common import insert_into

_S, _F, _J = columns(ExternalSource), columns(ExternalFigure), columns(Project)
_SOURCE = [_J.starts_on.label("since") if name == "since" else _S[name] for name in Source.__dataclass_fields__]

Latest = dict[tuple[str, ExternalMetric], Reading]


class UnknownSource(NotFound):
    """The project has no such source."""

    code = "unknown-source"


def add_source(session: Session, row: Mapping[str, Any]) -> None:
    """Insert a source."""
    session.execute(insert_into(session, ExternalSource).values(**row))


def read_sources(session: Session, project_id: str) -> list[Source]:
    """Return the sources of a project by label."""
    return _sources(session, _S.project_id == project_id)


def read_source(session: Session, project_id: str, source_id: str) -> Source:
    """Return one source.

    Raises:
        UnknownSource: the project has none of this id.
    """
    found = _sources(session, _S.project_id == project_id, _S.id == source_id)
    if not found:
        raise UnknownSource("There is no such source.")
    return found[0]


def read_due(session: Session, *, now: datetime) -> Source | None:
    """Return the source that has been due the longest, or None."""
    query = select(_S.id).where(_S.next_at <= now).order_by(_S.next_at, _S.id).limit(1)
    source_id = session.execute(query).scalar()
    return _sources(session, _S.id == source_id)[0] if source_id else None


def _sources(session: Session, *where: Any) -> list[Source]:
    query = select(*_SOURCE).join(Project, _J.id == _S.project_id).where(*where).order_by(_S.label, _S.id)
    return [Source(**{**row, "provider": Provider(row["provider"])}) for row in session.execute(query).mappings()]


def write_source(session: Session, source_id: str, **values: Any) -> bool:
    """Write the given columns of a source; tell whether it is still there."""
    done = session.execute(update(ExternalSource).where(_S.id == source_id).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def remove_source(session: Session, source_id: str) -> None:
    """Delete a source and its numbers; frozen reports keep theirs."""
    session.execute(delete(ExternalFigure).where(_F.source_id == source_id))
    session.execute(delete(ExternalSource).where(_S.id == source_id))


def write_readings(session: Session, readings: Iterable[Reading]) -> None:
    """Write numbers; one of the same day takes the place of the earlier."""
    rows = [{**asdict(one), "metric": one.metric.value} for one in readings]
    if rows:
        statement = insert_into(session, ExternalFigure)
        same = ["source_id", "metric", "as_of"]
        newest = statement.on_conflict_do_update(index_elements=same, set_={"value": statement.excluded.value})
        session.connection().execute(newest, rows)


def read_latest(session: Session, project_id: str, *, before: date | None = None) -> Latest:
    """Return the latest number of each source and metric, of days before a day if one is given."""
    newest = select(_F.source_id, _F.metric, func.max(_F.as_of).label("as_of"))
    newest = newest.join(ExternalSource, _S.id == _F.source_id).where(_S.project_id == project_id)
    if before:
        newest = newest.where(_F.as_of < before)
    last = newest.group_by(_F.source_id, _F.metric).subquery()
    same = (_F.source_id == last.c.source_id, _F.metric == last.c.metric, _F.as_of == last.c.as_of)
    rows = session.execute(select(_F.source_id, _F.metric, _F.as_of, _F.value).join(last, and_(*same)))
    readings = [Reading(row.source_id, ExternalMetric(row.metric), row.as_of, row.value) for row in rows]
    return {(one.source_id, one.metric): one for one in readings}


def read_lines(session: Session, project_id: str, period: Period | None = None) -> tuple[ExternalLine, ...]:
    """Return every number of a project side by side, as it stood at the end of a period or stands now."""
    latest = read_latest(session, project_id, before=period.ends_on if period else None)
    return lines(read_sources(session, project_id), latest)
