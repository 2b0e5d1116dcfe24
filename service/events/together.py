"""One edit for several dates of a series: which dates it is for, and what it means to each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service.events.times import iso_minute, midnight
from service.events.values import Event, EventEdit, EventState
from service.kernel.clock import zone
from service.kernel.errors import Invalid

OPEN = (EventState.DRAFT, EventState.ANNOUNCED)
# Every date has its own of these.
TIMES = frozenset({"whole_day", "starts_local", "ends_local", "starts_at", "reply_by", "state"})


class Scope(StrEnum):
    """Which dates of a series an edit is for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class NoSuchScope(Invalid):
    """The edit is for dates that there are not."""

    code = "no-such-scope"


def read_scope(raw: str, event: Event) -> Scope:
    """Return the scope that someone chose.

    Raises:
        NoSuchScope: it is none, or the event belongs to no series.
    """
    try:
        scope = Scope(raw)
    except ValueError:
        raise NoSuchScope("Choose this date, this and the following, or all dates.", field="scope") from None
    if scope is not Scope.THIS and event.series_id is None:
        raise NoSuchScope("This event belongs to no series.", field="scope")
    return scope


def choose(event: Event, dates: Iterable[Event], scope: Scope, *, now: datetime) -> tuple[list[Event], list[Event]]:
    """Return the other dates that an edit of one event is for, and those of them that are left alone.

    What is closed, cancelled or has begun stays as it was; what is put off waits for a date of its own.
    """
    if scope is Scope.THIS:
        return [], []
    others = [e for e in dates if e.id != event.id and (scope is Scope.ALL or e.starts_at >= event.starts_at)]
    chosen = [e for e in others if e.state in OPEN and e.starts_at > now]
    return chosen, [e for e in others if e not in chosen]


def wishes_for(edit: EventEdit, other: Event) -> dict[str, Any]:
    """Return what an edit of one event means to another date: its start moves by as much on the wall clock,
    its length and the other fields become the same, where the edit changes them.

    Whole days move by days. A date stays one of hours or of whole days unless the edit makes one of the other.
    """
    wishes = {name: getattr(edit.after, name) for name in edit.diff.fields if name not in TIMES}
    turns, start = _turns(edit), _start(edit, other)
    is_whole = edit.after.whole_day if turns else other.whole_day
    if turns:
        wishes["whole_day"] = is_whole
    if turns or start != _wall(other):
        wishes["starts_at"] = start.date().isoformat() if is_whole else iso_minute(start)
    if is_whole is edit.after.whole_day and (turns or _length(edit.after) != _length(edit.before)):
        wishes |= _length_for(edit.after, start)
    if "reply_by" in edit.diff.fields:
        wishes["reply_by"] = _reply_by(edit.after, start)
    return wishes


def _turns(edit: EventEdit) -> bool:
    return edit.before.whole_day is not edit.after.whole_day


def _start(edit: EventEdit, other: Event) -> datetime:
    """Return the start of another date after the edit, on the wall clock."""
    if edit.after.whole_day if _turns(edit) else other.whole_day:
        return midnight(other.first_day + (edit.after.first_day - edit.before.first_day))
    shift = _wall(edit.after) - _wall(edit.before)
    return (midnight(other.first_day) if _turns(edit) else _wall(other)) + shift


def _length(event: Event) -> timedelta:
    return event.last_day - event.first_day if event.whole_day else event.ends_at - event.starts_at


def _length_for(after: Event, start: datetime) -> dict[str, Any]:
    if after.whole_day:
        return {"ends_at": (start + _length(after)).date().isoformat()}
    return {"duration_minutes": int(_length(after) / timedelta(minutes=1))}


def _wall(event: Event) -> datetime:
    return datetime.fromisoformat(event.starts_local)


def _reply_by(after: Event, start: datetime) -> str | None:
    """Return until when answers are due at another start: as long before it."""
    if after.reply_by is None:
        return None
    due = after.reply_by.astimezone(zone(after.time_zone)).replace(tzinfo=None)
    return iso_minute(start - (_wall(after) - due))
