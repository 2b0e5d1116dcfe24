"""The only SQL of projects, series and events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select, update
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.rows import read_row
from service.db.types import columns
from service.events.tables import Event as EventRow
from service.events.tables import EventChange, Project, Series
from service.events.values import Entry, Event, EventDiff, EventId, EventKind, EventState, Mode, Privacy, ProjectId
from service.events.values import Project as ProjectValue
from service.kernel.errors import NotFound
from service.kernel.ids import LENGTH, new_id
from service.kernel.text import slug

FEED_LENGTH = 1000

_EVENT = columns(EventRow)
_EVENT_COLUMNS = [_EVENT[name] for name in Event.__dataclass_fields__]
_ENTRY_COLUMNS = [_EVENT[name] for name in Entry._fields]
_BY_ID = select(*_EVENT_COLUMNS).where(_EVENT.id == bindparam("id"))
_PROJECT = columns(Project)
_PROJECT_COLUMNS = [_PROJECT[name] for name in ProjectValue.__dataclass_fields__]
_PROJECT_BY_ID = select(*_PROJECT_COLUMNS).where(_PROJECT.id == bindparam("id"))
MOST_DATES = 10_000  # of a series; nobody has that many


class UnknownEvent(NotFound):
    """There is no such event."""

    code = "unknown-event"


class UnknownSeries(NotFound):
    """There is no such series."""

    code = "unknown-series"


class UnknownProject(NotFound):
    """There is no such project."""

    code = "unknown-project"


def event_of(row: dict[str, Any]) -> Event:
    """Return the value of one row's columns."""
    return Event(
        **{
            **row,
            "kind": EventKind(row["kind"]),
            "state": EventState(row["state"]),
            "mode": Mode(row["mode"]),
            "privacy": Privacy(row["privacy"]),
            "topics": tuple(row["topics"]),
        }
    )


def read_event(session: Session, event_id: str) -> Event:
    """Return one event.

    Raises:
        UnknownEvent: there is none of this id.
    """
    row = read_row(session, _BY_ID, id=event_id)
    if row is None:
        raise UnknownEvent("There is no such event.")
    return event_of(row)


def lock_event(session: Session, event_id: str) -> Event:
    """Return one event and hold its row until the transaction ends, so that seats are counted one at a time.

    SQLite needs nothing more: a writing transaction there is alone.
    """
    if not is_sqlite(session):
        session.execute(select(_EVENT.id).where(_EVENT.id == event_id).with_for_update())
    return read_event(session, event_id)


def read_event_by_slug(session: Session, event_slug: str) -> Event | None:
    """Return the event of a public address, whatever its privacy."""
    row = session.execute(select(*_EVENT_COLUMNS).where(_EVENT.slug == event_slug)).mappings().first()
    return event_of(dict(row)) if row else None


def read_events(
    session: Session,
    project_id: str | None = None,
    *,
    series_id: str | None = None,
    states: Iterable[EventState] = (),
    after: datetime | None = None,
    limit: int = 500,
) -> list[Event]:
    """Return events in order of start, at most `limit`."""
    query = select(*_EVENT_COLUMNS).order_by(_EVENT.starts_at, _EVENT.id).limit(limit)
    if project_id:
        query = query.where(_EVENT.project_id == project_id)
    if series_id:
        query = query.where(_EVENT.series_id == series_id)
    if wanted := [s.value for s in states]:
        query = query.where(_EVENT.state.in_(wanted))
    if after:
        query = query.where(_EVENT.starts_at > after)
    return [event_of(dict(row)) for row in session.execute(query).mappings()]


def read_dates(
    session: Session, series_id: str, *, states: Iterable[EventState] = (), after: datetime | None = None
) -> list[Event]:
    """Return every date of a series, in order of start."""
    return read_events(session, series_id=series_id, states=states, after=after, limit=MOST_DATES)


def read_public(session: Session, *, project_id: str | None = None, series_id: str | None = None) -> list[Event]:
    """Return the events everyone may know of, in order of start: the latest `FEED_LENGTH` of them."""
    rows = session.execute(_latest_public(_EVENT_COLUMNS, project_id, series_id)).mappings()
    return [event_of(dict(row)) for row in rows][::-1]


def read_public_entries(
    session: Session, *, project_id: str | None = None, series_id: str | None = None
) -> list[Entry]:
    """Return the same events as a feed tells of them."""
    rows = session.execute(_latest_public(_ENTRY_COLUMNS, project_id, series_id))
    return [Entry(*row) for row in rows][::-1]


def _latest_public(wanted: Sequence[Any], project_id: str | None, series_id: str | None) -> Select[Any]:
    query = select(*wanted).where(*_public(project_id, series_id))
    return query.order_by(_EVENT.starts_at.desc(), _EVENT.id.desc()).limit(FEED_LENGTH)


def read_public_version(
    session: Session, *, project_id: str | None = None, series_id: str | None = None
) -> tuple[int, datetime | None]:
    """Return how many events everyone may know of, and when one last changed.

    Each change raises the second, and an event that goes lowers the first: equal pairs mean equal events.
    """
    query = select(func.count(), func.max(_EVENT.changed_at)).where(*_public(project_id, series_id))
    count, changed_at = session.execute(query).one()
    return int(count), changed_at


def read_version(session: Session) -> tuple[int, datetime | None]:
    """Return how many events there are at all, and when one last changed."""
    count, changed_at = session.execute(select(func.count(), func.max(_EVENT.changed_at))).one()
    return int(count), changed_at


