"""The API of the lobby log."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import meetings
from service.campaign.store import MEETINGS
from service.campaign.store.names import organisation_names
from service.campaign.values import LobbyMeeting
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/meetings", tag="campaign")


class MeetingIn(ApiModel):
    """A meeting with a state (`country`) or an institution (`organisation_id`, or `organisation` by name)."""

    country: str | None = None
    organisation_id: str | None = None
    organisation: str | None = None
    held_on: str | None = None
    place: str | None = None
    said: str | None = None
    next_step: str | None = None
    next_on: str | None = None
    owner: str | None = None
    done_on: str | None = None


class MeetingOut(ApiModel):
    """An entry of the log."""

    id: str
    country: str | None
    organisation_id: str | None
    held_on: date
    place: str
    said: str
    next_step: str
    next_on: date | None
    owner: str
    done_on: date | None


def _meeting(meeting: LobbyMeeting) -> MeetingOut:
    return MeetingOut(**{name: getattr(meeting, name) for name in MeetingOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_meetings(
    session: ReadSession, who: Principal, project_id: str, q: str = "", open_only: bool = False
) -> Page[MeetingOut]:
    """Return the log, the latest first; the meetings in which all words occur, or those with something to do."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    every = MEETINGS.read_all(session, project_id)
    names = organisation_names(session, (one.organisation_id for one in every))
    return Page(items=[_meeting(one) for one in meetings.found(every, names, text=q, open_only=open_only)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: MeetingIn) -> MeetingOut:
    """Note a meeting."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _meeting(meetings.add_meeting(session, project_id, wishes, now=now, actor=who.actor))


@router.patch("/{meeting_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, meeting_id: str, body: MeetingIn
) -> MeetingOut:
    """Change what is noted, or say that the next step is done."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _meeting(meetings.edit_meeting(session, project_id, meeting_id, wishes, now=now, actor=who.actor))


@router.delete("/{meeting_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, meeting_id: str) -> Response:
    """Take a meeting out of the log."""
    require_project(who, project_id)
    meetings.remove_meeting(session, project_id, meeting_id, now=now, actor=who.actor)
    return Response(status_code=204)
