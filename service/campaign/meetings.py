"""The lobby log: with which state or institution one spoke, where, what was said, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.rules import RecordIncomplete
from service.campaign.store import MEETINGS
from service.campaign.values import LobbyMeeting
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id
from service.kernel.text import folded
from service.people import organisations
from service.people import store as people

FIELDS = ("country", "organisation_id", "held_on", "place", "said", "next_step", "next_on", "owner", "done_on")


def add_meeting(
    session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> LobbyMeeting:
    """Note a meeting with a state (`country`) or an institution (`organisation_id`, or `organisation` by name).

    Raises:
        UnknownProject, UnknownOrganisation, UnknownCountry, RecordIncomplete, NotADay.
    """
    today = _today(session, project_id, now)
    blank = LobbyMeeting(new_id(), None, None, today, "", "", "", None, "", None)
    meeting = judge(blank, _named(session, wishes, now=now), today)
    MEETINGS.add(session, project_id, meeting)
    log.record(session, actor=actor, action="meeting.noted", subject=f"meeting:{meeting.id}", now=now)
    return meeting


def edit_meeting(
    session: Session, project_id: str, meeting_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> LobbyMeeting:
    """Change what is noted of a meeting, or say that its next step is done; what is left out stays.

    Raises:
        UnknownRecord, UnknownOrganisation, UnknownCountry, RecordIncomplete, NotADay.
    """
    before = MEETINGS.read(session, project_id, meeting_id)
    after = judge(before, _named(session, wishes, now=now), _today(session, project_id, now))
    if after != before:
        MEETINGS.write(session, after)
        log.record(session, actor=actor, action="meeting.changed", subject=f"meeting:{meeting_id}", now=now)
    return after


def remove_meeting(session: Session, project_id: str, meeting_id: str, *, now: datetime, actor: str) -> None:
    """Take a meeting out of the log.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    MEETINGS.read(session, project_id, meeting_id)
    MEETINGS.remove(session, meeting_id)
    log.record(session, actor=actor, action="meeting.removed", subject=f"meeting:{meeting_id}", now=now)


def _today(session: Session, project_id: str, now: datetime) -> date:
    return local_time(now, read_project(session, project_id).time_zone).date()


def _named(session: Session, wishes: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return wishes with the institution by its id."""
    named = dict(wishes)
    if wanted := wishes.get("organisation_id"):
        named["organisation_id"] = people.read_organisation(session, str(wanted)).id
    elif name := rules.line(wishes.get("organisation"), 300):
        named["organisation_id"] = organisations.ensure(session, name, now=now)
    elif "organisation" in wishes:
        named["organisation_id"] = None
    return named


# Pure


def judge(meeting: LobbyMeeting, wishes: Mapping[str, Any], today: date) -> LobbyMeeting:
    """Return a meeting as it is wanted; what is left out stays.

    Raises:
        RecordIncomplete, UnknownCountry, NotADay.
    """
    wanted = {name: wishes.get(name, getattr(meeting, name)) for name in FIELDS}
    if bool(wanted["country"]) == bool(wanted["organisation_id"]):
        raise RecordIncomplete("Name a state or an institution: one of the two.", field="country")
    done_on = rules.past_day(wanted["done_on"], "done_on", today) if wanted["done_on"] else None
    next_step = rules.line(wanted["next_step"], 300)
    if (wanted["next_on"] or done_on) and not next_step:
        raise RecordIncomplete("Say what the next step is.", field="next_step")
    return replace(
        meeting,
        country=rules.country(wanted["country"], "country") if wanted["country"] else None,
        organisation_id=str(wanted["organisation_id"]) if wanted["organisation_id"] else None,
        held_on=rules.past_day(wanted["held_on"], "held_on", today),
        place=rules.needed(rules.line(wanted["place"], 300), "place", "Say where or at which conference."),
        said=rules.needed(rules.block(wanted["said"], 4000), "said", "Say what was said."),
        next_step=next_step,
        next_on=rules.day_or_none(wanted["next_on"], "next_on"),
        owner=rules.line(wanted["owner"], 60),
        done_on=done_on,
    )


def is_open(meeting: LobbyMeeting) -> bool:
    """Tell whether a next step waits to be done."""
    return bool(meeting.next_step) and meeting.done_on is None


def found(
    meetings: Iterable[LobbyMeeting], names: Mapping[str, str], *, text: str = "", open_only: bool = False
) -> list[LobbyMeeting]:
    """Return the meetings in which all words occur, the latest first; those with a next step to do.

    `names` are the institutions by id. A state is found by its code only.
    """
    words = folded(text).split()

    def says(meeting: LobbyMeeting) -> str:
        who = names.get(meeting.organisation_id or "", meeting.country or "")
        return folded(f"{who} {meeting.place} {meeting.said} {meeting.next_step} {meeting.owner}")

    chosen = [one for one in meetings if is_open(one) or not open_only]
    chosen = [one for one in chosen if all(word in says(one) for word in words)]
    return sorted(chosen, key=lambda one: (one.held_on, one.id), reverse=True)
