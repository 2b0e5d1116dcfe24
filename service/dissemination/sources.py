"""What one does with figures that others count: name a source, ask it, put numbers in by file, let it go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import external
from service.dissemination.editing import NotADay, parse_day, parse_number
from service.dissemination.external import Answer, Provider, Reading, Source
from service.dissemination.snapshots import ExternalMetric
from service.dissemination.store import external as store
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.errors import Conflict, Invalid
from service.kernel.ids import new_id
from service.kernel.text import clean_line

MOST_SOURCES, MOST_ROWS = 100, 5_000
COLUMNS = ("source", "metric", "day", "number")


class TooManySources(Conflict):
    """More sources than anyone reads."""

    code = "too-many-sources"


class BadNumbers(Invalid):
    """A file of numbers with a row that cannot be used; nothing of it is kept."""

    code = "bad-numbers"


def add_source(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Source:
    """Name a source; it is asked as soon as the worker looks.

    Raises:
        UnknownProject, UnknownProvider, BadSource, TooManySources.
    """
    since = read_project(session, project_id).starts_on
    new = external.parse_source(wishes)
    there = store.read_sources(session, project_id)
    if twin := next((one for one in there if _means(one) == _means(new)), None):
        return twin
    if len(there) >= MOST_SOURCES:
        raise TooManySources(f"A project has {MOST_SOURCES} sources at most.")
    source = Source(new_id(), project_id, **asdict(new), since=since)
    _insert(session, source, next_at=now, actor=actor)
    log.record(session, actor=actor, action="source.added", subject=_subject(source), now=now, provider=new.provider)
    return source


def ask_again(session: Session, project_id: str, source_id: str, *, now: datetime, actor: str) -> None:
    """Let a source be asked as soon as the worker looks.

    Raises:
        UnknownSource: the project has none of this id.
    """
    source = store.read_source(session, project_id, source_id)
    if source.provider is not Provider.FILE:
        store.write_source(session, source_id, next_at=now, failures=0)
        log.record(session, actor=actor, action="source.asked", subject=_subject(source), now=now)


def remove_source(session: Session, project_id: str, source_id: str, *, now: datetime, actor: str) -> None:
    """Let a source go, with its numbers; frozen reports keep theirs.

    Raises:
        UnknownSource: the project has none of this id.
    """
    source = store.read_source(session, project_id, source_id)
    store.remove_source(session, source_id)
    log.record(session, actor=actor, action="source.removed", subject=_subject(source), now=now)


def note_answer(session: Session, source: Source, answer: Answer, *, now: datetime, today: date) -> None:
    """Write what a source said, and when to ask it again. One that is gone meanwhile is left alone."""
    failures = source.failures + 1 if answer.trouble else 0
    etag = source.etag if answer.trouble or answer.is_unchanged else answer.etag
    next_at = external.next_look(answer, source.failures, now=now)
    values = {"failures": failures, "trouble": answer.trouble, "asked_at": now, "etag": etag, "next_at": next_at}
    if store.write_source(session, source.id, **values) and not answer.trouble:
        numbers = _same_as_last(session, source) if answer.is_unchanged else answer.numbers
        store.write_readings(session, [Reading(source.id, metric, today, n) for metric, n in numbers.items()])


def _same_as_last(session: Session, source: Source) -> dict[ExternalMetric, int]:
    latest = store.read_latest(session, source.project_id)
    return {metric: one.value for (key, metric), one in latest.items() if key == source.id}


def put_in_numbers(
    session: Session, project_id: str, records: Sequence[Sequence[str]], *, now: datetime, actor: str
) -> int:
    """Put in the numbers of a table whose first row names its columns; return how many. All of it or nothing.

    Raises:
        UnknownProject, BadNumbers, TooManySources.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    rows = _rows(records, today)
    by_label = {one.label: one for one in store.read_sources(session, project_id) if one.provider is Provider.FILE}
    for label in dict.fromkeys(label for label, _ in rows):
        if label not in by_label:
            by_label[label] = _file_source(session, project_id, label, actor=actor)
    readings = {(label, one.metric, one.as_of): one for label, one in rows}  # the last of two that are alike
    store.write_readings(session, [replace(one, source_id=by_label[key[0]].id) for key, one in readings.items()])
    log.record(
        session, actor=actor, action="source.numbers-given", subject=f"project:{project_id}", now=now, count=len(rows)
    )
    return len(rows)


def _file_source(session: Session, project_id: str, label: str, *, actor: str) -> Source:
    since = read_project(session, project_id).starts_on
    if len(store.read_sources(session, project_id)) >= MOST_SOURCES:
        raise TooManySources(f"A project has {MOST_SOURCES} sources at most.")
    source = Source(new_id(), project_id, Provider.FILE, "", "", label, since)
    _insert(session, source, next_at=None, actor=actor)
    return source


def _insert(session: Session, source: Source, *, next_at: datetime | None, actor: str) -> None:
    row = {name: value for name, value in asdict(source).items() if name != "since"}
    store.add_source(session, {**row, "provider": source.provider.value, "next_at": next_at, "added_by": actor})


def _rows(records: Sequence[Sequence[str]], today: date) -> list[tuple[str, Reading]]:
    """Return label and number of each row."""
    filled = [(place, row) for place, row in enumerate(records, 1) if any(cell.strip() for cell in row)]
    if len(filled) < 2 or len(filled) > MOST_ROWS + 1:
        raise BadNumbers(f"Give a first row with the columns' names, and 1 to {MOST_ROWS} rows.", field="file")
    names = [cell.strip().lower() for cell in filled[0][1]]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadNumbers(f"The first row must name the columns {', '.join(COLUMNS)}.", field="file", missing=missing)
    at = {name: names.index(name) for name in COLUMNS}
    return [
        _row(place, [row[at[name]] if at[name] < len(row) else "" for name in COLUMNS], today)
        for place, row in filled[1:]
    ]


def _row(place: int, cells: Sequence[str], today: date) -> tuple[str, Reading]:
    label, metric, day, number = (clean_line(cell) for cell in cells)
    try:
        if not label:
            raise BadNumbers("There is no source.", field="source")
        as_of = parse_day(day, "day")
        if as_of > today:
            raise NotADay("That day has not come yet.", field="day")
        return label[:120], Reading("", _metric(metric), as_of, _whole(number))
    except Invalid as error:
        raise BadNumbers(f"Row {place}: {error.sentence}", field="file", row=place) from None


def _metric(word: str) -> ExternalMetric:
    try:
        return ExternalMetric(word.lower())
    except ValueError:
        raise BadNumbers("The metric is views, visitors, downloads or citations.", field="metric") from None


def _whole(raw: str) -> int:
    found = parse_number(raw, "number")
    if found != int(found) or not external.is_number(int(found)):
        raise BadNumbers("Give a whole number, 0 or more.", field="number")
    return int(found)


def _means(source: Any) -> tuple[Provider, str, str]:
    return source.provider, source.host, source.reference


def _subject(source: Source) -> str:
    return f"source:{source.id}"
