"""Who a letter to a list may go to: each with the ground, and whether letters to the address are stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from service.directory import segments
from service.invitations.store import rosters
from service.invitations.values import Candidate
from service.letters import desk as writing_desk
from service.letters.values import Desk
from service.mail import actions as mail
from service.people.values import Basis, MailingList


def of_list(session: Session, event_id: str, target: MailingList) -> list[Candidate]:
    """Return who is on a list; of a segment, who matches now, each on its ground.

    Raises:
        SegmentBroken: nobody can say who matches.
    """
    if target.filter is None:
        return rosters.read_list_roster(session, event_id, target.id)
    ids = segments.member_ids(session, target)
    if target.ground == Basis.CONSENT:
        return rosters.read_consented_roster(session, event_id, ids, target.purpose)
    return rosters.read_named_roster(session, event_id, ids, str(target.ground))


def with_suppression(
    session: Session, roster: Sequence[Candidate], scopes: Sequence[str], desk: Desk
) -> list[Candidate]:
    """Return the same people, each knowing whether letters of these scopes are stopped."""
    hashed = [replace(c, address_hash=writing_desk.hashed(desk, c.address)) for c in roster]
    blocked = mail.suppressed_hashes(session, [c.address_hash for c in hashed], scopes)
    return [replace(c, is_suppressed=c.address_hash in blocked) for c in hashed]
