"""Staff pages of outputs: what the project makes, out of what, and when it was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import editing, planning
from service.dissemination.store import planning as plan_store
from service.dissemination.values.plan import Output
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/outputs")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("")
@rule(Permission.READ)
def show_list(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show what the project makes."""
    project = own_project(request, session, who)
    outputs = plan_store.read_outputs(session, project.id)
    titles = {output.key: output.title for output in outputs}
    return page(request, "plan/outputs.html", project=project, outputs=_by_kind(outputs), titles=titles, saved=saved)


def _by_kind(outputs: list[Output]) -> list[Output]:
    return sorted(outputs, key=lambda one: (editing.KINDS.index(one.kind), one.number or 0, one.key))


@router.get("/new")
@rule(Permission.EDIT)
def new(request: Request, session: ReadSession, who: Who) -> Response:
    """Show an empty output."""
    return _form(request, session, own_project(request, session, who), None, {"kind": "publication"})


@router.post("/new")
@rule(Permission.EDIT)
def create(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in an output; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        output = planning.add_output(session, project.id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(request, session, project, None, form, error=error)
    return RedirectResponse(f"/plan/outputs?project={project.id}&saved={output.id}", 303)


@router.get("/{output_id:identifier}")
@rule(Permission.EDIT)
def edit(request: Request, session: ReadSession, who: Who, output_id: str) -> Response:
    """Show an output in a form."""
    project = own_project(request, session, who)
    output = plan_store.read_output(session, project.id, output_id)
    return _form(request, session, project, output, _values(output))


@router.post("/{output_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, output_id: str) -> Response:
    """Change an output; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    output = plan_store.read_output(session, project.id, output_id)
    try:
        planning.edit_output(session, project.id, output_id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(request, session, project, output, form, error=error)
    return RedirectResponse(f"/plan/outputs?project={project.id}&saved={output_id}", 303)


def _wishes(form: Mapping[str, str]) -> dict[str, Any]:
    wishes: dict[str, Any] = {name: form[name] for name in editing.OUTPUT_FIELDS if name in form}
    if "languages" in wishes:
        wishes["languages"] = wishes["languages"].replace(",", " ").split()
    return wishes


def _values(output: Output) -> dict[str, str]:
    values = {name: str(getattr(output, name) or "") for name in editing.OUTPUT_FIELDS}
    return values | {"languages": ", ".join(output.languages)}


def _form(
    request: Request,
    session: Session,
    project: Project,
    output: Output | None,
    values: Mapping[str, str],
    *,
    error: Invalid | None = None,
) -> Response:
    others = [one for one in plan_store.read_outputs(session, project.id) if output is None or one.id != output.id]
    return page(
        request,
        "plan/output.html",
        project=project,
        output=output,
        values=dict.fromkeys(editing.OUTPUT_FIELDS, "") | dict(values),
        errors={error.field or "title": error.sentence} if error else {},
        others=[(other.key, other.title) for other in _by_kind(others)],
        kinds=editing.KINDS,
        status=422 if error else 200,
    )
