"""All dates of a series that a guest is invited to, as one calendar file to add at once.

RFC 5546 allows one UID to a REQUEST, so it is a PUBLISH: many UIDs, no ATTENDEE, the mailbox itself as organizer.
What the guest may not know of a date yet is left out as in the file of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.events import store as events
from service.events.values import Event, EventState
from service.ical import feed
from service.ical.values import Meeting, PartStat
from service.invitations.store.of_person import read_of_person
from service.invitations.values import Invitation, LetterState
from service.letters import desk as writing_desk
from service.letters import rules, store
from service.letters.values import Kind, Recipient
from service.mail.compose import Composer
from service.mail.meeting import is_discreet, meeting_for

TOLD = (LetterState.SENT, LetterState.UNKNOWN)
TAKES_PLACE = (EventState.ANNOUNCED, EventState.POSTPONED)


def dates_of(session: Session, invitation: Invitation, *, now: datetime) -> list[tuple[Event, Invitation]]:
    """Return the dates ahead of the invitation's series that its guest knows of and has not declined, in order."""
    series_id = events.read_event(session, invitation.event_id).series_id
    if series_id is None:
        return []
    theirs = {one.event_id: one for one in read_of_person(session, invitation.person_id) if _is_known(one, invitation)}
    dates = events.read_dates(session, series_id, states=TAKES_PLACE, after=now)
    return [(event, theirs[event.id]) for event in dates if event.id in theirs]


def _is_known(one: Invitation, asking: Invitation) -> bool:
    """Tell whether a guest may know that they are invited: not while the letter is a draft."""
    is_off = one.withdrawn_at or one.substituted_by or one.partstat is PartStat.DECLINED
    return not is_off and (one.letter in TOLD or one.id == asking.id)


def series_calendar_of(session: Session, invitation: Invitation, *, composer: Composer, now: datetime) -> bytes:
    """Return the calendar file of `dates_of`, empty when there is none."""
    dates = dates_of(session, invitation, now=now)
    if not dates:
        return b""
    people = store.read_recipients(session, [one.id for _event, one in dates])
    parts = [_part(session, event, one, people[one.id]) for event, one in dates]
    event, first = dates[0]
    language = composer.kinds.language(Kind.CONFIRMATION, people[first.id].language or event.language)
    words = composer.kinds.words(language)
    made = [meeting_for(facts, slots, composer.addresses.intake, words) for facts, slots in parts]
    return feed.publish(_stamped(made, dates), name=_name(session, event, parts, words))


def _part(session: Session, event: Event, one: Invitation, person: Recipient) -> tuple[dict[str, Any], dict[str, Any]]:
    told = replace(one, sequence_sent=max(event.sequence, one.sequence_sent or 0))
    slots = rules.slots(event, told, person, Kind.CONFIRMATION, now=event.changed_at)
    return writing_desk.mailing_facts(session, event, actor="system"), slots


def _stamped(made: Sequence[Meeting], dates: Sequence[tuple[Event, Invitation]]) -> list[Meeting]:
    """Return the meetings of events that are put off as tentative, as letters say."""
    is_off = [event.state is EventState.POSTPONED for event, _one in dates]
    return [replace(one, status="TENTATIVE") if off else one for one, off in zip(made, is_off, strict=True)]


def _name(session: Session, event: Event, parts: Sequence[tuple[dict[str, Any], dict[str, Any]]], words: Any) -> str:
    if any(is_discreet(facts, slots) for facts, slots in parts):
        return str(words["neutral_title"])
    return str(events.read_one_series(session, str(event.series_id))["title"])
