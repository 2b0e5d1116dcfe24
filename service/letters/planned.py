"""The duty of planned letters: reminders, joining details and what follows an event leave on their day, once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.events import store as events
from service.invitations import store as invitations
from service.invitations.values import Invitation
from service.letters import chain, rules, store
from service.letters import desk as writing_desk
from service.letters.store import planned_letters
from service.letters.values import Desk, PlannedLetter

NOBODY = "-"  # the letter's day came and nobody was to get it


def send_due(session: Session, *, desk: Desk, now: datetime) -> int:
    """Turn the planned letters that are due into mailings on their way; return how many mailings.

    Running twice does nothing twice: a planned letter that became a mailing names it.
    """
    return sum(_send(session, letter, desk=desk, now=now) for letter in planned_letters.read_due(session, now=now))


def _send(session: Session, due: PlannedLetter, *, desk: Desk, now: datetime) -> int:
    event = events.lock_event(session, due.event_id)
    letter = planned_letters.read_one(session, due.id)  # while we waited for the event, someone may have been here
    if letter is None or letter.mailing_id or letter.held or letter.due_at > now:
        return 0
    mailing_id = NOBODY
    if rules.is_sendable(letter, event, now=now):
        chosen = _recipients(session, letter)
        people = store.read_recipients(session, [i.id for i in chosen])
        open_ids = writing_desk.reachable(session, list(people.values()), desk=desk)
        chosen = [i for i in chosen if i.id in open_ids]
        if chosen:
            facts = chain.facts_of(session, letter)
            mailing_id = writing_desk.write_and_send(
                session, event, letter.kind, chosen, desk=desk, now=now, actor="system", at_once=True, facts=facts
            )
    planned_letters.write(session, letter.id, mailing_id=mailing_id)
    return int(mailing_id != NOBODY)


def _recipients(session: Session, letter: PlannedLetter) -> list[Invitation]:
    if letter.kind in rules.AFTER_EVENT:
        return chain.recipients(session, letter.event_id, [letter.kind])[letter.kind]
    everyone = invitations.read_of_event(session, letter.event_id)
    return rules.recipients_of(letter.kind, everyone, rules.DEFAULT_STATUSES[letter.kind])


def hold(session: Session, planned_id: str, *, held: bool) -> None:
    """Hold a planned letter, or let it leave on its day again."""
    planned_letters.write(session, planned_id, held=held)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Tell whether any planned letter's day has come; cheap enough to ask every half second."""
    return bool(planned_letters.read_due(session, now=now, limit=1))
