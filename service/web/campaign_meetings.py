"""Staff page of the lobby log: with whom one spoke, what was said, what follows."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import meetings, sheets
from service.campaign.store import MEETINGS
from service.campaign.store.names import organisation_names
from service.campaign.values import LobbyMeeting
from service.events.values import Project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.csv_files import csv_file
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.house import house_of
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/meetings")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("country", "organisation", "held_on", "place", "said", "next_step", "next_on", "owner", "done_on")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, q: str = "", open_only: str = "", saved: str = ""
) -> Response:
    """Show the log, the latest first; the meetings in which words occur, or those with something to do."""
    picked = {"q": q, "open_only": open_only}
    return _page(request, session, own_project(request, session, who), {}, picked=picked, saved=saved)


@router.get("/meetings.csv")
@rule(Permission.READ)
def save(request: Request, session: ReadSession, who: Who) -> Response:
    """Give the log as a table."""
    return csv_file(sheets.meetings(session, own_project(request, session, who).id))


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Note a meeting; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        made = meetings.add_meeting(session, project.id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, {"form": "new", **form}, error=error)
    return _back(project, made.id)


@router.post("/{meeting_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, meeting_id: str) -> Response:
    """Change what is noted, or take it away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    if form.get("remove"):
        meetings.remove_meeting(session, project.id, meeting_id, now=now, actor=who.actor)
        return RedirectResponse(f"/plan/campaign/meetings?project={project.id}", 303)
    try:
        meetings.edit_meeting(session, project.id, meeting_id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, {**form, "form": meeting_id}, error=error)
    return _back(project, meeting_id)


def _wishes(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form[name] for name in FIELDS if name in form}


def _back(project: Project, meeting_id: str) -> Response:
    return RedirectResponse(
        f"/plan/campaign/meetings?project={project.id}&saved={meeting_id}#meeting-{meeting_id}", 303
    )


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    *,
    picked: Mapping[str, str] | None = None,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    found = MEETINGS.read_all(session, project.id)
    names = organisation_names(session, (one.organisation_id for one in found))
    wanted = dict(picked or {"q": "", "open_only": ""})
    return page(
        request,
        "campaign/meetings.html",
        project=project,
        meetings=meetings.found(found, names, text=wanted["q"], open_only=bool(wanted["open_only"])),
        total=len(found),
        waiting=sum(map(meetings.is_open, found)),
        picked=wanted,
        names=names,
        today=local_time(house_of(request).clock(), project.time_zone).date(),
        values={one.id: _typed(one, names) for one in found},
        blank=dict.fromkeys(FIELDS, ""),
        typed={"form": "", **dict.fromkeys(FIELDS, "")} | dict(typed),
        errors={error.field or "country": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )


def _typed(meeting: LobbyMeeting, names: Mapping[str, str]) -> dict[str, str]:
    """Return a meeting as its form has it."""
    values = {name: str(getattr(meeting, name) or "") for name in FIELDS if name != "organisation"}
    return values | {"organisation": names.get(meeting.organisation_id or "", "")}
