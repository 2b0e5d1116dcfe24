"""Staff pages of a report's life: its words, its figures anew, reviewed, issued, another in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import actions, issuing
from service.dissemination.comparing import PARTS
from service.dissemination.gate import NotReady
from service.dissemination.lifecycle import AnotherMustIssue, ReportMoved, check_open
from service.dissemination.snapshots import Narrative, SnapshotLine
from service.events import store as events
from service.kernel.errors import Conflict, Invalid
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession, require_project
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.render import page
from service.web.reports import frozen_page, own_snapshot
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/reports")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
Seen = Annotated[str, Form()]


def own_report(session: Session, who: Who, snapshot_id: str) -> SnapshotLine:
    """Return where a report stands, of a project this member of staff may see."""
    line = issuing.read_line(session, snapshot_id)
    require_project(who, line.project_id)
    return line


@router.get("/{snapshot_id:identifier}/words")
@rule(Permission.EXPORT)
def words(request: Request, session: ReadSession, who: Who, snapshot_id: str) -> Response:
    """Show the parts of a draft that people write."""
    line = own_report(session, who, snapshot_id)
    check_open(line, None)
    view = actions.read_snapshot(session, snapshot_id)
    values = {name: getattr(view.narrative, name) for name in Narrative.__dataclass_fields__}
    return _form(request, session, line, {**values, "grade": view.grade.value, "seen": line.sha256})


@router.post("/{snapshot_id:identifier}/words")
@rule(Permission.EXPORT)
def write(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, snapshot_id: str) -> Response:
    """Keep what was written; what cannot be kept comes back as it was typed."""
    line = own_report(session, who, snapshot_id)
    grade, seen = form.get("grade", ""), form.get("seen")
    try:
        issuing.write_words(session, snapshot_id, dict(form), grade=grade, seen=seen, now=now, actor=who.actor)
    except (Invalid, ReportMoved) as error:
        session.rollback()
        return _form(request, session, line, form, error=error)
    return RedirectResponse(f"/reports/{snapshot_id}", 303)


def _form(
    request: Request,
    session: Session,
    line: SnapshotLine,
    values: Mapping[str, str],
    *,
    error: Invalid | Conflict | None = None,
) -> Response:
    field = (error.field if isinstance(error, Invalid) else None) or "summary"
    return page(
        request,
        "reports/words.html",
        project=events.read_project(session, line.project_id),
        line=line,
        values=dict.fromkeys((*Narrative.__dataclass_fields__, "grade", "seen"), "") | dict(values),
        errors={field: error.sentence} if error else {},
        status=200 if error is None else 422 if isinstance(error, Invalid) else 409,
    )


@router.get("/{snapshot_id:identifier}/changes")
@rule(Permission.READ)
def changes(request: Request, session: ReadSession, who: Who, snapshot_id: str, since: str = "") -> Response:
    """Show what differs from another report: the one issued before it, unless another is asked for."""
    line = own_report(session, who, snapshot_id)
    other, differences = issuing.read_changes(session, line, since)
    return page(
        request,
        "reports/changes.html",
        project=events.read_project(session, line.project_id),
        line=line,
        other=other,
        others=[one for one in actions.read_snapshots(session, line.project_id) if one.id != line.id],
        parts=[(part, [one for one in differences if one.part == part]) for part in PARTS],
    )


@router.post("/{snapshot_id:identifier}/figures")
@rule(Permission.EXPORT)
def count(session: WriteSession, who: Who, now: Now, snapshot_id: str) -> Response:
    """Take the figures of a draft anew."""
    own_report(session, who, snapshot_id)
    issuing.count_anew(session, snapshot_id, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{snapshot_id}", 303)


@router.post("/{snapshot_id:identifier}/review")
@rule(Permission.EXPORT)
def review(session: WriteSession, who: Who, now: Now, snapshot_id: str, seen: Seen = "") -> Response:
    """Close the draft that was read."""
    own_report(session, who, snapshot_id)
    issuing.review(session, snapshot_id, seen=seen, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{snapshot_id}", 303)


@router.post("/{snapshot_id:identifier}/reopen")
@rule(Permission.EXPORT)
def reopen(session: WriteSession, who: Who, now: Now, snapshot_id: str) -> Response:
    """Make a reviewed report a draft again."""
    own_report(session, who, snapshot_id)
    issuing.reopen(session, snapshot_id, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{snapshot_id}", 303)


@router.post("/{snapshot_id:identifier}/issue")
@rule(Permission.EXPORT)
def issue(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    snapshot_id: str,
    waived: Annotated[str, Form()] = "",
) -> Response:
    """Issue a reviewed report; what stands against it is shown, all at once."""
    own_report(session, who, snapshot_id)
    yes = {"waived": waived == "yes", "four_eyes": house.four_eyes}
    try:
        issuing.issue(session, snapshot_id, **yes, now=now, actor=who.actor)
    except (NotReady, AnotherMustIssue) as error:
        session.rollback()
        view = own_snapshot(session, who, snapshot_id)
        status = 409 if isinstance(error, NotReady) else 403
        return frozen_page(request, session, who, view, house=house, now=now, refused=True, status=status)
    return RedirectResponse(f"/reports/{snapshot_id}", 303)


@router.post("/{snapshot_id:identifier}/successor")
@rule(Permission.EXPORT)
def succeed(session: WriteSession, who: Who, now: Now, snapshot_id: str) -> Response:
    """Begin another report in the place of this one, with its words and the figures of today."""
    line = own_report(session, who, snapshot_id)
    draft = issuing.succeed(session, line.id, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{draft.snapshot_id}", 303)
