"""The SQL of snapshots: their content, where each stands, and the one that readers have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.snapshots import Period, SnapshotLine, State
from service.dissemination.store import quotes
from service.dissemination.tables.reports import Snapshot
from service.dissemination.values.figures import Profile
from service.kernel.errors import NotFound
from service.people.tables import Person

_S = columns(Snapshot)
_LISTED = [column for column in _S if column.name not in ("body", "definitions_version")]
_NEWEST = (_S.created_at.desc(), _S.id.desc())


class UnknownSnapshot(NotFound):
    """There is no such snapshot."""

    code = "unknown-snapshot"

    def __init__(self) -> None:
        super().__init__("There is no such snapshot.")


def add_snapshot(session: Session, line: SnapshotLine, body: Mapping[str, Any], definitions_version: int) -> None:
    """Insert a snapshot."""
    values = {**_values(line), "body": dict(body), "definitions_version": definitions_version}
    insert_row(session, Snapshot, values)
    quotes.note_held(session, line.id, body)


def write_line(session: Session, line: SnapshotLine) -> None:
    """Write where a snapshot stands."""
    session.execute(update(Snapshot).where(_S.id == line.id).values(_values(line)))


def write_draft(session: Session, line: SnapshotLine, body: Mapping[str, Any], definitions_version: int) -> None:
    """Write a draft anew, with its content."""
    values = {**_values(line), "body": dict(body), "definitions_version": definitions_version}
    session.execute(update(Snapshot).where(_S.id == line.id).values(values))
    quotes.note_held(session, line.id, body)


def _values(line: SnapshotLine) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in SnapshotLine.__dataclass_fields__ if name != "period"}
    days = {"period_from": line.period.starts_on, "period_to": line.period.ends_on}
    return {**values, **days, "profile": line.profile.value, "state": line.state.value}


def read_body(session: Session, snapshot_id: str) -> dict[str, Any]:
    """Return the Report JSON of a snapshot.

    Raises:
        UnknownSnapshot: there is none of this id.
    """
    body = session.execute(select(_S.body).where(_S.id == snapshot_id)).scalar()
    if body is None:
        raise UnknownSnapshot
    return dict(body)


def read_all(session: Session) -> Iterator[tuple[SnapshotLine, dict[str, Any]]]:
    """Give every snapshot of all projects with its Report JSON, in the order they were made."""
    query = select(*_LISTED, _S.body).order_by(_S.id)
    for row in session.execute(query).all():
        known = {name: value for name, value in row._mapping.items() if name != "body"}
        yield _line(known), dict(row.body)


def read_before(
    session: Session, project_id: str, profile: Profile, starts_on: date, *, but: str = ""
) -> tuple[str, dict[str, Any]] | None:
    """Return the last snapshot of a profile whose period began on a day, its id and Report JSON; a draft is one, too.

    `but` is left out of account.
    """
    same = and_(_S.project_id == project_id, _S.profile == profile.value, _S.period_from == starts_on, _S.id != but)
    row = session.execute(select(_S.id, _S.body).where(same).order_by(*_NEWEST).limit(1)).first()
    return (row.id, dict(row.body)) if row else None


def read_line(session: Session, snapshot_id: str, *, hold: bool = False) -> SnapshotLine:
    """Return where a snapshot stands; `hold` keeps all of its profile from others until the transaction ends.

    Raises:
        UnknownSnapshot: there is none of this id.
    """
    row = session.execute(select(*_LISTED).where(_S.id == snapshot_id)).first()
    if row is None:
        raise UnknownSnapshot
    if not hold:
        return _line(row._mapping)
    same = (_S.project_id == row.project_id, _S.profile == row.profile)
    held = session.execute(select(*_LISTED).where(*same).order_by(_S.id).with_for_update())
    return next(_line(one._mapping) for one in held if one.id == snapshot_id)


def read_snapshots(session: Session, project_id: str) -> list[SnapshotLine]:
    """Return the snapshots of a project, newest first."""
    query = select(*_LISTED).where(_S.project_id == project_id)
    return [_line(row._mapping) for row in session.execute(query.order_by(*_NEWEST))]


def read_issued_periods(session: Session, project_id: str, profile: Profile) -> list[Period]:
    """Return the periods of the reports of a profile that readers have or had."""
    states = (State.ISSUED.value, State.SUPERSEDED.value)
    same = (_S.project_id == project_id, _S.profile == profile.value, _S.state.in_(states))
    query = select(_S.period_from, _S.period_to).where(*same).distinct().order_by(_S.period_from, _S.period_to)
    return [Period(*row) for row in session.execute(query)]


def read_issued(session: Session, project_id: str, profile: Profile) -> SnapshotLine | None:
    """Return the report of a profile that is issued and not superseded."""
    same = (_S.project_id == project_id, _S.profile == profile.value, _S.state == State.ISSUED.value)
    row = session.execute(select(*_LISTED).where(*same).order_by(_S.issued_at.desc()).limit(1)).first()
    return _line(row._mapping) if row else None


def supersede(session: Session, project_id: str, profile: Profile, *, by: str, now: datetime) -> list[str]:
    """Note that the issued reports of a profile are superseded; return their ids."""
    same = (_S.project_id == project_id, _S.profile == profile.value, _S.state == State.ISSUED.value)
    gone = list(session.execute(select(_S.id).where(*same)).scalars())
    news = {"state": State.SUPERSEDED.value, "superseded_at": now, "superseded_by": by}
    session.execute(update(Snapshot).where(_S.id.in_(gone)).values(news))
    return gone


def read_names(session: Session) -> Iterable[str]:
    """Yield the name of everyone who is held here."""
    return session.execute(select(columns(Person).name).execution_options(yield_per=10_000)).scalars()


def _line(row: Mapping[Any, Any]) -> SnapshotLine:
    known = {**row}
    period = Period(known.pop("period_from"), known.pop("period_to"))
    known |= {"profile": Profile(known["profile"]), "state": State(known["state"])}
    return SnapshotLine(**known, period=period)
