"""The API of introductions: people by their ids only."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import introductions
from service.campaign.store import INTRODUCTIONS
from service.campaign.values import Introduction
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/introductions", tag="campaign")


class NewIntroduction(ApiModel):
    """Two people who were introduced, on a day (today when none is given), and what is to follow."""

    person_id: str
    to_person_id: str
    made_on: str | None = None
    about: str = ""
    follow_up: str = ""
    follow_up_on: str | None = None


class IntroductionIn(ApiModel):
    """What changes of an introduction."""

    made_on: str | None = None
    about: str | None = None
    follow_up: str | None = None
    follow_up_on: str | None = None
    done_on: str | None = None


class IntroductionOut(ApiModel):
    """An introduction."""

    id: str
    person_id: str
    to_person_id: str
    made_by: str
    made_on: date
    about: str
    follow_up: str
    follow_up_on: date | None
    done_on: date | None


def _introduction(one: Introduction) -> IntroductionOut:
    return IntroductionOut(**{name: getattr(one, name) for name in IntroductionOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_introductions(
    session: ReadSession, who: Principal, project_id: str, open_only: bool = False
) -> Page[IntroductionOut]:
    """Return the introductions, or those of which something is still to follow."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = INTRODUCTIONS.read_all(session, project_id)
    return Page(items=[_introduction(one) for one in found if introductions.is_open(one) or not open_only])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: NewIntroduction) -> IntroductionOut:
    """Note an introduction."""
    require_project(who, project_id)
    made = introductions.add_introduction(session, project_id, body.model_dump(), now=now, actor=who.actor)
    return _introduction(made)


@router.patch("/{introduction_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, introduction_id: str, body: IntroductionIn
) -> IntroductionOut:
    """Change what is noted, or say that what was to follow is done."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    done = introductions.edit_introduction(session, project_id, introduction_id, wishes, now=now, actor=who.actor)
    return _introduction(done)


@router.delete("/{introduction_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, introduction_id: str) -> Response:
    """Forget that two people were introduced."""
    require_project(who, project_id)
    introductions.remove_introduction(session, project_id, introduction_id, now=now, actor=who.actor)
    return Response(status_code=204)
