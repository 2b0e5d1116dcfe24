"""Changing many people at once: what it would do is shown first, and it is undone as a whole for 30 days.

Each person changes as by hand, with a line of history each; those lines are what undoing goes by. Someone whom
somebody changed since keeps what is newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Conflict, Invalid
from service.people import actions, store
from service.people.rules import fields as people_fields
from service.people.rules.imports import UNDO_FOR
from service.people.store import bulk_edits as ledger
from service.people.store import history
from service.people.values import BulkEdit, Person, PersonFields, StoredChange

MOST = 1_000
PLAIN = ("audience", "country", "language")
TAGS = ("add_tags", "remove_tags")
FIELDS = (*PLAIN, *TAGS, "at_risk")


class TooManyPeople(Invalid):
    """More people than are changed at once."""

    code = "too-many-people"

    def __init__(self, count: int) -> None:
        super().__init__(f"At most {MOST:,} people are changed at once; these are {count:,}. Narrow them down.")


class TooLate(Conflict):
    """A change of many is undone for 30 days."""

    code = "too-late"

    def __init__(self) -> None:
        super().__init__(f"Such a change can be undone for {UNDO_FOR.days} days. This one is older.")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a change of many would do: each person with the fields that change, and how many stay as they are."""

    changes: tuple[tuple[Person, PersonFields], ...]
    same: int


@dataclass(frozen=True, slots=True)
class Undone:
    """How many people are as before, and how many keep what somebody changed since."""

    put_back: int
    kept: int


def read_wish(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what shall be so of many people, checked and as it is kept: audience by name, codes, tags as lists.

    Raises:
        Invalid: nothing is wished for, or something that cannot be.
    """
    if unknown := set(given) - set(FIELDS):
        raise Invalid(f"Many people cannot be changed in “{min(unknown)[:40]}”.", field=min(unknown)[:40])
    wish = {name: value for name, value in given.items() if value}
    if not wish:
        raise Invalid("Say what shall change.", field="audience")
    plain = people_fields.read_fields({name: wish[name] for name in PLAIN[1:] if name in wish})
    found = {name: plain[name] for name in PLAIN[1:] if name in wish}
    tags = {
        name: list(people_fields.read_fields({"tags": _split(wish[name])})["tags"]) for name in TAGS if name in wish
    }
    audience = {"audience": _audience_name(session, str(wish["audience"]))} if "audience" in wish else {}
    return {**audience, **found, **tags, **({"at_risk": True} if "at_risk" in wish else {})}


def _split(tags: Any) -> list[str]:
    return people_fields.split_tags(tags) if isinstance(tags, str) else list(tags)


def _audience_name(session: Session, given: str) -> str:
    wanted = actions.find_audience(session, given)
    return next(one.name for one in store.read_audiences(session) if one.id == wanted)


def plan(people: Iterable[Person], wish: Mapping[str, Any]) -> Planned:
    """Return what a wish, as `read_wish` gives it, would change of people. Nothing is stored."""
    every = [(person, _changes(person, wish)) for person in people]
    some = tuple((person, fields) for person, fields in every if fields)
    return Planned(some, len(every) - len(some))


def _changes(person: Person, wish: Mapping[str, Any]) -> PersonFields:
    """Return the fields that change of one person. Where someone at risk is, is not written for many."""
    at_risk = person.at_risk or wish.get("at_risk", False)
    fields = {
        n: wish[n] for n in PLAIN if n in wish and getattr(person, n) != wish[n] and not (n == "country" and at_risk)
    }
    added, removed = wish.get("add_tags", ()), set(wish.get("remove_tags", ()))
    tags = [tag for tag in dict.fromkeys((*person.tags, *added)) if tag not in removed]
    if tags != list(person.tags):
        fields["tags"] = tags
    if at_risk and not person.at_risk:
        fields["at_risk"] = True
    return cast(PersonFields, fields)


def apply(
    session: Session, person_ids: Sequence[str], wish: Mapping[str, Any], *, now: datetime, actor: str
) -> BulkEdit:
    """Change people, each as by hand, all or none of them.

    Raises:
        TooManyPeople: see there. Invalid: nothing would change.
    """
    if len(person_ids) > MOST:
        raise TooManyPeople(len(person_ids))
    planned = plan(store.read_these(session, person_ids).values(), wish)
    if not planned.changes:
        raise Invalid("Nothing would change: they are all like that already.", field="audience")
    for person, fields in planned.changes:
        actions.update_person(session, person.id, fields, now=now, actor=actor)
    edit_id = ledger.add(session, dict(wish), len(planned.changes), now=now, actor=actor)
    log.record(
        session, actor=actor, action="people.changed", subject=f"bulk:{edit_id}", now=now, people=len(planned.changes)
    )
    return ledger.read(session, edit_id)


def undo(session: Session, edit_id: str, *, now: datetime, actor: str) -> Undone:
    """Put back what a change of many changed, where nobody changed it since; a second time does nothing.

    Who took another person in since keeps everything: their lines of history are of both by now.

    Raises:
        UnknownBulkEdit: there is none of this id. TooLate: it is older than 30 days.
    """
    edit = ledger.read(session, edit_id, lock=True)
    if edit.undone_at:
        return Undone(0, 0)
    if now - edit.created_at >= UNDO_FOR:
        raise TooLate
    by_person: dict[str, list[StoredChange]] = {}
    for change in history.read_changes_at(session, edit.created_at, edit.created_by):
        by_person.setdefault(change.person_id, []).append(change)
    merged = by_person.keys() & history.read_merged_since(session, edit.created_at)
    parted = ((who, changes) for who, changes in by_person.items() if who not in merged)
    kept = sum(_put_back(session, who, changes, now=now, actor=actor) for who, changes in parted) + len(merged)
    ledger.write_undone(session, edit_id, now=now)
    log.record(
        session, actor=actor, action="people.put-back", subject=f"bulk:{edit_id}", now=now, people=len(by_person)
    )
    return Undone(len(by_person) - kept, kept)


def _put_back(session: Session, person_id: str, changes: Sequence[StoredChange], *, now: datetime, actor: str) -> bool:
    """Put back one person's fields; tell whether any stays because it was changed since."""
    person = store.read_person(session, person_id)
    back = {c.field: c.before for c in changes if people_fields.as_json(getattr(person, c.field)) == c.after}
    if back:
        actions.update_person(session, person_id, cast(PersonFields, back), now=now, actor=actor)
    return len(back) < len(changes)
