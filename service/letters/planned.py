"""The duty of planned letters: reminders, joining details and thanks leave on their day, once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.events import store as events
from service.invitations import store as invitations
from service.letters import desk as writing_desk
from service.letters import rules, store
from service.letters.values import Desk, PlannedLetter

NOBODY = "-"  # the letter's day came and nobody was to get it


def send_due(session: Session, *, desk: Desk, now: datetime) -> int:
    """Turn the planned letters that are due into mailings on their way; return how many mailings.

    Running twice does nothing twice: a planned letter that became a mailing names it.
    """
    return sum(_send(session, letter, desk=desk, now=now) for letter in store.read_due(session, now=now))


def _send(session: Session, letter: PlannedLetter, *, desk: Desk, now: datetime) -> int:
    event = events.lock_event(session, letter.event_id)
    if rules.waits_for_close(letter, event, now=now):
        return 0
    mailing_id = NOBODY
    if rules.is_sendable(letter, event, now=now):
        everyone = invitations.read_of_event(session, event.id)
        chosen = rules.recipients_of(letter.kind, everyone, rules.DEFAULT_STATUSES[letter.kind])
        people = store.read_recipients(session, [i.id for i in chosen])
        open_ids = writing_desk.reachable(session, list(people.values()), desk=desk)
        chosen = [i for i in chosen if i.id in open_ids]
        if chosen:
            mailing_id = writing_desk.write_and_send(
                session, event, letter.kind, chosen, desk=desk, now=now, actor="system", at_once=True
            )
    store.write_planned(session, letter.id, mailing_id=mailing_id)
    return int(mailing_id != NOBODY)


def hold(session: Session, planned_id: str, *, held: bool) -> None:
    """Hold a planned letter, or let it leave on its day again."""
    store.write_planned(session, planned_id, held=held)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Tell whether any planned letter's day has come; cheap enough to ask every half second."""
    return bool(store.read_due(session, now=now, limit=1))
