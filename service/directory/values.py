"""Values that look across people and their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.people.values import Person


@dataclass(frozen=True, slots=True)
class HeldInvitation:
    """One invitation of a person, as they may read it."""

    title: str
    starts_at: datetime
    time_zone: str
    partstat: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held on one person, for that person's own page."""

    person_id: str
    name: str
    email: str
    organisation: str
    language: str
    country: str
    source: str
    sender: str  # the organisation whose project wrote to them
    lists: tuple[tuple[str, datetime], ...]  # name, since
    invitations: tuple[HeldInvitation, ...]
    letters: int


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back does: people it made who go and who stay, known people who are put back."""

    going: int
    staying: int
    put_back: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people in order of their names, how many there are on all pages, and the id to go on after."""

    people: tuple[Person, ...]
    total: int
    next: str | None
