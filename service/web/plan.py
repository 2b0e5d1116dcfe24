"""Staff page of the dissemination plan: what is late first, how each line stands, the targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.dissemination import actions, checklists, guest_tasks, planning, rules, store
from service.dissemination.document import Bar, BarRow
from service.dissemination.progress import rows
from service.dissemination.promising import GuestTaskKind
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.values.figures import Profile
from service.dissemination.values.plan import LineStatus, PlanLine
from service.events.values import Project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.reports import voice
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, saved: str = "") -> Response:
    """Show the plan."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    return _page(request, session, who, project, now=now, saved=saved)


def _page(
    request: Request,
    session: Session,
    who: Principal,
    project: Project,
    *,
    now: datetime,
    typed: dict[str, str] | None = None,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    """Show the plan; with an error also what was typed, in the line's own form."""
    lines = actions.read_plan(session, project.id)
    today = local_time(now, project.time_zone).date()
    late = rules.late_lines(lines, today)
    view = actions.live_figures(session, project.id, Profile.INTERNAL, now)
    return page(
        request,
        "plan/show.html",
        project=project,
        lines=late + [line for line in lines if line not in late],
        late=len(late),
        week=_week(session, project, [*late, *rules.lines_due(lines, today)], now=now),
        today=today,
        draft=planning.read_draft(session, project.id),
        delivered=sum(line.status is LineStatus.DELIVERED for line in lines),
        audiences={audience.key: audience.name for audience in store.read_audiences(session)},
        files=files.count(session, project.id, Claim.LINE),
        targets=[_bullet(row) for row in rows(view, voice(who.locale))],
        statuses=[s.value for s in LineStatus],
        typed=typed or {"line": ""},
        errors={error.field or "status": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )


FOR_GUESTS = {
    GuestTaskKind.CALL: "Call a guest",
    GuestTaskKind.SEND_COPY: "Send a guest a copy",
    GuestTaskKind.INTRODUCE: "Introduce a guest to someone",
    GuestTaskKind.SMALL_GRANT: "Answer a guest’s small-grant enquiry",
    GuestTaskKind.MEDIA: "Follow up with the media",
}


@dataclass(frozen=True, slots=True)
class Due:
    """Something late or due within the week: a line of the plan, or a task of an event."""

    due_on: date
    title: str
    about: str  # a line's status, or the task's event
    is_task: bool
    href: str


def _week(session: Session, project: Project, lines: list[PlanLine], *, now: datetime) -> list[Due]:
    """Return what needs someone this week, the longest late first."""
    found = [Due(line.due_on, line.title, line.status.value, False, f"#line-{line.id}") for line in lines]
    for one in checklists.read_needed(session, project.id, now=now):
        task, due_on = one.dated.task, one.dated.due_on
        if due_on:
            href = f"/events/{one.event.id}/checklist#task-{task.id}"
            found.append(Due(due_on, task.text, one.event.title, True, href))
    for needed in guest_tasks.read_needed(session, project.id, now=now):
        href = f"/events/{needed.event.id}/guest-tasks#task-{needed.task.id}"
        found.append(Due(needed.task.due_on, FOR_GUESTS[needed.task.kind], needed.event.title, True, href))
    return sorted(found, key=lambda one: (one.due_on, one.is_task))


def _bullet(row: BarRow) -> dict[str, Any]:
    """Return a row for the macro `bullets`; nothing is drawn on the track of a figure that is not known."""
    bar = row.bar or Bar(full=1.0, actual=0.0)
    geometry = {name: getattr(bar, name) for name in ("full", "actual", "line", "expected", "behind")}
    return {"label": row.label, "value": row.value, "words": row.words, "state": row.state, **geometry}


@router.post("/{line_id:identifier}")
@rule(Permission.EDIT)
def change(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    line_id: str,
    status: Annotated[str, Form()] = "",
    evidence: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Say how a line stands; a form that cannot be used comes back with what was typed."""
    project = current_project(request, session, who)
    if project is None or line_id not in {line.id for line in actions.read_plan(session, project.id)}:
        raise store.UnknownPlanLine("There is no such line in the plan.")
    try:
        actions.set_plan_line(session, line_id, status, evidence, reason, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        typed = {"line": line_id, "status": status, "evidence": evidence, "reason": reason}
        return _page(request, session, who, project, now=now, typed=typed, error=error)
    return RedirectResponse(f"/plan?project={project.id}&saved={line_id}#line-{line_id}", 303)
