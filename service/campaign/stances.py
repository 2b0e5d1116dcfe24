"""Stances of states and institutions: who is in the core group, who supports, who might, who is reluctant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.rules import RecordIncomplete
from service.campaign.store import STANCES
from service.campaign.store import stances as store
from service.campaign.values import Position, Stance
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id
from service.people import organisations
from service.people import store as people

WHOSE = "Name a state or an institution: one of the two."


def note_stance(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Stance:
    """Note how a state or an institution stands since a day; what was noted before stays as history.

    An institution is named by `organisation_id`, or by `organisation` and made when there is none of that name.

    Raises:
        UnknownProject, RecordIncomplete, UnknownChoice, UnknownCountry, UnknownOrganisation, NotADay.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    stance = judge({**wishes, "organisation_id": _institution(session, wishes, now=now)}, today)
    STANCES.add(session, project_id, stance)
    store.settle(session, project_id, stance.subject)
    facts = {"of": stance.subject, "position": stance.position.value}
    log.record(session, actor=actor, action="stance.noted", subject=f"stance:{stance.id}", now=now, **facts)
    return stance


def _institution(session: Session, wishes: Mapping[str, Any], *, now: datetime) -> str | None:
    if wanted := wishes.get("organisation_id"):
        return str(people.read_organisation(session, str(wanted)).id)
    name = rules.line(wishes.get("organisation"), 300)
    return str(organisations.ensure(session, name, now=now)) if name else None


def judge(wishes: Mapping[str, Any], today: date) -> Stance:
    """Return a stance as it is wanted.

    Raises:
        RecordIncomplete, UnknownChoice, UnknownCountry, NotADay.
    """
    state, institution = wishes.get("country"), wishes.get("organisation_id")
    if bool(state) == bool(institution):
        raise RecordIncomplete(WHOSE, field="country")
    return Stance(
        id=new_id(),
        country=rules.country(state, "country") if state else None,
        organisation_id=str(institution) if institution else None,
        position=rules.choice(Position, wishes.get("position"), "position"),
        noted_on=rules.past_day(wishes.get("noted_on"), "noted_on", today),
        source=rules.needed(rules.line(wishes.get("source"), 300), "source", "Say how you know: a statement, a vote."),
        note=rules.block(wishes.get("note"), 1000),
    )


def take_back(session: Session, project_id: str, stance_id: str, *, now: datetime, actor: str) -> None:
    """Take away a stance that was noted by mistake; the one before it holds again.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    stance = STANCES.read(session, project_id, stance_id)
    STANCES.remove(session, stance_id)
    store.settle(session, project_id, stance.subject)
    log.record(session, actor=actor, action="stance.taken-back", subject=f"stance:{stance_id}", now=now)


def history(stances: list[Stance]) -> dict[str, list[Stance]]:
    """Return the stances of each subject, the latest first."""
    found: dict[str, list[Stance]] = {}
    for stance in sorted(stances, key=lambda one: (one.noted_on, one.id), reverse=True):
        found.setdefault(stance.subject, []).append(stance)
    return found
