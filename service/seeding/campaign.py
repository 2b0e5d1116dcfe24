"""Load the records of the campaign: each is found again by what it says, so a second load adds nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.campaign import grants, messages, quotas, stances, together
from service.campaign.store import GRANTS, LESSONS, MESSAGES, STANCES
from service.dissemination import lessons
from service.events import store as events
from service.seeding.values import Folder

STEPS = ("applied", "awarded", "reported", "declined")
ACTOR = "system"


def load_records(session: Session, project_id: str, seeds: Folder, *, d0: date, now: datetime) -> Counter[str]:
    """Put in the records of each kind that has none yet. Days count from D0."""
    created: Counter[str] = Counter()
    if not STANCES.read_all(session, project_id):
        for row in seeds.stances:
            stances.note_stance(session, project_id, _stance(row, d0), now=now, actor=ACTOR)
            created["stances"] += 1
    if not MESSAGES.read_all(session, project_id):
        for row in seeds.messages:
            messages.add_message(session, project_id, {**row, "audience_key": row["audience"]}, now=now, actor=ACTOR)
            created["messages"] += 1
    if not LESSONS.read_all(session, project_id):
        for row in seeds.lessons:
            lessons.add_lesson(session, project_id, _lesson(session, row), now=now, actor=ACTOR)
            created["lessons"] += 1
    if not GRANTS.read_all(session, project_id):
        for row in seeds.grants:
            _grant(session, project_id, row, d0, now=now)
            created["grants"] += 1
    return created


def _stance(row: dict[str, str], d0: date) -> dict[str, Any]:
    return {
        "country": row["state"],
        "organisation": row["institution"],
        "position": row["stance"],
        "noted_on": d0 + timedelta(days=int(row["day"])),
        "source": row["source"],
        "note": row["note"],
    }


def _lesson(session: Session, row: dict[str, str]) -> dict[str, Any]:
    place = events.read_event_by_slug(session, row["event"])
    where = {"event_id": place.id if place else "", "chapter_key": row["chapter"]}
    return {**row, **where, "campaigns": row["campaigns"].split()}


def _grant(session: Session, project_id: str, row: dict[str, str], d0: date, *, now: datetime) -> None:
    def day(name: str) -> date | None:
        return d0 + timedelta(days=int(row[name])) if row[name] else None

    wishes = {name: row[name] for name in ("organisation", "purpose", "currency", "amount", "note")}
    dates = {"since": day("enquiry"), "report_due_on": day("report_due")}
    made = grants.add_grant(session, project_id, {**wishes, **dates}, now=now, actor=ACTOR)
    for step in STEPS:
        if on_day := day(step):
            grants.move_grant(session, project_id, made.id, step, on_day, now=now, actor=ACTOR)


def complete_event(session: Session, wanted: dict[str, Any], *, now: datetime) -> None:
    """Give a new event its places by audience, and put it under its umbrella, which stands before it in the file."""
    made = events.read_event_by_slug(session, wanted["slug"])
    if made is not None and "places" in wanted:
        quotas.set_quotas(session, made.id, wanted["places"], now=now, actor=ACTOR)
    umbrella = events.read_event_by_slug(session, wanted.get("part_of", ""))
    if made is not None and umbrella is not None:
        together.join(session, umbrella.id, made.id, now=now, actor=ACTOR)
