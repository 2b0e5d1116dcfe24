"""The SQL of forgetting what records of the campaign and of results say of someone, and of showing it.

They are not about persons and staff are told to name none; where one was named all the same, the text goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlmodel import Session, SQLModel

from service.campaign.tables import CampaignMessage, Introduction, Lesson, LobbyMeeting, SmallGrant, Stance
from service.db.types import columns
from service.dissemination.tables.events import EventCost, EventNotes
from service.dissemination.tables.results import CaseStudy, EvidenceFile, Outcome, ResultRecord
from service.kernel.text import folded
from service.privacy.values import Subject

# The columns of each table in which somebody writes freely.
TEXTS: Mapping[type[SQLModel], tuple[str, ...]] = {
    CampaignMessage: ("title", "text"),
    Introduction: ("about", "follow_up"),
    Lesson: ("text",),
    LobbyMeeting: ("place", "said", "next_step", "owner"),
    SmallGrant: ("purpose", "note"),
    Stance: ("source", "note"),
    Outcome: ("what", "who", "place", "significance", "contribution", "evidence", "substantiator"),
    CaseStudy: ("title", "text", "names", "consent"),
    EventCost: ("what",),
    EventNotes: ("decisions", "asks", "owners", "links"),
    EvidenceFile: ("note",),
    ResultRecord: ("title", "by_whom", "reference", "archived", "note"),
}

_I = columns(Introduction)


def forget_introductions(session: Session, subject: Subject) -> int:
    """Delete that someone was introduced to others, or others to them; return how often."""
    return int(session.connection().execute(delete(Introduction).where(_theirs(subject))).rowcount)


def read_introductions(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return when and about what someone was introduced, oldest first; not who the other one is."""
    query = select(_I.made_on, _I.about, _I.follow_up, _I.follow_up_on, _I.done_on, _I.noted_at)
    return [dict(row) for row in session.execute(query.where(_theirs(subject)).order_by(_I.noted_at)).mappings()]


def _theirs(subject: Subject) -> Any:
    return or_(_I.person_id.in_(subject.refs), _I.to_person_id.in_(subject.refs))


def forget_notes(session: Session, subject: Subject) -> int:
    """Empty the texts of records that speak of someone; return of how many records."""
    found = list(_speaking(session, subject))
    for table, row, names in found:
        session.execute(update(table).where(columns(table).id == row["id"]).values(dict.fromkeys(names, "")))
    return len(found)


def read_notes(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the texts of records that speak of someone, with the kind of record."""
    found = _speaking(session, subject)
    return [{"record": str(table.__tablename__), **{name: row[name] for name in names}} for table, row, names in found]


def _speaking(session: Session, subject: Subject) -> Iterator[tuple[type[SQLModel], Mapping[Any, Any], list[str]]]:
    """Give each record that names someone: its table, its row, and the columns in which it does."""
    marks = [folded(mark) for mark in subject.marks]
    for table, texts in TEXTS.items():
        c = columns(table)
        query = select(c.id, *(c[name] for name in texts)).where(or_(*(c[name] != "" for name in texts)))
        for row in session.execute(query.order_by(c.id)).mappings().all():
            named = [name for name in texts if any(mark in folded(row[name] or "") for mark in marks)]
            if named:
                yield table, row, named
