"""Checklists and the tasks of events that are made of them. Pure but for reading the files once.

A task is due some days before or after its event starts, counted in the event's zone. As long as it
is open the day follows the event; what is done keeps the day it was due.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from service.events.values import Event, EventKind, EventState
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.kernel.places import data_folder

WEEK = 7


class UnknownChecklist(Invalid):
    """There is no such checklist."""

    code = "unknown-checklist"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. `offset_days` from the day of the event; `evidence` is what to have in hand then."""

    text: str
    role: str
    offset_days: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A template. `kinds` are the kinds of event it suits best."""

    key: str
    title: str
    kinds: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """An item at work for an event. `due_on` and `done_on` are kept from when it was done."""

    id: str
    event_id: str
    checklist: str
    position: int
    text: str
    role: str
    offset_days: int
    evidence: str
    due_on: date | None
    done_on: date | None
    done_by: str | None


@dataclass(frozen=True, slots=True)
class DatedTask:
    """A task with its day, None while its event has none, and whether that has passed undone."""

    task: Task
    due_on: date | None
    is_late: bool


@cache
def library() -> dict[str, Checklist]:
    """Return the checklists that come with the program, by key."""
    files = sorted((data_folder("seeds") / "checklists").glob("*.toml"))
    return {file.stem: _checklist(file.stem, tomllib.loads(file.read_text(encoding="utf-8"))) for file in files}


def _checklist(key: str, body: dict[str, Any]) -> Checklist:
    return Checklist(key, body["title"], tuple(body["kinds"]), tuple(Item(**item) for item in body["items"]))


def find_checklist(key: str) -> Checklist:
    """Return a checklist.

    Raises:
        UnknownChecklist: there is none of this key.
    """
    if key not in library():
        raise UnknownChecklist("Choose a checklist.", field="checklist")
    return library()[key]


def suiting(kind: str) -> list[Checklist]:
    """Return the checklists, those that suit a kind of event first, the one made for it before all."""

    def place(one: Checklist) -> tuple[int, str]:
        return (one.kinds.index(kind) if kind in one.kinds else len(EventKind), one.title)

    return sorted(library().values(), key=place)


def due_day(task: Task, event: Event) -> date | None:
    """Return the day a task is due: None while its event is put off without a date, or cancelled."""
    if task.done_on:
        return task.due_on
    if event.state in (EventState.POSTPONED, EventState.CANCELLED):
        return None
    return date.fromisoformat(event.starts_local[:10]) + timedelta(days=task.offset_days)


def dated(task: Task, event: Event, *, now: datetime) -> DatedTask:
    """Return a task with its day in the event's zone."""
    due = due_day(task, event)
    is_late = due is not None and task.done_on is None and due < local_time(now, event.time_zone).date()
    return DatedTask(task, due, is_late)


def in_order(tasks: Iterable[DatedTask]) -> list[DatedTask]:
    """Return tasks by day, those without one last."""
    return sorted(tasks, key=lambda one: (one.due_on or date.max, one.task.offset_days, one.task.position))


def needed(one: DatedTask, event: Event, *, now: datetime) -> bool:
    """Whether a task is late or due within the week."""
    if one.task.done_on or one.due_on is None:
        return False
    return one.due_on < local_time(now, event.time_zone).date() + timedelta(days=WEEK)
