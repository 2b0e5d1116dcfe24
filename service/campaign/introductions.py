"""Introductions: who was introduced to whom, by which member of staff, and what is to follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.rules import RecordIncomplete
from service.campaign.store import INTRODUCTIONS
from service.campaign.values import Introduction
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id
from service.people import store as people

FIELDS = ("made_on", "about", "follow_up", "follow_up_on", "done_on")


def add_introduction(
    session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Introduction:
    """Note that someone (`person_id`) was introduced to someone (`to_person_id`).

    Raises:
        UnknownProject, UnknownPerson, RecordIncomplete, NotADay.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    first, second = (people.read_person(session, str(wishes.get(name))).id for name in ("person_id", "to_person_id"))
    if first == second:
        raise RecordIncomplete("These two are one.", field="to_person_id")
    made = judge(Introduction(new_id(), first, second, actor, now, today, "", "", None, None), wishes, today)
    INTRODUCTIONS.add(session, project_id, made)
    log.record(session, actor=actor, action="introduction.noted", subject=f"introduction:{made.id}", now=now)
    return made


def edit_introduction(
    session: Session, project_id: str, introduction_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Introduction:
    """Change what is noted of an introduction, or say that what was to follow is done.

    Raises:
        UnknownRecord, RecordIncomplete, NotADay.
    """
    before = INTRODUCTIONS.read(session, project_id, introduction_id)
    today = local_time(now, read_project(session, project_id).time_zone).date()
    after = judge(before, wishes, today)
    if after != before:
        INTRODUCTIONS.write(session, after)
        subject = f"introduction:{introduction_id}"
        log.record(session, actor=actor, action="introduction.changed", subject=subject, now=now)
    return after


def remove_introduction(session: Session, project_id: str, introduction_id: str, *, now: datetime, actor: str) -> None:
    """Forget that two people were introduced.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    INTRODUCTIONS.read(session, project_id, introduction_id)
    INTRODUCTIONS.remove(session, introduction_id)
    log.record(session, actor=actor, action="introduction.removed", subject=f"introduction:{introduction_id}", now=now)


# Pure


def judge(introduction: Introduction, wishes: Mapping[str, Any], today: date) -> Introduction:
    """Return an introduction as it is wanted; what is left out stays.

    Raises:
        RecordIncomplete, NotADay.
    """
    wanted = {name: wishes.get(name, getattr(introduction, name)) for name in FIELDS}
    follow_up = rules.line(wanted["follow_up"], 300)
    if (wanted["follow_up_on"] or wanted["done_on"]) and not follow_up:
        raise RecordIncomplete("Say what is to follow.", field="follow_up")
    return replace(
        introduction,
        made_on=rules.past_day(wanted["made_on"] or today, "made_on", today),
        about=rules.line(wanted["about"], 300),
        follow_up=follow_up,
        follow_up_on=rules.day_or_none(wanted["follow_up_on"], "follow_up_on"),
        done_on=rules.past_day(wanted["done_on"], "done_on", today) if wanted["done_on"] else None,
    )


def is_open(introduction: Introduction) -> bool:
    """Tell whether something is still to follow."""
    return bool(introduction.follow_up) and introduction.done_on is None