def _public(project_id: str | None, series_id: str | None) -> list[ColumnElement[bool]]:
    """Return `rules.may_be_public` as conditions."""
    wanted = [
        _EVENT.privacy == Privacy.OPEN.value,
        _EVENT.state != EventState.DRAFT.value,
        _EVENT.announced_at.is_not(None),
    ]
    if project_id:
        wanted.append(_EVENT.project_id == project_id)
    if series_id:
        wanted.append(_EVENT.series_id == series_id)
    return wanted


def add_event(
    session: Session, values: dict[str, Any], *, wanted_slug: str = "", uid_domain: str, now: datetime
) -> EventId:
    """Insert a draft event with a fresh id, address and UID; return the id."""
    event_id = new_id()
    session.execute(
        insert(EventRow).values(
            **values,
            id=event_id,
            slug=_free_slug(session, EventRow, wanted_slug or values["title"], event_id),
            state=EventState.DRAFT.value,
            uid=f"{new_id()}@{uid_domain}",
            sequence=0,
            revision=1,
            changed_at=now,
            created_at=now,
            cancel_reason="",
        )
    )
    return EventId(event_id)


def write_event(session: Session, event: Event, names: Iterable[str]) -> None:
    """Write the named columns of an event."""
    values = {name: getattr(event, name) for name in names}
    if "topics" in values:
        values["topics"] = list(event.topics)
    session.execute(update(EventRow).where(_EVENT.id == event.id).values(**values))


def add_change(
    session: Session, event: Event, diff: EventDiff, *, told: bool, reason: str, actor: str, now: datetime
) -> None:
    """Remember one edit."""
    plain = {name: [_plain(a), _plain(b)] for name, (a, b) in diff.fields.items()}
    session.execute(
        insert(EventChange).values(
            id=new_id(),
            event_id=event.id,
            at=now,
            actor=actor,
            revision=event.revision,
            change=diff.change.value,
            fields=plain,
            told=told,
            reason=reason,
        )
    )


def read_changes(session: Session, event_id: str) -> list[dict[str, Any]]:
    """Return the edits of an event, newest first."""
    c = columns(EventChange)
    query = select(*c).where(c.event_id == event_id).order_by(c.at.desc(), c.id.desc())
    return [dict(row) for row in session.execute(query).mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def read_project(session: Session, project_id: str) -> ProjectValue:
    """Return one project.

    Raises:
        UnknownProject: there is none of this id.
    """
    row = read_row(session, _PROJECT_BY_ID, id=project_id)
    if row is None:
        raise UnknownProject("There is no such project.")
    return ProjectValue(**row)


def read_project_by_slug(session: Session, project_slug: str) -> ProjectValue | None:
    """Return the project of an address."""
    row = session.execute(select(*_PROJECT_COLUMNS).where(_PROJECT.slug == project_slug)).mappings().first()
    return ProjectValue(**row) if row else None


def read_projects(session: Session) -> Sequence[ProjectValue]:
    """Return all projects, oldest first."""
    rows = session.execute(select(*_PROJECT_COLUMNS).order_by(_PROJECT.created_at, _PROJECT.id)).mappings()
    return [ProjectValue(**row) for row in rows]


def add_project(session: Session, values: dict[str, Any], *, now: datetime) -> ProjectId:
    """Insert a project and return its id; a `slug` among the values is kept when free."""
    project_id = new_id()
    wanted = values.pop("slug", None) or values["name"]
    free = _free_slug(session, Project, wanted, project_id)
    session.execute(insert(Project).values(**values, id=project_id, slug=free, created_at=now))
    return ProjectId(project_id)


def write_project(session: Session, project_id: str, values: dict[str, Any]) -> None:
    """Change columns of a project."""
    session.execute(update(Project).where(_PROJECT.id == project_id).values(**values))


def add_series(session: Session, project_id: str, title: str, *, wanted_slug: str | None = None) -> str:
    """Insert a series and return its id."""
    series_id = new_id()
    free = _free_slug(session, Series, wanted_slug or title, series_id)
    session.execute(insert(Series).values(id=series_id, project_id=project_id, slug=free, title=title))
    return series_id


def read_series(session: Session, project_id: str | None = None) -> list[dict[str, Any]]:
    """Return series as `{id, project_id, slug, title}`."""
    c = columns(Series)
    query = select(*c).order_by(c.id)
    if project_id:
        query = query.where(c.project_id == project_id)
    return [dict(row) for row in session.execute(query).mappings()]


def read_one_series(session: Session, series_id: str) -> dict[str, Any]:
    """Return one series as `{id, project_id, slug, title}`.

    Raises:
        UnknownSeries: there is none of this id.
    """
    c = columns(Series)
    row = session.execute(select(*c).where(c.id == series_id)).mappings().first()
    if row is None:
        raise UnknownSeries("There is no such series.")
    return dict(row)


def _free_slug(session: Session, table: Any, wanted: str, identifier: str) -> str:
    """Return an address that nobody has: of the words when it is free, else with four characters of chance."""
    base = slug(wanted) or "event"
    # A name as long as an identifier and without a hyphen could be taken for one.
    taken = len(base) == LENGTH or session.execute(select(table.id).where(table.slug == base)).first()
    return f"{base}-{identifier[-4:]}" if taken else base
