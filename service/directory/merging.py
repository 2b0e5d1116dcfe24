"""Two people are one: everything of the one becomes the other's, in one transaction. The caller commits.

Of two values of a field one is chosen; all else is united and nothing is lost. What was there before
is kept under seal for 30 days (see `unmerging`). Letters that follow from it are a floor above.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.directory import choosing
from service.directory.rules import SamePerson
from service.directory.store import journal
from service.directory.store import merging as store
from service.directory.values import Doubled, Entry, Facts, MergePlan, MergeView, Moved
from service.events import store as events
from service.invitations import needs
from service.invitations import store as invitations
from service.invitations.store.needs import write_cell
from service.invitations.store.of_person import read_of_person
from service.invitations.values import Invitation
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.kernel.tokens import address_hash
from service.mail import actions as mail
from service.people import private
from service.people import store as people
from service.people.rules import fields as people_fields
from service.people.store import history
from service.people.values import MERGED, Change, Person

UNDO_FOR = timedelta(days=30)
TABLE, COLUMN = "person_merge", "journal"
_SETTLED = (
    "attendance",
    "seat",
    "seat_order",
    "sequence_sent",
    "comment",
    "substitute_for",
    "substituted_by",
    "unsubscribed",
)


# What it would do


def plan(session: Session, kept_id: str, taken_id: str, wishes: Mapping[str, str], *, ring: SealRing) -> MergePlan:
    """Return what merging two people would do, field by field. Nothing is stored.

    `wishes`: by field, `kept`, `taken` or, of notes, `both`; the rest is proposed.

    Raises:
        SamePerson, UnknownPerson. Invalid: a wish cannot be used. CannotOpen: what lies sealed does not open.
    """
    if kept_id == taken_id:
        raise SamePerson
    kept, taken = (_facts(session, one, ring) for one in (kept_id, taken_id))
    fields = choosing.propose(kept, taken, wishes)
    columns = choosing.merged_columns(kept, taken, fields)
    own, theirs = (read_of_person(session, one) for one in (kept_id, taken_id))
    moved, doubled = choosing.pair_up(own, theirs)
    left = store.read_left(session, kept_id) | store.read_left(session, taken_id)
    return MergePlan(
        kept=kept,
        taken=taken,
        fields=fields,
        columns=columns,
        private=choosing.merged_private(fields),
        lists=choosing.united_lists(store.read_lists(session, kept_id), store.read_lists(session, taken_id), left),
        moved=tuple(moved),
        doubled=tuple(doubled),
        leaving=tuple(_leaving((kept.person, taken.person), columns["email_key"], [*own, *theirs], doubled)),
    )


def _facts(session: Session, person_id: str, ring: SealRing) -> Facts:
    person = people.read_person(session, person_id)
    return Facts(person, private.read_private(session, person_id, ring=ring), choosing.addresses_of(person))


def _leaving(
    both: tuple[Person, Person], main: str, everything: list[Invitation], doubled: list[Doubled]
) -> Iterator[Moved]:
    """Give the invitations whose letters went to the address that is not the main one any more."""
    left = next((one for one in both if one.email_key != main), None)
    if left is None:
        return
    stays = {pair.goes.id: pair.stays for pair in doubled}
    for one in everything:
        if one.person_id == left.id:
            now_is = stays.get(one.id, one)
            yield Moved(one, now_is.id, left.email, left.language or "", asks=now_is.id == one.id)


# Doing it


def merge(
    session: Session,
    kept_id: str,
    taken_id: str,
    wishes: Mapping[str, str],
    *,
    ring: SealRing,
    address_key: bytes,
    now: datetime,
    actor: str,
) -> tuple[str, MergePlan]:
    """Make two people one; return the merge, by which it can be undone, and what it did.

    Raises:
        what `plan` does.
    """
    store.lock(session, (kept_id, taken_id))
    done = plan(session, kept_id, taken_id, wishes, ring=ring)
    for event_id in sorted(pair.stays.event_id for pair in done.doubled):
        events.lock_event(session, event_id)
    hashes = _hashes(done, address_key)
    file_rows = store.read_file_rows(session, (kept_id, taken_id))
    scope = store.scope((kept_id, taken_id), _invitations(session, done), hashes, file_rows)
    before = journal.take(session, scope)
    _carry_out(session, done, file_rows, ring=ring, address_key=address_key, now=now, actor=actor)
    entries = journal.difference(before, journal.take(session, scope), ring=ring)
    merge_id = new_id()
    values = {"kept_id": kept_id, "taken_id": taken_id, "at": now, "by": actor, "hashes": hashes, "letters": {}}
    sealed = ring.seal(_as_text(entries), table=TABLE, row_id=merge_id, column=COLUMN)
    store.add_merge(session, {"id": merge_id, "journal": sealed, **values})
    log.record(session, actor=actor, action="people.merged", subject=f"person:{kept_id}", now=now, other=taken_id)
    return merge_id, done


def _as_text(entries: list[Entry]) -> str:
    return json.dumps([journal.dump(entry) for entry in entries])


def _invitations(session: Session, done: MergePlan) -> list[Invitation]:
    return [one for side in (done.kept, done.taken) for one in read_of_person(session, side.person.id)]


def _hashes(done: MergePlan, address_key: bytes) -> list[str]:
    """Return what both people's addresses are known by in suppression, however they are spelled."""
    found: set[str] = set()
    for side in (done.kept, done.taken):
        for key, address in side.addresses.items():
            found |= {address_hash(address_key, key), mail.hash_of(address, address_key)}
    return sorted(found)


