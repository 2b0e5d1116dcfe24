"""Rules of events: what a draft must hold, what an edit means, which state follows which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from service.events.times import (
    BadEvent,
    HoursInWholeDay,
    begins_at,
    check_year,
    iso_minute,
    parse_local,
    parse_whole_day,
    schedule,
    schedule_days,
)
from service.events.values import (
    PRESETS,
    Change,
    Event,
    EventDiff,
    EventDraft,
    EventKind,
    EventState,
    Mode,
    Privacy,
)
from service.kernel.clock import instant, zone
from service.kernel.errors import Conflict, Invalid, NoSuchTime, UnknownZone
from service.kernel.text import clean_block, clean_line

MATERIAL = frozenset({"place", "mode", "state"})  # beside the time
EDITABLE = frozenset(
    {
        "title",
        "summary",
        "whole_day",
        "starts_at",
        "ends_at",
        "duration_minutes",
        "time_zone",
        "mode",
        "place",
        "online_url",
        "capacity",
        "language",
        "series_id",
        "privacy",
        "reply_by",
        "offer_freed_seats",
        "topics",
        "kind",
    }
)


PROJECT_FIELDS = ("name", "organisation", "summary", "time_zone", "starts_on", "ends_on")


def check_project(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a project, tidied.

    Raises:
        Invalid: it has no name, or ends before it begins.
        BadEvent: a day is of a year that nobody means.
        UnknownZone: there is no such zone.
    """
    if not (name := clean_line(fields["name"])[:300]):
        raise Invalid("Give the project a name.", field="name")
    for day in ("starts_on", "ends_on"):
        check_year(fields[day], day)
    if fields["ends_on"] < fields["starts_on"]:
        raise Invalid("The last day is before the first.", field="ends_on")
    return {
        "name": name,
        "organisation": clean_line(fields["organisation"])[:200],
        "summary": clean_block(fields["summary"])[:4000],
        "time_zone": zone(fields["time_zone"].strip()).key,
        "starts_on": fields["starts_on"],
        "ends_on": fields["ends_on"],
    }


class EventClosed(Conflict):
    """The event has started or ended; it takes no more of this."""

    code = "event-closed"

    def __init__(self, event_id: str, started_at: datetime) -> None:
        super().__init__("This event has already started.", event_id=event_id, started_at=started_at.isoformat())


class WrongState(Conflict):
    """The event's state does not allow the wish."""

    code = "wrong-state"

    def __init__(self, state: str, wish: str) -> None:
        super().__init__(f"An event that is {state} cannot be {wish}.", state=state, wish=wish)


class NoDateYet(Conflict):
    """The day of an event that was put off is over, and it has no other yet."""

    code = "no-date-yet"

    def __init__(self, event_id: str) -> None:
        super().__init__("Its day is over: give it a new date.", event_id=event_id)


def plan_event(draft: EventDraft) -> dict[str, Any]:
    """Return the checked columns of a new event, without id, slug, UID and stamps."""
    kind = _member(EventKind, draft.kind, "kind")
    preset = PRESETS[kind]
    mode = _member(Mode, draft.mode or preset.mode, "mode")
    when = _when(draft, preset.duration_minutes)
    return {
        **when,
        "kind": kind,
        "mode": mode,
        "privacy": _member(Privacy, draft.privacy or preset.privacy, "privacy"),
        "title": _title(draft.title),
        "summary": clean_block(draft.summary)[:4000],
        "language": _language(draft.language),
        "place": clean_line(draft.place)[:500],
        "online_url": _link(draft.online_url),
        "capacity": _capacity(draft.capacity),
        "series_id": draft.series_id,
        "offer_freed_seats": draft.offer_freed_seats,
        "reply_by": _reply_by(draft.reply_by, draft.time_zone, when["starts_at"]),
        "topics": list(draft.topics),
    }


def _when(draft: EventDraft, usual_minutes: int) -> dict[str, Any]:
    if draft.whole_day:
        if draft.duration_minutes is not None:
            raise HoursInWholeDay("duration_minutes")
        return schedule_days(draft.starts_at, draft.time_zone, last=draft.ends_at)
    minutes = draft.duration_minutes if draft.duration_minutes is not None else usual_minutes
    return schedule(draft.starts_at, draft.time_zone, ends=draft.ends_at, duration_minutes=minutes)


def plan_edit(event: Event, wishes: Mapping[str, Any]) -> Event:
    """Return the event as it would be after an edit.

    Changing `starts_at` alone keeps the duration. Unknown names are refused. An event that was put
    off and is given another time stands announced again.
    """
    for name in wishes.keys() - EDITABLE:
        raise BadEvent(f"An event has no field “{name}” that can be changed.", field=name)
    if event.state in (EventState.CANCELLED, EventState.CLOSED):
        raise WrongState(event.state, "changed")
    columns = plan_event(_as_draft(event, wishes))
    columns["topics"] = tuple(columns["topics"])
    after = replace(event, **columns)
    is_back = event.state is EventState.POSTPONED and compare(event, after).moves_time
    return replace(after, state=EventState.ANNOUNCED) if is_back else after


