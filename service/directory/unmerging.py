"""Undoing a merge for 30 days: every row as it was, except where something newer was said since.

What is newer stays: a field changed since, an answer given since, a list left since. A letter that
left cannot be taken back, and who was given a freed seat keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.directory import rules
from service.directory.merging import COLUMN, TABLE, UNDO_FOR
from service.directory.store import duplicates, journal
from service.directory.store import merging as store
from service.directory.values import Entry, MergeView, Moved, Undone
from service.events import store as events
from service.invitations import store as invitations
from service.invitations.store import seats
from service.invitations.store.of_person import read_of_person
from service.invitations.values import Invitation, Seat
from service.kernel.errors import Conflict, NotFound
from service.kernel.sealing import SealRing
from service.mail.values import WAITING, DeliveryState
from service.people import store as people
from service.people.rules.fields import search_text
from service.people.values import Person

_ORDER = ("person", "invitation")  # whatever hangs on them comes after
_FOLLOWS_FROM_OTHERS = frozenset({"updated_at", "folded", "email_key", "region"})


class UnknownMerge(NotFound):
    """There is no such merge, or it was undone."""

    code = "unknown-merge"

    def __init__(self) -> None:
        super().__init__("There is no such merge any more; perhaps it was undone already.")


class MergeTooOld(Conflict):
    """A merge can be undone for 30 days."""

    code = "too-late"

    def __init__(self) -> None:
        super().__init__(f"A merge can be undone for {UNDO_FOR.days} days. This one is older.")


class MergedSince(Conflict):
    """The person was merged into someone else since."""

    code = "merged-since"

    def __init__(self, into: str) -> None:
        super().__init__("This person was merged into someone else since. Undo that first.", id=into)


class AddressTaken(Conflict):
    """Someone else has the address by now."""

    code = "address-taken"

    def __init__(self, holder: str) -> None:
        super().__init__("The other person's main address is someone's by now. Change it there first.", id=holder)


def read(session: Session, merge_id: str, *, now: datetime) -> MergeView:
    """Return a merge that can be undone.

    Raises:
        UnknownMerge, MergeTooOld.
    """
    return _read(session, merge_id, now=now)[0]


def check_kept(session: Session, merge_id: str, person_id: str, *, now: datetime) -> None:
    """Refuse a merge that is not this person's.

    Raises:
        UnknownMerge, MergeTooOld.
    """
    if read(session, merge_id, now=now).kept_id != person_id:
        raise UnknownMerge


def _read(session: Session, merge_id: str, *, now: datetime) -> tuple[MergeView, bytes]:
    found = store.read_merge(session, merge_id)
    if found is None or found[1] is None:
        raise UnknownMerge
    if now - found[0].at >= UNDO_FOR:
        raise MergeTooOld
    return found[0], found[1]


def read_taken_name(session: Session, merge_id: str, *, ring: SealRing, now: datetime) -> str:
    """Return the name of the person who was taken in.

    Raises:
        UnknownMerge, MergeTooOld, CannotOpen.
    """
    merge, sealed = _read(session, merge_id, now=now)
    return str(_taken(_entries(merge, sealed, ring), merge)["name"])


def undo(session: Session, merge_id: str, *, ring: SealRing, now: datetime, actor: str) -> Undone:
    """Make one person two again.

    Raises:
        UnknownMerge, MergeTooOld, MergedSince, AddressTaken: nothing is done. CannotOpen.
    """
    merge, sealed = _read(session, merge_id, now=now)
    entries = _entries(merge, sealed, ring)
    store.lock(session, [merge.kept_id])
    _check(session, merge, entries)
    main = people.read_person(session, merge.kept_id)
    newer = _put_back(session, merge, entries, ring=ring)
    _write_what_follows(session, merge)
    _reseat(session, entries, now=now)
    store.delete_merge(session, merge_id)
    log.record(
        session, actor=actor, action="people.unmerged", subject=f"person:{merge.kept_id}", now=now, other=merge.taken_id
    )
    return Undone(merge.kept_id, merge.taken_id, newer, tuple(_moved(session, merge, main, entries)))


def _entries(merge: MergeView, sealed: bytes, ring: SealRing) -> list[Entry]:
    text = ring.open(sealed, table=TABLE, row_id=merge.id, column=COLUMN)
    return [journal.load(one) for one in json.loads(text)]


def _taken(entries: Iterable[Entry], merge: MergeView) -> Any:
    return next(e.before for e in entries if e.table == "person" and e.key == (merge.taken_id,))


def _check(session: Session, merge: MergeView, entries: Sequence[Entry]) -> None:
    if into := store.find_new(session, merge.kept_id):
        raise MergedSince(into)
    address = _taken(entries, merge)["email_key"]
    holder = people.find_person(session, address)
    own = next((e for e in entries if e.table == "person" and e.key == (merge.kept_id,)), None)
    was_given = bool(own and own.after and own.after.get("email_key") == address)
    if holder and not (holder == merge.kept_id and was_given):
        raise AddressTaken(holder)


def _put_back(session: Session, merge: MergeView, entries: Sequence[Entry], *, ring: SealRing) -> tuple[str, ...]:
    """Put rows back, those others hang on first; return the fields of the person that are newer."""
    newer: list[str] = []
    for entry in sorted((e for e in entries if e.before is not None), key=_rank):
        if entry.after is None:
            if _may_return(session, merge, entry, ring=ring):
                journal.insert_row(session, entry, ring=ring)
        else:
            newer += _restore(session, entry, ring=ring)
    for entry in sorted((e for e in entries if e.before is None), key=_rank, reverse=True):
        if journal.read_row(session, entry, ring=ring) == entry.after:
            journal.delete_row(session, entry)
    return tuple(newer)


def _rank(entry: Entry) -> tuple[int, bool]:
    """People before invitations before the rest; what only changed before what is put in again."""
    place = _ORDER.index(entry.table) if entry.table in _ORDER else len(_ORDER)
    return place, entry.after is None


def _restore(session: Session, entry: Entry, *, ring: SealRing) -> list[str]:
    """Put the columns back that still say what the merge wrote; return those that do not."""
    now_is, before, after = journal.read_row(session, entry, ring=ring), entry.before or {}, entry.after or {}
    if now_is is None:
        return []
    values = {name: value for name, value in before.items() if now_is[name] == after[name]}
    if entry.table == "delivery":
        values = _of_letter(session, entry, values, now_is)
    if values:
        journal.update_row(session, entry, values, ring=ring)
    is_field = entry.table == "person"
    return [name for name in before if is_field and name not in values and name not in _FOLLOWS_FROM_OTHERS]


def _of_letter(session: Session, entry: Entry, values: dict[str, Any], now_is: dict[str, Any]) -> dict[str, Any]:
    """Return what of a letter may be put back: one that left keeps its address, a mailing at its end its state."""
    if "state" in values:
        return values if entry.key[0] in store.read_open_mailings(session, entry.key) else _only_ref(values)
    return values if DeliveryState(now_is["state"]) in WAITING else _only_ref(values)


def _only_ref(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name == "recipient_ref"}


def _may_return(session: Session, merge: MergeView, entry: Entry, *, ring: SealRing) -> bool:
    """Tell whether a row that was removed may come back: not where its other half was taken away since."""
    row = entry.before or {}
    if journal.read_row(session, entry, ring=ring) is not None:
        return False
    if entry.table == "membership":
        return not store.has_left(session, merge.kept_id, row["list_id"], since=merge.at)
    if entry.table == "invitation":
        leads_to = store.find_new(session, row["id"])
        return leads_to is not None and bool(invitations.read_many(session, [leads_to]))
    return True


def _write_what_follows(session: Session, merge: MergeView) -> None:
    """Write what search and the list of duplicates read of both."""
    both = people.read_these(session, [merge.kept_id, merge.taken_id])
    people.write_folded(session, {one.id: _searched(one) for one in both.values()})
    traits = duplicates.read_traits(session, both)
    keys = {person_id: rules.keys_of(one) for person_id, one in traits.items()}
    duplicates.write_keys(session, keys, {one.id: one.updated_at for one in both.values()})


def _searched(person: Person) -> str:
    return search_text(person.name, person.email, person.organisation, person.tags)


def _reseat(session: Session, entries: Sequence[Entry], *, now: datetime) -> None:
    """Let who comes back to a chair that was given away wait for the next one."""
    seated = [e.key[0] for e in entries if e.table == "invitation" and (e.before or {}).get("seat") == Seat.HELD]
    for one in invitations.read_many(session, seated):
        event = events.lock_event(session, one.event_id)
        seating = seats.seating(session, event.id, event.capacity, without=one.id)
        if one.seat is Seat.HELD and seating.is_full and event.starts_at > now:
            waits = replace(one, seat=Seat.WAITING, seat_order=seating.last_order + 1)
            invitations.write(session, waits, ("seat", "seat_order"))


def _moved(session: Session, merge: MergeView, main: Person, entries: Sequence[Entry]) -> list[Moved]:
    """Return the invitations that have to follow their people back, if letters had left for the address of both."""
    again = {e.key[0]: e for e in entries if e.table == "invitation" and e.after is None}
    doubled = {(e.before or {})["event_id"] for e in again.values()}
    found = []
    for person_id in (merge.kept_id, merge.taken_id):
        person = people.read_person(session, person_id)
        for one in read_of_person(session, person_id):
            is_elsewhere = person.email_key != main.email_key
            if is_elsewhere or one.id in again or one.event_id in doubled:
                found.append(_back(one, main, cancels=is_elsewhere and one.event_id not in doubled))
    return found


def _back(invitation: Invitation, main: Person, *, cancels: bool) -> Moved:
    return Moved(invitation, invitation.id, main.email, main.language or "", cancels=cancels)
