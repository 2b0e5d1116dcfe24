"""Plain functions that make values and rows; a test names only what matters to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from service.events import actions as event_actions
from service.events.values import Event, EventDraft, EventKind, EventState, Mode, Privacy
from service.ical.values import PartStat
from service.invitations.values import Attendance, Invitation, LetterState, Seat
from service.kernel.ids import new_id
from service.kernel.sealing import FieldKey, SealRing
from service.kernel.text import folded
from service.letters import changes
from service.letters.values import Desk
from service.people.tables import Audience, MailingList, Membership, Organisation, Person

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
STAFF = "staff:01test"
RING = SealRing(FieldKey("test", bytes(range(32))))
DESK = Desk(address_key=b"k" * 32, undo_seconds=60, domain="seminars.example.org")


def make_event(**wishes: Any) -> Event:
    """An announced hybrid seminar in London on 28 January 2027, 14:00–16:00."""
    columns: dict[str, Any] = {
        "id": new_id(),
        "project_id": "p",
        "series_id": None,
        "slug": "seminar-2",
        "kind": EventKind.SEMINAR,
        "state": EventState.ANNOUNCED,
        "mode": Mode.HYBRID,
        "privacy": Privacy.INVITED,
        "title": "Seminar 2: Working with governments",
        "summary": "",
        "language": "en",
        "whole_day": False,
        "starts_local": "2027-01-28T14:00",
        "ends_local": "2027-01-28T16:00",
        "time_zone": "Europe/London",
        "starts_at": datetime(2027, 1, 28, 14, 0, tzinfo=UTC),
        "ends_at": datetime(2027, 1, 28, 16, 0, tzinfo=UTC),
        "place": "Meeting house, Room 2",
        "online_url": "https://meet.example.org/seminar-2",
        "capacity": None,
        "offer_freed_seats": False,
        "reply_by": None,
        "topics": (),
        "uid": "u@seminars.example.org",
        "sequence": 0,
        "revision": 1,
        "changed_at": NOW,
        "announced_at": NOW,
        "closed_at": None,
        "cancelled_at": None,
        "cancel_reason": "",
        "head_count": None,
    }
    return Event(**{**columns, **wishes})


def make_invitation(**wishes: Any) -> Invitation:
    """An invitation that was sent and not yet answered."""
    columns: dict[str, Any] = {
        "id": new_id(),
        "event_id": "e",
        "person_id": new_id(),
        "list_id": None,
        "basis": "consent",
        "created_at": NOW,
        "created_by": STAFF,
        "walk_in": False,
        "withdrawn_at": None,
        "letter": LetterState.SENT,
        "partstat": PartStat.NEEDS_ACTION,
        "online": False,
        "replied_at": None,
        "reply_source": None,
        "reply_dtstamp": None,
        "reply_sequence": None,
        "comment": "",
        "asked_again": False,
        "seat": Seat.NONE,
        "seat_order": 0,
        "attendance": Attendance.UNKNOWN,
        "revision_told": 1,
        "sequence_sent": 0,
        "token_version": 1,
        "substituted_by": None,
        "substitute_for": None,
    }
    return Invitation(**{**columns, **wishes})


def add_project(session: Session, **wishes: Any) -> str:
    """Store a project of eighteen months and return its id."""
    given: dict[str, Any] = {
        "name": "Resource book on coalition campaigning",
        "organisation": "Halden Trust",
        "time_zone": "Europe/London",
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 9, 30),
    }
    return event_actions.create_project(session, **{**given, **wishes}, now=NOW, actor=STAFF).id


def add_event(session: Session, *, announce: bool = True, now: datetime = NOW, **wishes: Any) -> Event:
    """Store a seminar, announced unless asked otherwise, in a project of its own unless one is given."""
    given: dict[str, Any] = {
        "project_id": wishes.pop("project_id", None) or add_project(session),
        "kind": "seminar",
        "title": "Seminar 2: Working with governments",
        "starts_at": "2027-01-28T14:00",
        "time_zone": "Europe/London",
        "place": "Meeting house, Room 2",
        "online_url": "https://meet.example.org/seminar-2",
    }
    draft = EventDraft(**{**given, **wishes})
    event = event_actions.create_event(session, draft, uid_domain=DESK.domain, now=now, actor=STAFF)
    return changes.announce_event(session, event.id, desk=DESK, now=now, actor=STAFF) if announce else event


_NAMES = ("Maria Achieng", "Tomás Rivadeneira", "Ingrid Solheim", "Joseph Karanja", "Layla Mansour", "Fatou Ndiaye")
_ZONES = ("Africa/Nairobi", "America/Guayaquil", "Europe/Oslo", "Africa/Nairobi", "Asia/Amman", "Africa/Dakar")
_LANGUAGES = ("en", "es", "en", "en", "ar", "fr")


def add_people(session: Session, count: int, *, prefix: str = "guest", **wishes: Any) -> list[str]:
    """Store people at example.org with names and languages of the cast; return their ids in order."""
    rows = []
    for number in range(count):
        name = _NAMES[number % 6] if number < 6 else f"{_NAMES[number % 6]} {number}"
        address = f"{prefix}{number}@example.org"
        row = {
            "id": new_id(),
            "name": name,
            "greeting": name.split()[0],
            "email": address,
            "email_key": address,
            "other_emails": [],
            "tags": [],
            "language": _LANGUAGES[number % 6],
            "time_zone": _ZONES[number % 6],
            "source": "Geneva meeting, November 2026",
            "folded": folded(f"{name} {address}"),
            "at_risk": False,
            "created_at": NOW,
            "updated_at": NOW,
        }
        rows.append({**row, **wishes})
    session.execute(insert(Person), rows)
    return [str(row["id"]) for row in rows]


def add_list(session: Session, person_ids: list[str], *, key: str = "guests", basis: str | None = "consent") -> str:
    """Store a list whose members agreed, and return its id."""
    list_id = new_id()
    row = {"id": list_id, "key": key, "name": key.title(), "purpose": "events", "public": False}
    session.execute(insert(MailingList).values(**row, double_opt_in=True, created_at=NOW))
    members = [{"list_id": list_id, "person_id": p, "basis": basis, "joined_at": NOW} for p in person_ids]
    if members:
        session.execute(insert(Membership), members)
    return list_id


def add_audience(session: Session, rank: int, key: str) -> str:
    """Store a ranked audience and return its id."""
    audience_id = new_id()
    session.execute(insert(Audience).values(id=audience_id, rank=rank, key=key, name=key.replace("_", " ").title()))
    return audience_id


def add_organisation(session: Session, name: str) -> str:
    """Store an organisation and return its id."""
    organisation_id = new_id()
    session.execute(insert(Organisation).values(id=organisation_id, name=name, folded=folded(name), created_at=NOW))
    return organisation_id
