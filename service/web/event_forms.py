"""The form of an event: its fields, as typed and as an event has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.events.values import PRESETS, Event
from service.kernel.errors import Invalid

EVENT_FIELDS = (
    "kind",
    "title",
    "summary",
    "whole_day",
    "starts_date",
    "starts_time",
    "ends_date",
    "duration_minutes",
    "time_zone",
    "mode",
    "privacy",
    "place",
    "online_url",
    "capacity",
    "language",
    "series_id",
)


TIME_FIELDS = ("whole_day", "starts_date", "starts_time", "ends_date", "duration_minutes")


def typed_fields(form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an event as typed, numbers as numbers.

    Raises:
        Invalid: a number is none.
    """
    typed: dict[str, Any] = {name: form[name].strip() for name in EVENT_FIELDS if name in form}
    for name in ("duration_minutes", "capacity"):
        if name in typed:
            typed[name] = number(typed[name], name)
    if "starts_date" in typed:
        typed = {name: value for name, value in typed.items() if name not in TIME_FIELDS} | _typed_when(typed)
    if "series_id" in typed:
        typed["series_id"] = typed["series_id"] or None
    return typed


def _typed_when(typed: dict[str, Any]) -> dict[str, Any]:
    """Return when it is, as a draft says it; of hours and days only what was chosen counts."""
    if typed.get("whole_day"):
        first = typed["starts_date"]
        return {"whole_day": True, "starts_at": first, "ends_at": typed.get("ends_date") or first}
    if not typed.get("starts_time"):
        raise Invalid("Give the time at which it starts.", field="starts_time")
    length = {"duration_minutes": typed["duration_minutes"]} if "duration_minutes" in typed else {}
    return {"whole_day": False, "starts_at": f"{typed['starts_date']}T{typed['starts_time']}", **length}


def as_typed(form: Mapping[str, str]) -> dict[str, str]:
    """Return a form to show again: a box that was not ticked is not sent, and stays so."""
    return {"whole_day": "", **form} if form else {}


def hours_of(event: Event) -> dict[str, Any]:
    """Return the hours of an event as its form shows them; of whole days, those usual for its kind."""
    if event.whole_day:
        usual = PRESETS[event.kind]
        return {"whole_day": "yes", "starts_time": usual.starts, "duration_minutes": usual.duration_minutes}
    minutes = int((event.ends_at - event.starts_at).total_seconds() // 60)
    return {"whole_day": "", "starts_time": event.starts_local[11:], "duration_minutes": minutes}


def shown_field(error: Invalid, form: Mapping[str, str]) -> str:
    """Return the field of the form that an error stands beside."""
    end = "ends_date" if form.get("whole_day") else "duration_minutes"
    return {"starts_at": "starts_date", "ends_at": end}.get(error.field or "", error.field or "title")


def number(raw: str, field: str) -> int | None:
    if not raw:
        return None
    try:
        return int(raw)
    except ValueError:
        raise Invalid("Give a whole number.", field=field) from None
