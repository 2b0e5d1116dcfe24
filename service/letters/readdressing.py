"""A guest's main address changes, and what they are invited to goes with it.

Letters that still wait leave for the new address. What stands in a calendar already is cancelled at
the old address and sent to the new one: the same UID, and each with a SEQUENCE above the last, so
that a calendar which both addresses lead to ends with the entry and not without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from service.directory.values import Moved
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.invitations.store.of_person import read_of_person
from service.invitations.values import Invitation, LetterState
from service.kernel.sealing import SealRing
from service.letters import desk as writing_desk
from service.letters import rules, store
from service.letters.values import Desk, Kind
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Letter
from service.people import actions as people
from service.people import store as people_store
from service.people.values import Person, PersonFields


def update_person(
    session: Session,
    person_id: str,
    changes: PersonFields,
    *,
    desk: Desk,
    now: datetime,
    actor: str,
    ring: SealRing | None = None,
    seen: datetime | None = None,
) -> Person:
    """Change a person; where the main address changes, what they are invited to follows it.

    Raises:
        what `people.actions.update_person` does.
    """
    before = people_store.lock_person(session, person_id)
    after = people.update_person(session, person_id, changes, now=now, actor=actor, ring=ring, seen=seen)
    if after.email_key != before.email_key:
        mail.follow(session, before.email, after.email, address_key=desk.address_key, now=now, actor=actor)
        theirs = read_of_person(session, person_id)
        carry_over(session, theirs, after.email, desk=desk)
        moves = [Moved(one, one.id, before.email, before.language or "") for one in theirs]
        follow(session, moves, desk=desk, now=now, actor=actor)
    return after


def carry_over(session: Session, theirs: Sequence[Invitation], address: str, *, desk: Desk) -> None:
    """Let the letters that wait for someone's invitations go to their new address.

    A cancellation goes where the entry is that it takes away.
    """
    ids = [one.id for one in theirs]
    mail.readdress(session, ids, address, but=rules.CANCELS, address_key=desk.address_key)


def follow(session: Session, moves: Iterable[Moved], *, desk: Desk, now: datetime, actor: str) -> list[str]:
    """Cancel what stands in calendars at addresses that were left, and send it to the present ones.

    The letters leave after the undo window. Return their mailings.
    """
    written: list[str] = []
    for moved in moves:
        event = events.lock_event(session, moved.was.event_id)
        if rules.follows(moved.was, event, now=now):
            written += _follow(session, event, moved, desk=desk, now=now, actor=actor)
    return written


def _follow(session: Session, event: Event, moved: Moved, *, desk: Desk, now: datetime, actor: str) -> list[str]:
    has_entry = moved.cancels and is_at(session, moved, desk=desk)
    written = [_cancel_there(session, event, moved, desk=desk, now=now, actor=actor)] if has_entry else []
    # A letter that waits brings the entry by itself, where nothing newer has to be said.
    is_coming = not has_entry and mail_store.has_waiting(session, moved.invitation_id, rules.WITH_CALENDAR)
    if moved.asks and not is_coming:
        written.append(_send_here(session, event, moved.invitation_id, desk=desk, now=now, actor=actor))
    return written


def is_at(session: Session, moved: Moved, *, desk: Desk) -> bool:
    """Tell whether the event may stand in the calendar at the address that was left: a letter went there."""
    refs = (moved.invitation_id, moved.was.id)
    return mail.was_reached(session, refs, moved.address, address_key=desk.address_key)


def _cancel_there(session: Session, event: Event, moved: Moved, *, desk: Desk, now: datetime, actor: str) -> str:
    """Take the entry out of the calendar at the address that was left; return the mailing."""
    invitation, kind = invitations.read(session, moved.invitation_id), Kind.READDRESSED
    person = store.read_recipients(session, [invitation.id])[invitation.id]
    letter = Letter(
        # The person, not the invitation: should it come back, that says nothing of the new address.
        recipient_ref=person.person_id,
        address=moved.address,
        language=moved.language or event.language,
        slots=rules.slots(event, invitation, person, kind, now=now, must_rise=True),
    )
    told = (invitation.id, invitation.revision_told, int(letter.slots["calendar"]["sequence"]))
    invitations.write_told(session, [told])
    return writing_desk.send_letters(session, event, kind, [letter], desk=desk, now=now, actor=actor)


def _send_here(session: Session, event: Event, invitation_id: str, *, desk: Desk, now: datetime, actor: str) -> str:
    """Send an invitation to its guest's present address; return the mailing."""
    invitation = invitations.read(session, invitation_id)
    if invitation.letter is LetterState.BOUNCED:
        invitations.write_all(session, [invitation_id], letter=LetterState.QUEUED)
    kind = rules.kind_at_new_address(invitation)
    return writing_desk.write_and_send(
        session, event, kind, [invitation], desk=desk, now=now, actor=actor, must_rise=True
    )
