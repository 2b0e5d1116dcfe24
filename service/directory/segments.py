"""Segments: lists whose people are whoever matches a saved filter, found anew each time they are asked for.

Who unsubscribes from a segment's mail is suppressed as by that of any list, and stays so while they match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.directory import store
from service.directory.filters import All, AnyOf, BadFilter, Condition, Filter, Not, read_filter, written
from service.kernel.errors import Conflict, Invalid
from service.mail import store as mail
from service.mail.rules import WILL, scopes
from service.people import actions
from service.people import store as people
from service.people.values import Basis, MailingList, Page
from service.people.values import Person as PersonView

GROUNDS = (Basis.CONSENT, Basis.LEGITIMATE_INTEREST)


class SegmentBroken(Conflict):
    """The filter speaks of something that is gone or not known: nobody can say whom it means."""

    code = "segment-broken"

    def __init__(self, what: str) -> None:
        super().__init__(f"This segment speaks of {what} that is gone. Make it anew.")


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people match a segment, and how many addresses unsubscribed from it; None: it is broken."""

    matching: int | None
    unsubscribed: int


def save(
    session: Session,
    *,
    name: str,
    wanted: Any,
    ground: str = "consent",
    key: str | None = None,
    purpose: str = "events",
    language: str | None = None,
    owner: str = "",
    now: datetime,
    actor: str,
) -> MailingList:
    """Make a segment of a filter, given as JSON.

    `ground`: "consent" writes only to those who consented on a list of the same purpose, "legitimate_interest" to all.

    Raises:
        BadFilter: it cannot be read. Invalid: it names words, a segment or what is not there; no such ground.
        KeyTaken: another list has the key.
    """
    found = read_filter(wanted)
    if ground not in GROUNDS:
        raise Invalid("The ground of a segment is consent or legitimate_interest.", field="ground")
    _check(session, found)
    made = actions.create_list(
        session, name=name, key=key, purpose=purpose, language=language, owner=owner, now=now, actor=actor
    )
    people.write_list(session, made.id, {"filter": written(found), "ground": ground})
    return people.read_list(session, made.id)


def _check(session: Session, wanted: Filter) -> None:
    """Refuse what would keep a name, run in a circle, or mean nobody for certain."""
    for condition in _conditions(wanted):
        if condition.field == "text":
            raise Invalid("A segment keeps no words: they may be someone's name.", field="filter")
        if condition.field == "list" and condition.value is not None and _segments_among(session, condition):
            raise Invalid("A segment cannot be made of another one: use what that one is made of.", field="filter")
    if gone := _gone(session, wanted):
        raise Invalid(f"There is no such {gone}.", field="filter")


def _conditions(node: Filter) -> Iterator[Condition]:
    match node:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _conditions(part)
        case Not(part):
            yield from _conditions(part)
        case Condition():
            yield node


def _segments_among(session: Session, condition: Condition) -> bool:
    named = set(_values(condition))
    return any(one.filter is not None and named & {one.id, one.key} for one in people.read_lists(session))


def _values(condition: Condition) -> tuple[Any, ...]:
    return condition.value if isinstance(condition.value, tuple) else ()


def _gone(session: Session, wanted: Filter) -> str:
    """Return what a filter speaks of that is not there, such as "list" or "event"; "" when all is.

    Without this a part such as "not of that organisation" would come to mean everybody.
    """
    return next(filter(None, (store.find_missing(session, one) for one in _conditions(wanted))), "")


# Who is in it


def filter_of(session: Session, segment: MailingList) -> Filter:
    """Return the filter of a segment.

    Raises:
        SegmentBroken: it speaks of something that is gone, or that this version does not know.
    """
    try:
        found = read_filter(segment.filter)
    except BadFilter:
        raise SegmentBroken("something") from None
    if gone := _gone(session, found):
        raise SegmentBroken(f"{'an' if gone[0] in 'aeo' else 'a'} {gone}")
    return found


def member_ids(session: Session, segment: MailingList) -> list[str]:
    """Return the people of a segment as things are now.

    Raises:
        SegmentBroken: see there.
    """
    return store.read_matching_ids(session, filter_of(session, segment))


def read_members(session: Session, segment: MailingList, *, after: str | None, limit: int) -> Page[PersonView]:
    """Return a page of a segment's people by name.

    Raises:
        SegmentBroken: see there. Invalid: `after` is nobody's id.
    """
    return store.find_matching(session, filter_of(session, segment), after=after, limit=limit)


def reach(session: Session, segment: MailingList) -> Reach:
    """Return how many people a segment has, and how many unsubscribed from it."""
    unsubscribed = mail.count_left(session, segment.id, scopes(segment.purpose, None), WILL)
    try:
        return Reach(store.count_matching(session, filter_of(session, segment)), unsubscribed)
    except SegmentBroken:
        return Reach(None, unsubscribed)


def counted(session: Session, lists: Iterable[MailingList]) -> Sequence[MailingList]:
    """Return lists with how many people are in each: of a segment, those who match now."""
    return [one if one.filter is None else replace(one, members=reach(session, one).matching or 0) for one in lists]
