"""One edit of several dates of a series: the preview date by date, then all of them or none.

Each date is changed as one event is, so each tells its own guests; nobody is told of a date they are not invited to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.events import actions as event_actions
from service.events import store as events
from service.events.together import Scope, choose, read_scope, wishes_for
from service.events.values import Change, Event, EventEdit
from service.kernel.errors import Invalid
from service.letters import changes
from service.letters.standing import in_order_of_locks
from service.letters.values import ChangePreview, ChangeResult, Desk


class DateRefused(Invalid):
    """One of the dates cannot be changed so; none is."""

    code = "date-refused"

    def __init__(self, event: Event, error: Invalid) -> None:
        said = f"{event.title}, {event.starts_local.replace('T', ' ')}: {error.sentence}"
        super().__init__(said, field=error.field, event_id=event.id)


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """What an edit would do to each date, and which dates it leaves alone."""

    scope: Scope
    dates: tuple[ChangePreview, ...]
    left_alone: tuple[Event, ...]

    @property
    def changing(self) -> tuple[ChangePreview, ...]:
        """The dates that become another than they are."""
        return tuple(one for one in self.dates if one.edit.diff.change is not Change.NONE)

    @property
    def letters(self) -> int:
        """How many letters leave: one for each guest and date."""
        return sum(one.tell_count for one in self.dates)


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What an edit did to each date, and which dates it left alone."""

    dates: tuple[ChangeResult, ...]
    left_alone: tuple[Event, ...]

    @property
    def changed(self) -> int:
        """How many dates are another than they were."""
        return sum(one.edit.diff.change is not Change.NONE for one in self.dates)


@dataclass(frozen=True, slots=True)
class _Plan:
    wishes: tuple[tuple[Event, dict[str, Any]], ...]  # in order of start
    left_alone: tuple[Event, ...]


def _plan(session: Session, event_id: str, wishes: Mapping[str, Any], scope: Scope, *, now: datetime) -> _Plan:
    edit: EventEdit = event_actions.plan_edit(session, event_id, wishes)
    event = edit.before
    dates = events.read_dates(session, event.series_id) if event.series_id else []
    others, left_alone = choose(event, dates, scope, now=now)
    asked = [(event, dict(wishes)), *((other, wishes_for(edit, other)) for other in others)]
    return _Plan(tuple(sorted(asked, key=lambda pair: (pair[0].starts_at, pair[0].id))), tuple(left_alone))


def preview_series(
    session: Session, event_id: str, wishes: Mapping[str, Any], scope: str, *, now: datetime
) -> SeriesPreview:
    """Return what an edit of one date, of it and the following, or of all would do. Nothing is stored.

    Raises:
        NoSuchScope. DateRefused: one of the dates cannot be changed so.
    """
    wanted = read_scope(scope, events.read_event(session, event_id))
    plan = _plan(session, event_id, wishes, wanted, now=now)
    dates = [_preview(session, event, asked, now=now) for event, asked in plan.wishes]
    return SeriesPreview(wanted, tuple(dates), plan.left_alone)


def _preview(session: Session, event: Event, wishes: Mapping[str, Any], *, now: datetime) -> ChangePreview:
    try:
        return changes.preview_change(session, event.id, wishes, now=now)
    except Invalid as error:
        raise DateRefused(event, error) from error


def change_series(
    session: Session,
    event_id: str,
    wishes: Mapping[str, Any],
    scope: str,
    *,
    notify: bool = True,
    reason: str = "",
    note: str = "",
    desk: Desk,
    now: datetime,
    actor: str,
) -> SeriesResult:
    """Change one date, it and the following, or all, and tell each date's guests as for one event.

    Raises:
        NoSuchScope, DateRefused, ReasonWanted: nothing is stored, once the caller rolls back.
    """
    wanted = read_scope(scope, events.read_event(session, event_id))
    chosen = _plan(session, event_id, wishes, wanted, now=now).wishes
    for event in in_order_of_locks(event for event, _asked in chosen):
        events.lock_event(session, event.id)
    plan = _plan(session, event_id, wishes, wanted, now=now)
    said: dict[str, Any] = {"notify": notify, "reason": reason, "note": note}
    dates: list[ChangeResult] = []
    for event, asked in plan.wishes:
        _preview(session, event, asked, now=now)
        dates.append(changes.change_event(session, event.id, asked, **said, desk=desk, now=now, actor=actor))
    return SeriesResult(tuple(dates), plan.left_alone)
