"""The SQL of materials and of their counts. No row tells who asked once the hour is over."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.dissemination.handouts import Hits, Material, OldVersion
from service.dissemination.snapshots import Period, UseLine
from service.dissemination.tables.materials import Asset, AssetHitDaily, AssetHour, AssetVersion
from service.people.store.common import insert_into

_A = columns(Asset)
_D = columns(AssetHitDaily)
_H = columns(AssetHour)
_V = columns(AssetVersion)
_MATERIAL = [_A[name] for name in Material.__dataclass_fields__]
_COUNTS = ("requests", "sessions", "robots")
_SECRET = ""  # the mark of the row that holds the hour's secret


def add(session: Session, row: dict[str, Any]) -> None:
    """Store a material."""
    session.execute(insert_into(session, Asset).values(**row))


def read_all(session: Session, project_id: str) -> list[Material]:
    """Return the materials of a project by title, also those that are retired."""
    query = select(*_MATERIAL).where(_A.project_id == project_id).order_by(_A.title, _A.id)
    return [Material(*row) for row in session.execute(query)]


def read(session: Session, asset_id: str) -> Material | None:
    """Return a material, or None."""
    row = session.execute(select(*_MATERIAL).where(_A.id == asset_id)).one_or_none()
    return Material(*row) if row else None


def read_content(session: Session, asset_id: str) -> bytes:
    """Return the bytes of a file."""
    return bytes(session.execute(select(_A.content).where(_A.id == asset_id)).scalar_one() or b"")


def retire(session: Session, asset_id: str, *, now: datetime) -> None:
    """Note that a material is no longer handed out."""
    session.execute(update(Asset).where(_A.id == asset_id).values(retired_at=now))


def write(session: Session, asset_id: str, **values: Any) -> None:
    """Write the given columns of a material."""
    session.execute(update(Asset).where(_A.id == asset_id).values(**values))


def keep_version(session: Session, material: Material, *, now: datetime, by: str) -> None:
    """Keep what is known of a file whose place another takes."""
    row = {name: getattr(material, name) for name in ("filename", "size", "sha256")}
    row |= {"asset_id": material.id, "number": material.version, "replaced_at": now, "replaced_by": by}
    session.execute(insert_into(session, AssetVersion).values(**row))


def read_old_versions(session: Session, project_id: str) -> list[OldVersion]:
    """Return the versions of a project's materials that were replaced, the newest first."""
    query = select(*(_V[name] for name in OldVersion.__dataclass_fields__)).join(Asset, _A.id == _V.asset_id)
    query = query.where(_A.project_id == project_id).order_by(_V.asset_id, _V.number.desc())
    return [OldVersion(*row) for row in session.execute(query)]


def read_hits(session: Session, project_id: str, period: Period | None = None) -> list[Hits]:
    """Return the counts of a project's materials by channel, over all days or those of a period (UTC)."""
    sums = [func.sum(_D[name]) for name in ("requests", "sessions", "robots")]
    query = select(_D.asset_id, _D.channel, *sums).where(_of(project_id)).group_by(_D.asset_id, _D.channel)
    if period:
        query = query.where(_D.day >= period.starts_on, _D.day < period.ends_on)
    rows = session.execute(query.order_by(_D.asset_id, _D.channel))
    return [Hits(asset, channel, int(n), int(sessions), int(robots)) for asset, channel, n, sessions, robots in rows]


def _of(project_id: str) -> ColumnElement[bool]:
    # A join would look up one for each day.
    return _D.asset_id.in_(select(_A.id).where(_A.project_id == project_id))  # type: ignore[no-any-return]


def read_use(session: Session, project_id: str, period: Period | None = None) -> list[UseLine]:
    """Return the requests and sessions of a project's materials, by month, those of the days of a period (UTC)."""
    # The list of other projects' materials is often empty; and by it no other index is chosen.
    others = select(_A.id).where(_A.project_id != project_id)
    query = select(_D.day, func.sum(_D.requests), func.sum(_D.sessions)).where(_D.asset_id.not_in(others))
    query = query.group_by(_D.day).order_by(_D.day)
    if period:
        query = query.where(_D.day >= period.starts_on, _D.day < period.ends_on)
    months: dict[str, tuple[int, int]] = {}
    for day, requests, sessions in session.execute(query):
        month = day.isoformat()[:7]
        before = months.get(month, (0, 0))
        months[month] = (before[0] + int(requests), before[1] + int(sessions))
    return [UseLine(month, *numbers) for month, numbers in months.items()]


# A request for a material runs these; making them anew took it several times what running them does.


@cache
def _count(on_sqlite: bool) -> Any:
    statement = (sqlite if on_sqlite else postgresql).insert(AssetHitDaily.__table__)  # type: ignore[attr-defined]
    added = {name: _D[name] + statement.excluded[name] for name in _COUNTS}
    return statement.on_conflict_do_update(index_elements=["asset_id", "channel", "day"], set_=added)


@cache
def _note(on_sqlite: bool) -> Any:
    statement = (sqlite if on_sqlite else postgresql).insert(AssetHour.__table__)  # type: ignore[attr-defined]
    later = {"last_at": statement.excluded.last_at}
    return statement.on_conflict_do_update(index_elements=["hour", "mark"], set_=later)


_IS_IT = (_H.hour == bindparam("of_hour"), _H.mark == bindparam("of_mark"))
_READ_SECRET = select(_H.secret).where(*_IS_IT)
_LAST_SEEN = select(_H.last_at).where(*_IS_IT).with_for_update()


def count(session: Session, asset_id: str, channel: str, *, now: datetime, **more: int) -> None:
    """Add to the counts of one day: requests, sessions or robots."""
    row = {"asset_id": asset_id, "channel": channel, "day": now.astimezone(UTC).date()}
    row |= {name: more.get(name, 0) for name in _COUNTS}
    session.connection().execute(_count(is_sqlite(session)), row)


def secret_of(session: Session, hour: str, *, now: datetime) -> bytes:
    """Return the secret of an hour, the same for all workers, and destroy what is left of other hours."""
    found = _read_secret(session, hour)
    if found is not None:
        return found
    destroy_hours(session, but=hour)
    row = {"hour": hour, "mark": _SECRET, "secret": secrets.token_bytes(32), "last_at": now}
    session.execute(insert_into(session, AssetHour).values(**row).on_conflict_do_nothing())
    return _read_secret(session, hour) or b""


def _read_secret(session: Session, hour: str) -> bytes | None:
    return session.connection().execute(_READ_SECRET, {"of_hour": hour, "of_mark": _SECRET}).scalar_one_or_none()


def last_seen(session: Session, hour: str, mark: str) -> datetime | None:
    """Return when a mark last asked within an hour, or None."""
    return session.connection().execute(_LAST_SEEN, {"of_hour": hour, "of_mark": mark}).scalar_one_or_none()


def note_seen(session: Session, hour: str, mark: str, *, now: datetime) -> None:
    """Note that a mark asked now."""
    session.connection().execute(_note(is_sqlite(session)), {"hour": hour, "mark": mark, "last_at": now})


def has_other_hours(session: Session, *, but: str) -> bool:
    """Whether anything is left of an hour that is over."""
    return bool(session.execute(select(exists().where(_H.hour != but))).scalar_one())


def destroy_hours(session: Session, *, but: str) -> None:
    """Destroy the secrets and the marks of every hour but one."""
    session.execute(delete(AssetHour).where(_H.hour != but))
