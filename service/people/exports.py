"""Handing people out as a file: who may be in it, and that it is known who took it.

Whoever is at risk is left out, unless a manager who has just signed in says why. What is logged names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, BinaryIO

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Forbidden, Invalid
from service.people import store
from service.people.exporting import Format, write_people
from service.people.values import Person

PAGE = 1_000
FRESH = timedelta(minutes=10)  # how long after signing in people at risk may be handed out


class Why(StrEnum):
    """Why people at risk are handed out; a word of ours, so that no name gets into the log."""

    EMERGENCY = "emergency"
    HANDOVER = "handover"
    SAFE_COPY = "safe-copy"
    LAW = "law"


class SignInAgain(Forbidden):
    """People at risk are handed out only to someone who has just shown who they are."""

    code = "sign-in-again"

    def __init__(self) -> None:
        super().__init__("Sign out and in again first: people at risk are handed out within 10 minutes of signing in.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which people are wanted, and how. `why`: people at risk too, for this reason."""

    wanted: Format
    text: str = ""
    list_id: str | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file holds: people, of whom `at_risk` are at risk; and how many at risk were left out."""

    people: int
    at_risk: int
    left_out: int


def read_wish(*, wanted: str, text: str = "", list_id: str = "", at_risk: bool = False, why: str = "") -> Wish:
    """Return what someone asks for.

    Raises:
        Invalid: no such format, or people at risk without a reason.
    """
    if wanted not in list(Format):
        raise Invalid("Choose how the file is written.", field="wanted")
    if at_risk and why not in list(Why):
        raise Invalid("Say why people at risk are to be in the file.", field="why")
    return Wish(Format(wanted), text, list_id or None, Why(why) if at_risk else None)


def write_export(
    session: Session, wish: Wish, file: BinaryIO, *, signed_in_at: datetime | None, now: datetime, where: Any = None
) -> Taken:
    """Write the people wished for to a file, by name; return what it holds.

    `where`: the condition on `person` of a list, a segment or a filter, as the directory makes it.

    Raises:
        SignInAgain: people at risk are wished for, and the session is not fresh, or there is none.
        UnknownList: no such list.
    """
    if wish.why and (signed_in_at is None or now - signed_in_at > FRESH):
        raise SignInAgain
    if wish.list_id:
        store.read_list(session, wish.list_id)
    seen = {False: 0, True: 0}
    write_people(_chosen(session, wish, seen, where), wish.wanted, file)
    at_risk = seen[True] if wish.why else 0
    return Taken(seen[False] + at_risk, at_risk, seen[True] - at_risk)


def _chosen(session: Session, wish: Wish, seen: dict[bool, int], where: Any) -> Iterator[Person]:
    for person in _read_all(session, wish, where):
        seen[person.at_risk] += 1
        if wish.why or not person.at_risk:
            yield person


def _read_all(session: Session, wish: Wish, where: Any) -> Iterator[Person]:
    after: str | None = None
    list_id = wish.list_id if where is None else None
    while True:
        page = store.read_people(session, text=wish.text, list_id=list_id, where=where, after=after, limit=PAGE)
        yield from page.items
        after = page.next
        if after is None:
            return


def record_export(session: Session, wish: Wish, taken: Taken, *, now: datetime, actor: str) -> None:
    """Note who took how many people out, in which form and why; call it before the file leaves."""
    log.record(
        session,
        actor=actor,
        action="people.exported",
        subject=f"list:{wish.list_id}" if wish.list_id else "people",
        now=now,
        format=wish.wanted.value,
        people=taken.people,
        at_risk=taken.at_risk,
        why=wish.why.value if wish.why else None,
    )