def _carry_out(
    session: Session,
    done: MergePlan,
    file_rows: list[tuple[str, int]],
    *,
    ring: SealRing,
    address_key: bytes,
    now: datetime,
    actor: str,
) -> None:
    kept, taken = done.kept.person, done.taken.person
    store.write_lists(session, taken.id, kept.id, done.lists)
    for pair in done.doubled:
        _join(session, pair, ring=ring, now=now)
    theirs = [one.id for one in done.moved] + [pair.stays.id for pair in done.doubled]
    store.move_invitations(session, theirs, kept.id)
    store.move(session, taken.id, kept.id, file_rows)
    addresses = {**done.kept.addresses, **done.taken.addresses}.values()
    for one, other in permutations(addresses, 2):
        mail.follow(session, one, other, address_key=address_key, now=now, actor=actor)
    store.delete_person(session, taken.id)
    _write_person(session, done, ring=ring, now=now, actor=actor)


def _join(session: Session, pair: Doubled, *, ring: SealRing, now: datetime) -> None:
    """Make two invitations to one event one: what the guest needs is said once, sealed for the one that stays."""
    wanted = [needs.read_needs(session, one.id, ring=ring) for one in (pair.stays, pair.goes)]
    if (text := choosing.both_texts(wanted[0], wanted[1])) != wanted[0]:
        cell = ring.seal(text, table=needs.TABLE, row_id=pair.stays.id, column=needs.COLUMN)
        write_cell(session, pair.stays.id, cell)
    store.join_invitations(session, pair, now=now)
    invitations.write(session, pair.stays, _SETTLED)


def _write_person(session: Session, done: MergePlan, *, ring: SealRing, now: datetime, actor: str) -> None:
    before = done.kept.person
    people.write_person(session, before.id, {**done.columns, "updated_at": now})
    private.write_private(session, before.id, done.private, ring=ring, now=now, actor=actor)
    changes = people_fields.changes_between(before, people.read_person(session, before.id), at=now, actor=actor)
    said = Change(before.id, now, actor, MERGED, None, done.taken.person.id)
    history.add_changes(session, [said, *changes])


# What was done


def read_merges(session: Session, kept_id: str, *, now: datetime) -> list[MergeView]:
    """Return the merges of a person that can still be undone, the newest first."""
    return store.read_merges(session, kept_id, since=now - UNDO_FOR)


def write_letters(session: Session, merge_id: str, letters: Mapping[str, Any]) -> None:
    """Write down what a merge set off: mailings, and what invitations were told by them."""
    store.write_letters(session, merge_id, letters)


def forget_old(session: Session, *, now: datetime) -> int:
    """Forget what was there before merges that can be undone no more; return how many."""
    return store.delete_merges(session, before=now - UNDO_FOR)


def find_new(session: Session, old_id: str) -> str | None:
    """Return the id that the id of someone, or of an invitation, leads to since a merge."""
    return store.find_new(session, old_id)
