"""Two people made one, with the letters that follow: calendars are told where the one is invited from now on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.directory import merging, unmerging
from service.directory.values import MergePlan, Moved, Undone
from service.events import store as events
from service.events.values import Event
from service.invitations import actions as invitation_actions
from service.invitations import store as invitations
from service.invitations.store.of_person import read_of_person
from service.invitations.values import Seat
from service.kernel.sealing import SealRing
from service.letters import readdressing, rules
from service.letters.actions import confirm
from service.letters.values import Desk
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import MailingState
from service.people import store as people


@dataclass(frozen=True, slots=True)
class Follows:
    """What letters a merge sets off about one event: a CANCEL to the address that is left, a REQUEST to the other."""

    event: Event
    cancels: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging two people would do, and the letters that would leave."""

    plan: MergePlan
    letters: tuple[Follows, ...]


def preview(
    session: Session,
    kept_id: str,
    taken_id: str,
    wishes: Mapping[str, str],
    *,
    ring: SealRing,
    desk: Desk,
    now: datetime,
) -> Preview:
    """Return what merging two people would do, letters too. Nothing is stored.

    Raises:
        what `directory.merging.plan` does.
    """
    plan = merging.plan(session, kept_id, taken_id, wishes, ring=ring)
    found = [_followed(session, moved, desk=desk, now=now) for moved in plan.leaving]
    return Preview(plan, tuple(one for one in found if one.cancels or one.asks))


def _followed(session: Session, moved: Moved, *, desk: Desk, now: datetime) -> Follows:
    event = events.read_event(session, moved.was.event_id)
    if not rules.follows(moved.was, event, now=now):
        return Follows(event, cancels=False, asks=False)
    is_there = readdressing.is_at(session, moved, desk=desk)
    is_coming = not is_there and mail_store.has_waiting(session, moved.invitation_id, rules.WITH_CALENDAR)
    return Follows(event, cancels=is_there, asks=moved.asks and not is_coming)


def merge(
    session: Session,
    kept_id: str,
    taken_id: str,
    wishes: Mapping[str, str],
    *,
    ring: SealRing,
    desk: Desk,
    now: datetime,
    actor: str,
) -> str:
    """Make two people one and tell calendars; return the merge, by which it can be undone.

    Raises:
        what `directory.merging.plan` does: nothing is stored.
    """
    merge_id, done = merging.merge(
        session, kept_id, taken_id, wishes, ring=ring, address_key=desk.address_key, now=now, actor=actor
    )
    before = {one.id: one for one in read_of_person(session, kept_id)}
    readdressing.carry_over(session, list(before.values()), done.columns["email"], desk=desk)
    written = readdressing.follow(session, done.leaving, desk=desk, now=now, actor=actor)
    after = read_of_person(session, kept_id)
    told = {one.id: [_told(before[one.id]), _told(one)] for one in after if _told(one) != _told(before[one.id])}
    merging.write_letters(session, merge_id, {"mailings": written, "told": told})
    _pass_seats_on(session, done, desk=desk, now=now)
    return merge_id


def _told(invitation: Any) -> list[Any]:
    return [invitation.sequence_sent, invitation.revision_told, invitation.letter.value]


def _pass_seats_on(session: Session, done: MergePlan, *, desk: Desk, now: datetime) -> None:
    """Give the chair of whoever had two to the first who waits, and tell them."""
    for pair in done.doubled:
        event = events.lock_event(session, pair.stays.event_id)
        if pair.goes.seat is Seat.HELD and event.starts_at > now and not event.offer_freed_seats:
            for invitation in invitation_actions.fill_seats(session, event):
                confirm(session, event, invitation, desk=desk, now=now)


def undo(session: Session, merge_id: str, *, ring: SealRing, desk: Desk, now: datetime, actor: str) -> Undone:
    """Make one person two again. Letters that still wait are called off; those that left are followed by others.

    Raises:
        what `directory.unmerging.undo` does: nothing is done.
    """
    letters = unmerging.read(session, merge_id, now=now).letters
    written = letters.get("mailings", [])
    has_left = mail_store.has_left(session, written)
    for mailing_id in written:
        if mail.read_mailing(session, mailing_id).state not in (MailingState.DONE, MailingState.CANCELLED):
            mail.cancel(session, mailing_id, now=now, actor=actor)
    if not has_left:
        _take_back(session, letters.get("told", {}))
    undone = unmerging.undo(session, merge_id, ring=ring, now=now, actor=actor)
    for person in people.read_these(session, [undone.kept_id, undone.taken_id]).values():
        readdressing.carry_over(session, read_of_person(session, person.id), person.email, desk=desk)
    if has_left:
        _raise(session, undone.moved)
        readdressing.follow(session, undone.moved, desk=desk, now=now, actor=actor)
    return undone


def _take_back(session: Session, told: Mapping[str, Any]) -> None:
    """Let invitations have been told what they were before letters that nobody got."""
    for one in invitations.read_many(session, list(told)):
        (sequence, revision, letter), after = told[one.id]
        if _told(one) == after:
            invitations.write_all(session, [one.id], sequence_sent=sequence, revision_told=revision, letter=letter)


def _raise(session: Session, moves: Iterable[Moved]) -> None:
    """Let two invitations to one event go on from the higher SEQUENCE: one calendar may have seen both."""
    highest: dict[str, int] = {}
    current = {one.id: one for one in invitations.read_many(session, [moved.invitation_id for moved in moves])}
    for one in current.values():
        highest[one.event_id] = max(highest.get(one.event_id, 0), one.sequence_sent or 0)
    for one in current.values():
        invitations.write(session, replace(one, sequence_sent=highest[one.event_id]), ("sequence_sent",))
