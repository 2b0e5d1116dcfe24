"""The records of the campaign as tables for people and programs: each kind with its headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from service.campaign.store import GRANTS, LESSONS, MEETINGS, MESSAGES, STANCES
from service.campaign.store.names import organisation_names
from service.campaign.values import LobbyMeeting, Message
from service.events import store as events

MOST_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name: its headings and its rows, as values."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def stances(session: Session, project_id: str) -> Sheet:
    """Return every stance, the earlier ones too."""
    found = STANCES.read_all(session, project_id)
    names = organisation_names(session, (one.organisation_id for one in found))
    headings = ("state", "institution", "stance", "since", "how we know", "note", "current")
    rows = tuple(
        (s.country, names.get(s.organisation_id or ""), s.position, s.noted_on, s.source, s.note, s.is_current)
        for s in found
    )
    return Sheet("stances", headings, rows)


def messages(session: Session, project_id: str) -> Sheet:
    """Return every version of every message."""
    headings = ("message", "version", "text", "audience", "topic", "countries", "written", "signed off")
    return Sheet("messages", headings, tuple(map(_message, MESSAGES.read_all(session, project_id))))


def _message(m: Message) -> tuple[Any, ...]:
    signed_on = m.signed_at.date() if m.signed_at else None
    return (m.title, m.number, m.text, m.audience_key, m.topic, " ".join(m.countries), m.written_at.date(), signed_on)


def meetings(session: Session, project_id: str) -> Sheet:
    """Return the lobby log."""
    found = MEETINGS.read_all(session, project_id)
    names = organisation_names(session, (one.organisation_id for one in found))
    headings = ("state", "institution", "day", "where", "what was said", "next step", "by", "who sees to it", "done")
    return Sheet("meetings", headings, tuple(_meeting(one, names) for one in found))


def _meeting(m: LobbyMeeting, names: Mapping[str, str]) -> tuple[Any, ...]:
    who = (m.country, names.get(m.organisation_id or ""))
    return (*who, m.held_on, m.place, m.said, m.next_step, m.next_on, m.owner, m.done_on)


def lessons(session: Session, project_id: str) -> Sheet:
    """Return every lesson with the title of its event."""
    titles: Mapping[str, str] = {
        event.id: event.title for event in events.read_events(session, project_id, limit=MOST_EVENTS)
    }
    rows = tuple(
        (one.text, titles.get(one.event_id or ""), one.chapter_key, one.topic, one.setting, " ".join(one.campaigns))
        for one in LESSONS.read_all(session, project_id)
    )
    return Sheet("lessons", ("lesson", "event", "chapter", "topic", "setting", "campaigns"), rows)


def grants(session: Session, project_id: str) -> Sheet:
    """Return the small grants with their amounts: for staff only."""
    found = GRANTS.read_all(session, project_id)
    names = organisation_names(session, (one.organisation_id for one in found))
    headings = ("organisation", "purpose", "state", "since", "currency", "amount", "report due", "note")
    rows = tuple(
        (names[g.organisation_id], g.purpose, g.state, g.since, g.currency, g.amount, g.report_due_on, g.note)
        for g in found
    )
    return Sheet("grants", headings, rows)
