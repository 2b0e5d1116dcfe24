"""One edit for several dates of a series: which dates it is for, and what it means to each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service.events.rules import iso_minute
from service.events.values import Event, EventEdit, EventState
from service.kernel.clock import zone
from service.kernel.errors import Invalid

OPEN = (EventState.DRAFT, EventState.ANNOUNCED)
TIMES = frozenset({"starts_local", "ends_local", "starts_at", "reply_by", "state"})  # every date has its own


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
    """
    wishes = {name: getattr(edit.after, name) for name in edit.diff.fields if name not in TIMES}
    shift = _wall(edit.after) - _wall(edit.before)
    if shift:
        wishes["starts_at"] = iso_minute(_wall(other) + shift)
    if _minutes(edit.after) != _minutes(edit.before):
        wishes["duration_minutes"] = _minutes(edit.after)
    if "reply_by" in edit.diff.fields:
        wishes["reply_by"] = _reply_by(edit.after, _wall(other) + shift)
    return wishes


def _wall(event: Event) -> datetime:
    return datetime.fromisoformat(event.starts_local)


def _minutes(event: Event) -> int:
    return int((event.ends_at - event.starts_at) / timedelta(minutes=1))


def _reply_by(after: Event, start: datetime) -> str | None:
    """Return until when answers are due at another start: as long before it."""
    if after.reply_by is None:
        return None
    due = after.reply_by.astimezone(zone(after.time_zone)).replace(tzinfo=None)
    return iso_minute(start - (_wall(after) - due))