def _as_draft(event: Event, wishes: Mapping[str, Any]) -> EventDraft:
    kept: dict[str, Any] = {
        "project_id": event.project_id,
        "kind": event.kind,
        "title": event.title,
        "time_zone": event.time_zone,
        "reply_by": _reply_by_local(event),
        **_kept_times(event, wishes),
    }
    for name in ("summary", "mode", "place", "online_url", "capacity", "language", "series_id", "privacy"):
        kept[name] = getattr(event, name)
    kept["offer_freed_seats"], kept["topics"] = event.offer_freed_seats, event.topics
    return EventDraft(**{**kept, **wishes})


def _kept_times(event: Event, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Return when an event is, as a draft says it: what an edit leaves open stays, and so does the length.

    Hours that become whole days keep their days; whole days that become hours last as long as is usual.
    """
    if wishes.get("whole_day", event.whole_day):
        first = parse_whole_day(wishes.get("starts_at") or event.first_day.isoformat(), "starts_at")
        last = first + (event.last_day - event.first_day)
        return {"whole_day": True, "starts_at": first.isoformat(), "ends_at": last.isoformat()}
    if not event.whole_day:
        minutes = int((event.ends_at - event.starts_at).total_seconds() // 60)
        return {"starts_at": event.starts_local, "duration_minutes": minutes}
    if "starts_at" not in wishes:
        raise BadEvent("Give the time at which it starts.", field="starts_at")
    return {"starts_at": ""}


def _reply_by_local(event: Event) -> str | None:
    if event.reply_by is None:
        return None
    return iso_minute(event.reply_by.astimezone(zone(event.time_zone)).replace(tzinfo=None))


def compare(before: Event, after: Event) -> EventDiff:
    """Return what changed and whether people must be told.

    Time, place and mode matter; a spelling, the link and the number of seats do not: the link
    goes only to those who are coming, with the joining details. `starts_at` stands there only when
    the rules of the zone have changed: the clock on the wall is the same, the instant is not.
    Whole days are the same days in every calendar, so neither that nor another zone matters to them.
    """
    changed = {
        f.name: (getattr(before, f.name), getattr(after, f.name))
        for f in fields(Event)
        if f.name not in ("starts_at", "ends_at") and getattr(before, f.name) != getattr(after, f.name)
    }
    if before.starts_at != after.starts_at and not changed.keys() & {"starts_local", "time_zone"}:
        changed["starts_at"] = (before.starts_at, after.starts_at)
    if not changed:
        return EventDiff(Change.NONE)
    diff = EventDiff(Change.COSMETIC, changed, whole_days=before.whole_day and after.whole_day)
    matters = diff.moves_time or changed.keys() & MATERIAL
    return replace(diff, change=Change.MATERIAL) if matters else diff


def has_another_clock(event: Event) -> bool:
    """Tell whether the rules of the event's zone have changed since its time was set.

    Then its local time is another instant than the one in calendars, or none at all.
    """
    try:
        local = parse_local(event.starts_local, "starts_at")
        return begins_at(local, event.time_zone, whole_day=event.whole_day) != event.starts_at
    except (NoSuchTime, UnknownZone):
        return True


def must_be(event: Event, states: tuple[EventState, ...], wish: str) -> None:
    """Refuse when the event is in none of these states."""
    if event.state not in states:
        raise WrongState(event.state, wish)


def may_be_public(event: Event) -> bool:
    """Tell whether the event has a public page and a feed entry: it is open, and was announced.

    One put off or cancelled keeps both, so that people who come back, and calendars that follow, learn of it.
    """
    return event.privacy is Privacy.OPEN and event.announced_at is not None and event.state is not EventState.DRAFT


def _member(enum: Any, raw: Any, field: str) -> Any:
    try:
        return enum(raw)
    except ValueError:
        known = ", ".join(m.value for m in enum)
        raise BadEvent(f"“{str(raw)[:40]}” is not a {field}; it is one of {known}.", field=field) from None


def _title(raw: str) -> str:
    title = clean_line(raw)
    if not title:
        raise BadEvent("Give the event a title.", field="title")
    if len(title) > 300:
        raise BadEvent("A title has 300 characters at most.", field="title")
    return title


def _capacity(seats: int | None) -> int | None:
    if seats is not None and seats < 0:
        raise BadEvent("A room cannot have fewer than 0 seats.", field="capacity")
    return seats


def _language(raw: str) -> str:
    tag = raw.strip()
    if not tag or len(tag) > 20 or not tag.replace("-", "").isalnum():
        raise BadEvent(f"“{raw[:20]}” is not a language tag such as en or pt-BR.", field="language")
    return tag


def _link(raw: str) -> str:
    link = clean_line(raw)
    if link and not link.startswith(("https://", "http://")):
        raise BadEvent("The online link must begin with https://.", field="online_url")
    return link[:1000]


def _reply_by(raw: str | None, time_zone: str, starts_at: datetime) -> datetime | None:
    if not raw:
        return None
    at = instant(parse_local(raw, "reply_by"), time_zone)
    if at > starts_at:
        raise BadEvent("Answers cannot be due after the start.", field="reply_by")
    return at
